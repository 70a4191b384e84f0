"""Steps as Prefect tasks: each is shown in the UI by its label and counted in the run's ledger."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.futures import PrefectFuture
from prefect.tasks import Task

from flows import intake
from flows.run import Run
from flows.steps import Trained
from isogloss.errors import Retryable

Key = TypeVar("Key")
Result = TypeVar("Result")

# Steps that read the hub, a mirror or a treebank's repository, whose connections break, are tried again after
# so many seconds. Calls to services wait inside of a step, and longer.
_READ_FROM_OUTSIDE = (intake.read_corpus, intake.fetch_model)
_RETRY_AFTER_S = [2.0, 10.0, 30.0]


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

    step = task(
        name=function.__name__,
        task_run_name=label,
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=len(_RETRY_AFTER_S) if function in _READ_FROM_OUTSIDE else 0,
        retry_delay_seconds=_RETRY_AFTER_S,
        retry_condition_fn=_waiting_may_help,
    )(counted)
    return step.submit(*arguments)


def _waiting_may_help(step: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    return isinstance(state.result(raise_on_failure=False), Retryable)


def gather(futures: Mapping[Key, PrefectFuture[Result]]) -> dict[Key, Result]:
    """Wait for all; the first that failed raises."""
    return {key: future.result() for key, future in futures.items()}
