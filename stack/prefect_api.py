"""The few calls to Prefect's REST API that the stack needs.

Prefect's own client would cost every `isogloss` command two seconds of imports; these are a handful of plain
requests.
"""

import base64
import json
import secrets
import time
import urllib.error
import urllib.request
import uuid
from typing import Any

from stack.checkout import Checkout
from stack.errors import StackError
from stack.state import write_private

# On SQLite a busy Prefect answers 503 and has done nothing: asked again, it does.
_BUSY = 503
_BUSY_PATIENCE_S = 30.0

AUTH = "PREFECT_API_AUTH_STRING"
"""What every client of the checkout's Prefect server must show: user and password."""

_DOTENV = "# Written by `isogloss up`, for the prefect command in this folder; `isogloss down` removes it.\n"

_TERMINAL = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})


def auth_string(checkout: Checkout) -> str:
    """The checkout's user and password, made at the first call and readable by its owner alone.

    Whoever may start flow runs here runs commands as the owner of the stack: every user of the machine could,
    and any web page that one of them reads.
    """
    if not checkout.prefect_password.exists():
        write_private(checkout.prefect_password, f"isogloss:{secrets.token_hex(32)}\n")
    return checkout.prefect_password.read_text().strip()


def write_dotenv(checkout: Checkout, settings: dict[str, str]) -> None:
    """Let `prefect` as typed in the checkout reach the stack. A file of the user's own stays as it is."""
    path = checkout.root / ".env"
    own_state = checkout.state.parent == checkout.root  # else several stacks would share one file
    if own_state and (not path.exists() or path.read_text().startswith(_DOTENV)):
        lines = "".join(f"{name}={settings[name]}\n" for name in ("PREFECT_API_URL", AUTH))
        write_private(path, _DOTENV + lines)


def remove_dotenv(checkout: Checkout) -> None:
    """Remove what `write_dotenv` wrote."""
    path = checkout.root / ".env"
    if checkout.state.parent == checkout.root and path.exists() and path.read_text().startswith(_DOTENV):
        path.unlink()


class PrefectApiError(StackError):
    """The API did not answer, or answered with an error. `status` is the HTTP status, 0 without an answer."""

    def __init__(self, problem: str, status: int = 0) -> None:
        super().__init__(problem, "See `isogloss status` and `isogloss logs prefect`.")
        self.status = status


class PrefectApi:
    """A client of one Prefect server; every method raises `PrefectApiError`."""

    def __init__(self, url: str, auth: str, timeout_s: float = 10) -> None:
        """`url` as in PREFECT_API_URL: ends in /api; `auth` as `auth_string` gives it."""
        self._url = url.rstrip("/")
        self._auth = base64.b64encode(auth.encode()).decode()
        self._timeout_s = timeout_s
        # The server is on loopback: a proxy that the environment names must not be asked for it.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def get(self, path: str) -> Any:
        """GET, decoded from JSON."""
        return self._call("GET", path, None)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """POST of JSON, decoded from JSON."""
        return self._call("POST", path, body)

    def deployment_id(self, name: str) -> str:
        """The id of a deployment `flow/name`."""
        return str(self.get(f"/deployments/name/{name}")["id"])

    def start_run(self, deployment: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Start a deployment (`flow/name`) and return the flow run."""
        identifier = self.deployment_id(deployment)
        body = {"parameters": parameters, "idempotency_key": uuid.uuid4().hex}
        run: dict[str, Any] = self.post(f"/deployments/{identifier}/create_flow_run", body)
        return run

    def flow_run(self, identifier: str) -> dict[str, Any]:
        """The flow run, with its `state`."""
        run: dict[str, Any] = self.get(f"/flow_runs/{identifier}")
        return run

    def active_runs(self) -> list[dict[str, Any]]:
        """Flow runs that a worker has taken and that have not ended."""
        states = {"type": {"any_": ["PENDING", "RUNNING", "CANCELLING"]}}
        runs: list[dict[str, Any]] = self.post("/flow_runs/filter", {"flow_runs": {"state": states}})
        return runs

    def set_state(self, flow_run: str, kind: str, message: str) -> None:
        """Force a flow run into a state: SCHEDULED, CANCELLING, CANCELLED, CRASHED."""
        state = {"type": kind, "message": message}
        self.post(f"/flow_runs/{flow_run}/set_state", {"state": state, "force": True})

    def log_tail(self, flow_run: str, count: int) -> list[str]:
        """The newest log lines of a flow run, oldest first."""
        of_this_run = {"flow_run_id": {"any_": [flow_run]}}
        body = {"logs": of_this_run, "sort": "TIMESTAMP_DESC", "limit": count}
        return [str(entry["message"]) for entry in reversed(self.post("/logs/filter", body))]

    def _call(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        give_up = time.monotonic() + _BUSY_PATIENCE_S
        while True:
            try:
                return self._call_once(method, path, body)
            except PrefectApiError as error:
                if error.status != _BUSY or time.monotonic() > give_up:
                    raise
            time.sleep(0.5)

    def _call_once(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Basic {self._auth}"}
        request = urllib.request.Request(self._url + path, content, headers, method=method)
        try:
            with self._opener.open(request, timeout=self._timeout_s) as response:
                return json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            detail = error.read(2000).decode(errors="replace")
            raise PrefectApiError(
                f"Prefect answered {error.code} to {method} {path}: {detail}", error.code
            ) from error
        except (OSError, ValueError) as error:
            raise PrefectApiError(f"Prefect's API at {self._url} does not answer: {error}") from error


def is_terminal(state_type: str) -> bool:
    """Has a flow run in this type of state ended?"""
    return state_type in _TERMINAL
