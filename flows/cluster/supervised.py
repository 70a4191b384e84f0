"""A flow run in a pod: executed to its end, and an exit code that tells the Job whether to try again."""

import logging
import os
import signal
import subprocess
import sys
from typing import Any
from uuid import UUID

from flows.cluster.server import wait_for_server
from isogloss.errors import NotFound

log = logging.getLogger(__name__)

FLOW = "replicate"

FAILED = 1
"""Exit code of a run that another try cannot mend; the pod failure policy ends the Job on it."""
INTERRUPTED = 75
"""Exit code of a run that was cut off (sysexits' EX_TEMPFAIL); the Job starts it again, and it resumes."""

_POLL_S = 2.0


class Supervised:
    """One flow run, executed by Prefect's engine in a child process.

    The engine ends with 0 whatever becomes of the run, and knows nothing of a pod that replaces another: so
    the run's state on the server decides the exit code, and a run that was cut off is taken up again under
    its own id.
    """

    def __init__(self, flow_run: str) -> None:
        self.flow_run = flow_run
        self._engine: subprocess.Popen[bytes] | None = None
        self._told_to_stop = False

    def to_the_end(self) -> int:
        """Run it; the exit code."""
        from prefect.states import Pending

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        state = self._state()
        if state in ("COMPLETED", "CANCELLED"):
            return 0
        if state != "SCHEDULED":  # a pod before this one was lost; what it finished is found by its keys
            self._set_state(Pending(message="started in a new pod; what is finished is reused"))
        environment = os.environ | {"PREFECT__FLOW_RUN_ID": self.flow_run}
        self._engine = subprocess.Popen([sys.executable, "-m", "prefect.engine"], env=environment)
        if self._told_to_stop:
            self._engine.terminate()
        self._wait()
        return self._verdict()

    def _stop(self, number: int, _: object) -> None:
        self._told_to_stop = True
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
                if self._state() in ("CANCELLING", "CANCELLED"):
                    self._engine.terminate()
                    self._engine.wait()
                    return

    def _verdict(self) -> int:
        from prefect.states import Cancelled

        state = self._state()
        log.info("the run has ended", extra={"flow_run": self.flow_run, "state": state})
        if state == "CANCELLING":
            self._set_state(Cancelled(message="canceled while it ran"))
            return FAILED
        if state == "COMPLETED":
            return 0
        return FAILED if state in ("FAILED", "CANCELLED") else INTERRUPTED

    def _state(self) -> str:
        from prefect.client.orchestration import get_client

        try:
            with get_client(sync_client=True) as client:
                found = client.read_flow_run(UUID(self.flow_run)).state_type
            return found.value if found is not None else "UNKNOWN"
        except Exception:
            log.warning("Prefect does not answer", exc_info=True)
            return "UNKNOWN"

    def _set_state(self, state: Any) -> None:
        from prefect.client.orchestration import get_client

        with get_client(sync_client=True) as client:
            client.set_flow_run_state(self.flow_run, state, force=True)


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
            raise NotFound(
                f"no deployment {FLOW}/{name}: has the worker started (kubectl logs deploy/worker)?"
            ) from None
        # Pending, not scheduled: the worker must not start a second pod for it.
        made = client.create_flow_run_from_deployment(deployment.id, state=Pending(), idempotency_key=key)
    log.info("flow run", extra={"flow_run": str(made.id), "deployment": name})
    return str(made.id)
