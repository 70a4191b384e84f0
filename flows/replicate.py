"""The flow `replicate`: an experiment from its data to its report.

What is run is the graph of `flows/graph.py`; when, `flows/schedule.py` decides; what comes of it is filed by
`flows/filing.py`. Prefect gives scheduling and the UI; what is done already is decided by the services' keys,
so that a second run computes only what is missing.
"""

import json
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from prefect import flow, runtime
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.exceptions import TerminationSignal
from prefect.states import Cancelled, Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner

from flows import filing, publish
from flows.estimate import Machine
from flows.graph import build
from flows.ledger import Ledger
from flows.load import load
from flows.nodes import Outcome
from flows.plan import make_plan
from flows.run import Run
from flows.schedule import THREADS, run_graph
from flows.stop import on_condition, on_signals
from isogloss import telemetry
from isogloss.errors import IsoglossError, Stopped
from isogloss.settings import settings

WHOLE, NOTHING, WITH_FAILURES = 0, 1, 4
"""Exit codes of the command."""

_RUNNER: Any = ThreadPoolTaskRunner(max_workers=THREADS)
_CANCELED = "canceled in Prefect"
_SUPERVISOR_GONE = "the supervisor is gone"
_LOOK_EVERY_S = 2.0


@flow(
    name="replicate",
    flow_run_name="{profile}",
    task_runner=_RUNNER,
    persist_result=False,
)
def replicate(
    profile: str = "sample",
    data: str | None = None,
    tasks: list[str] | None = None,
    languages: list[str] | None = None,
    tables: list[str] | None = None,
    options: dict[str, Any] | None = None,
    max_gpu_hours: float | None = None,
) -> Any:
    """Run an experiment, by default the paper's tables on a small corpus.

    - profile: what to run, by name (sample, small, paper: files in flows/profiles) or by path
    - data: directory or s3://bucket/prefix of a mirror to read instead of the profile's source
    - tasks: part of the profile's
    - languages: ISO 639-3 codes
    - tables: part of the profile's, such as table1
    - options: fields of the profile by dotted name, such as {"table3.seeds": 5}
    - max_gpu_hours: refuse, before anything runs, when what is missing is estimated to need more
    """
    config = settings()
    ledger = Ledger(config.state_dir / "runs" / str(runtime.flow_run.id))
    asked: dict[str, Any] = {
        "data": data,
        "tasks": tasks,
        "languages": languages,
        "tables": tables,
        "options": options,
    }
    try:
        chosen = load(profile, **asked)
        ledger.tell = publish.progress_bar(chosen.name)
        telemetry.configure("flow", config.otlp_endpoint)
        run = Run(chosen, config, ledger)
        name = str(runtime.flow_run.id)
        with _stopping(run), telemetry.span("replicate", run=name, profile=chosen.name):
            return _replicate(run, max_gpu_hours, _command(profile, **asked))
    except Stopped as stopped:
        message = f"stopped ({stopped}); what is done is kept, and the same command goes on from there"
        ledger.close(None, "", message, NOTHING)
        if str(stopped) == _CANCELED:
            return Cancelled(message=message)
        raise TerminationSignal(15) from stopped  # Prefect then calls it crashed: a new pod takes it up again
    except BaseException as error:
        message = error.message if isinstance(error, IsoglossError) else f"{type(error).__name__}: {error}"
        ledger.close(None, "", message, NOTHING)
        raise
    finally:
        telemetry.flush()


def _replicate(run: Run, max_gpu_hours: float | None, command: str) -> State[Any]:
    started = datetime.now(UTC)
    graph = build(run.profile)
    if max_gpu_hours is not None:
        run.ledger.phase("estimating")
        machine = Machine(run.config.gpu_tflops, run.config.mfu)
        make_plan(run.profile, run, machine).check(max_gpu_hours)
    outcomes = run_graph(run, graph)
    run.ledger.phase("writing the report")
    name = f"{started:%Y%m%d-%H%M%S}-{run.profile.name}"
    findings = filing.file_outcomes(run, graph, outcomes)
    record = findings.record(name, started, datetime.now(UTC), command)
    index, console = publish.publish_report(run, record)
    code, message = _verdict(outcomes)
    run.ledger.close(index, console, message, code)
    if code == WHOLE:
        return Completed(message=f"report: {index}")
    name = "Incomplete" if code == WITH_FAILURES else "Failed"
    return Failed(name=name, message=f"{message}; report: {index}")


def _verdict(outcomes: dict[str, Outcome]) -> tuple[int, str | None]:
    """The exit code, and what to say of a run that is not whole."""
    failed = {name: outcome for name, outcome in outcomes.items() if outcome.ending == "failed"}
    if not failed:
        return WHOLE, None
    lost = sum(outcome.ending == "not run" for outcome in outcomes.values())
    first = "; ".join(f"{name}: {outcome.why}" for name, outcome in list(failed.items())[:3])
    message = f"{len(failed)} of {len(outcomes)} steps failed, {lost} were not run because of them: {first}"
    found = any(
        name.startswith(("train ", "embed ")) and item.ending == "done" for name, item in outcomes.items()
    )
    return WITH_FAILURES if found else NOTHING, message


@contextmanager
def _stopping(run: Run) -> Iterator[None]:
    """Whoever may stop a run: a signal, a cancel in Prefect, the death of the stack that it runs on."""
    stack = int(os.environ.get("ISOGLOSS_SUPERVISOR_PID", "0"))
    flow_run = runtime.flow_run.id  # known in this thread only

    def looks() -> str:
        if stack and not _alive(stack):
            return _SUPERVISOR_GONE
        with suppress(Exception), get_client(sync_client=True) as client:  # a server that is away
            state = client.read_flow_run(flow_run).state
            if state is not None and state.type.value in ("CANCELLING", "CANCELLED"):
                return _CANCELED
        return ""

    try:
        with on_signals(run.stop), on_condition(run.stop, looks, _LOOK_EVERY_S):
            yield
    finally:
        run.close()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _command(
    name: str,
    data: str | None,
    tasks: list[str] | None,
    languages: list[str] | None,
    tables: list[str] | None,
    options: dict[str, Any] | None,
) -> str:
    """What to type to start this run again."""
    parts = ["isogloss replicate", f"--profile {shlex.quote(name)}"]
    parts += [f"--data {shlex.quote(data)}"] if data else []
    for option, values in (("tasks", tasks), ("languages", languages), ("tables", tables)):
        parts += [f"--{option} {','.join(values)}"] if values else []
    parts += [
        f"--set {shlex.quote(f'{field}={json.dumps(value)}')}" for field, value in (options or {}).items()
    ]
    return " ".join(parts)
