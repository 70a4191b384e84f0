"""Starting a flow on the stack and following it to its end."""

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from stack.checkout import Checkout
from stack.errors import StackError
from stack.prefect_api import PrefectApi, PrefectApiError, auth_string, is_terminal
from stack.processes import tail
from stack.state import StackStatus, is_running, read_status

_POLL_S = 0.3
_SERVER_PATIENCE_S = 60.0
"""Seconds that Prefect's server may be away before a run is given up: a restart takes 5 to 10."""


@dataclass(frozen=True)
class Progress:
    """Where a run is: what the flow wrote to progress.json, and Prefect's state of the run."""

    state: str = "Scheduled"
    phase: str = ""
    done: int = 0
    total: int = 0
    reused: int = 0
    computed: int = 0
    failed: int = 0
    message: str = ""


@dataclass(frozen=True)
class Outcome:
    """How a run ended: the command's exit code (0 whole, 4 with failed cells, 1 nothing), the text that the
    flow wrote for the console, the report's path, and the error if it failed.
    """

    exit_code: int
    console: str = ""
    report: str | None = None
    error: str = ""
    tail: str = field(default="", repr=False)


OnProgress = Callable[[Progress], None]
OnNote = Callable[[str], None]


class Run:
    """One flow run on the stack of a checkout."""

    def __init__(self, checkout: Checkout, api: PrefectApi, identifier: str, name: str) -> None:
        self._checkout = checkout
        self._api = api
        self._restarts: dict[str, int] = {}  # of each part, as told last
        self.id = identifier
        self.name = name

    @classmethod
    def start(
        cls, checkout: Checkout, stack: StackStatus, deployment: str, parameters: dict[str, Any]
    ) -> "Run":
        """Start a deployment, named `flow/deployment`."""
        api = PrefectApi(f"{stack.ui}/api", auth_string(checkout))
        try:
            run = api.start_run(deployment, parameters)
        except PrefectApiError as error:
            if error.status == 404:
                raise StackError(f"there is no deployment {deployment!r}.", "See prefect.yaml.") from error
            if error.status in (409, 422):
                raise StackError(f"the flow refuses the parameters: {error.problem}") from error
            raise
        return cls(checkout, api, str(run["id"]), str(run["name"]))

    def follow(self, on_progress: OnProgress, on_note: OnNote = lambda note: None) -> Outcome:
        """Wait for the run's end; `on_note` is told of parts that died and were started again.

        Raises:
            StackError: the stack went away, a part keeps dying, or neither Prefect nor the run was heard
                for a minute.
        """
        last_answer = time.monotonic()
        while True:
            self._check_stack(on_note)
            try:
                state = self._api.flow_run(self.id)["state"]
                last_answer = time.monotonic()
            except PrefectApiError:
                # On a busy machine the server may be slow while the run goes on: it is heard here.
                if min(time.monotonic() - last_answer, self._silent_s()) > _SERVER_PATIENCE_S:
                    raise
            else:
                on_progress(self._progress(str(state["name"])))
                if is_terminal(str(state["type"])):
                    return self._outcome(state)
            time.sleep(_POLL_S)

    def _silent_s(self) -> float:
        """Seconds since the run last said how far it is."""
        try:
            return time.time() - (self._checkout.run(self.id) / "progress.json").stat().st_mtime
        except FileNotFoundError:
            return math.inf

    def cancel(self, message: str) -> None:
        """Ask the worker to end the run."""
        self._api.set_state(self.id, "CANCELLING", message)

    def _check_stack(self, on_note: OnNote) -> None:
        if not is_running(self._checkout):
            log = self._checkout.log("supervisor")
            raise StackError("the stack went away.", f"See {log}", tail(log))
        status = read_status(self._checkout)
        for part in status.parts if status is not None else []:
            if part.phase == "failed":
                log = self._checkout.log(part.name)
                raise StackError(
                    f"{part.name} keeps dying ({part.last_exit}).", f"The whole log is {log}", tail(log)
                )
            if part.restarts > self._restarts.setdefault(part.name, part.restarts):
                self._restarts[part.name] = part.restarts
                on_note(f"{part.name} died ({part.last_exit}) and was started again; the run goes on")

    def _progress(self, state: str) -> Progress:
        written = self._read_json("progress.json")
        known = {name: written[name] for name in Progress.__dataclass_fields__ if name in written}
        return Progress(**{**known, "state": state})

    def _outcome(self, state: dict[str, Any]) -> Outcome:
        written = self._read_json("outcome.json")
        try:
            console = (self._checkout.run(self.id) / "console.txt").read_text()
        except FileNotFoundError:
            console = ""
        report, code = written.get("report"), int(written.get("exit_code", 1))
        if state["type"] == "COMPLETED":
            return Outcome(0, console, report)
        if written.get("error"):  # meant for people, unlike the traceback in the log
            return Outcome(code or 1, console, report, str(written["error"]))
        error = f"the run ended as {state['name']}: {state.get('message') or 'no message'}"
        return Outcome(1, console, report, error, self._log_tail())

    def _log_tail(self) -> str:
        """The end of the run's own log, which is whole by now; Prefect's copy of it may arrive later."""
        own = tail(self._checkout.run(self.id) / "flow.log")
        if own:
            return own
        try:
            return "\n".join(self._api.log_tail(self.id, 25))
        except PrefectApiError:
            return ""

    def _read_json(self, name: str) -> dict[str, Any]:
        try:
            content = json.loads((self._checkout.run(self.id) / name).read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}


def active_runs(checkout: Checkout, status: StackStatus) -> list[str]:
    """Names of the runs that are under way on the stack; none where Prefect's server does not answer."""
    try:
        return [
            str(run["name"]) for run in PrefectApi(f"{status.ui}/api", auth_string(checkout)).active_runs()
        ]
    except PrefectApiError:
        return []
