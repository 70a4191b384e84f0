"""Steps as Prefect tasks: each is shown in the UI by its label and counted in the run's ledger."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture

from flows.run import Run
from flows.steps import Trained

Key = TypeVar("Key")
Result = TypeVar("Result")


def submit(function: Callable[..., Result], label: str, run: Run, *arguments: Any) -> PrefectFuture[Result]:
    """Run a step, `function(run, *arguments)`, as a Prefect task and count it in the ledger."""

    def counted(*inner: Any) -> Result:
        result = function(run, *inner)
        reused = result.result.record.reused if isinstance(result, Trained) else None
        if isinstance(result, Trained):
            score = result.evaluation(run.profile.reported_split).score
            get_run_logger().info("%s: %.2f%s", result.cell.label, score, " (reused)" if reused else "")
        run.ledger.finished(label, reused=reused)
        return result

    step = task(name=function.__name__, task_run_name=label, cache_policy=NO_CACHE, persist_result=False)(
        counted
    )
    return step.submit(*arguments)


def gather(futures: Mapping[Key, PrefectFuture[Result]]) -> dict[Key, Result]:
    """Wait for all; the first that failed raises."""
    return {key: future.result() for key, future in futures.items()}
