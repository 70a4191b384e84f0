"""A flow run in a pod: executed to its end, and an exit code that tells the Job whether to try again."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from flows.cluster.server import wait_for_server
from isogloss.errors import Unavailable
from isogloss.settings import settings

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

FLOW = "replicate"

WHOLE = 0
"""Exit code of a run that has measured all that was asked."""
FAILED = 1
"""Exit code of a run that another try cannot mend; the pod failure policy ends the Job on it."""
PARTIAL = 4
"""Exit code of a run with a report in which cells are missing; the Job ends on it, too."""
INTERRUPTED = 75
"""Exit code of a run that was cut off (sysexits' EX_TEMPFAIL); the Job starts it again, and it resumes."""

STOPPED = "Stopped"
"""Name of the state of a run whose pod was stopped: Prefect's type CRASHED, which does not run."""

_POLL_S = 2.0


class Supervised:
    """One flow run, executed by Prefect's engine in a child process.

    The engine ends with 0 whatever becomes of the run, and knows nothing of a pod that replaces another: so
    what the run left (`outcome.json`) and its state on the server decide the exit code, and a run that was
    cut off is taken up again under its own id.
    """

    def __init__(self, flow_run: str) -> None:
        self.flow_run = flow_run
        self._engine: subprocess.Popen[bytes] | None = None
        self._ends_by: float | None = None  # when what was told to stop is killed

    def to_the_end(self) -> int:
        """Run it; the exit code."""
        from prefect.states import Pending

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        wait_for_server()
        state = self._state()
        if state == "COMPLETED":
            return WHOLE
        if state in ("CANCELLING", "CANCELLED"):  # while this pod was on its way
            return self._canceled()
        if state != "SCHEDULED":  # a pod before this one was lost; what it finished is found by its keys
            self._set_state(Pending(message="started in a new pod; what is finished is reused"))
        environment = os.environ | {"PREFECT__FLOW_RUN_ID": self.flow_run}
        command = [sys.executable, "-m", "flows.cluster.engine", str(os.getpid())]
        self._engine = subprocess.Popen(command, env=environment)
        if self._ends_by is not None:  # SIGTERM came before there was an engine
            self._engine.terminate()
        self._wait()
        return self._verdict()

    def _stop(self, *_: object) -> None:
        """Tell the engine, once; after `ISOGLOSS_DRAIN_S` it is killed."""
        if self._ends_by is None:
            self._ends_by = time.monotonic() + settings().drain_s
            if self._engine is not None:
                self._engine.terminate()

    def _wait(self) -> None:
        """Until the engine ends; a run that is canceled in the UI is ended."""
        assert self._engine is not None
        while True:
            try:
                self._engine.wait(_POLL_S)
                return
            except subprocess.TimeoutExpired:
                if self._ends_by is None:
                    if self._state() in ("CANCELLING", "CANCELLED"):
                        self._stop()
                elif time.monotonic() > self._ends_by:
                    log.warning("the run does not stop: killed", extra={"flow_run": self.flow_run})
                    self._engine.kill()

    def _verdict(self) -> int:
        from prefect.states import Crashed

        state = self._state()
        log.info("the run has ended", extra={"flow_run": self.flow_run, "state": state})
        if state in ("CANCELLING", "CANCELLED") or (state == "CRASHED" and self._was_canceled()):
            return self._canceled()
        told_to_stop = self._ends_by is not None
        if state == "COMPLETED" or (state == "FAILED" and not told_to_stop):
            code = self._code_of_the_run(WHOLE if state == "COMPLETED" else FAILED)
            if code == WHOLE or not told_to_stop:
                return code
        if told_to_stop:
            # What Prefect holds for running is counted for scaling: GPUs would be kept for nothing.
            message = "its pod was stopped; the Job's next pod, or another Job, goes on"
            self._set_state(Crashed(name=STOPPED, message=message))
        return INTERRUPTED

    def _code_of_the_run(self, otherwise: int) -> int:
        """The exit code that the run itself wrote, if it did."""
        outcome = settings().state_dir / "runs" / self.flow_run / "outcome.json"
        try:
            written = json.loads(outcome.read_text())
        except (FileNotFoundError, ValueError):
            return otherwise
        code = written.get("exit_code") if isinstance(written, dict) else None
        return code if isinstance(code, int) else otherwise

    def _was_canceled(self) -> bool:
        """Whether a user asked to cancel it before the engine, told to stop, wrote that it has crashed."""
        states = _asked(lambda prefect: prefect.read_flow_run_states(UUID(self.flow_run))) or []
        types = [state.type.value for state in sorted(states, key=lambda state: state.timestamp)]
        before = [name for name in types if name != "CRASHED"]
        return bool(before) and before[-1] in ("CANCELLING", "CANCELLED")

    def _canceled(self) -> int:
        from prefect.states import Cancelled

        self._set_state(Cancelled(message="canceled by a user"))
        return FAILED

    def _state(self) -> str:
        state = _asked(lambda prefect: prefect.read_flow_run(UUID(self.flow_run)).state_type)
        return state.value if state is not None else "UNKNOWN"

    def _set_state(self, state: Any) -> None:
        """Tell Prefect; the worker's upkeep does where this cannot (`flows.cluster.upkeep`)."""
        _asked(lambda prefect: prefect.set_flow_run_state(UUID(self.flow_run), state, force=True))


def _asked(question: "Callable[[SyncPrefectClient], Answer]") -> Answer | None:
    """Prefect's answer, or None. Whatever keeps it from answering (its client raises errors of many
    libraries) is logged and no more: the pod has to end with the run's own exit code all the same.
    """
    from prefect.client.orchestration import get_client

    try:
        with get_client(sync_client=True) as client:
            return question(client)
    except Exception:
        log.warning("Prefect does not answer", exc_info=True)
        return None


def flow_run_of_this_pod(name: str) -> str:
    """The flow run of this pod: given by Prefect's worker, or made, once for all pods of a Job."""
    given = os.environ.get("PREFECT__FLOW_RUN_ID")
    if given:
        return given
    from prefect.client.orchestration import get_client
    from prefect.exceptions import ObjectNotFound
    from prefect.states import Pending

    wait_for_server()
    key = os.environ.get("ISOGLOSS_RUN_KEY") or None  # the Job's uid
    with get_client(sync_client=True) as client:
        try:
            deployment = client.read_deployment_by_name(f"{FLOW}/{name}")
        except ObjectNotFound:
            hint = "has the worker started (kubectl logs deploy/worker -c prepare)?"
            raise Unavailable(f"no deployment {FLOW}/{name}: {hint}") from None
        # What this pod is told, which `kubectl set env` may have changed, goes before the installation's.
        own = {"profile": settings().profile, "data": settings().data}
        # Pending, not scheduled: the worker must not start a second pod for it.
        made = client.create_flow_run_from_deployment(
            deployment.id,
            parameters={**deployment.parameters, **own},
            state=Pending(),
            idempotency_key=key,
        )
    log.info("flow run", extra={"flow_run": str(made.id), "deployment": name})
    return str(made.id)
