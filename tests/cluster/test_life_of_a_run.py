"""A run in a pod, from its start to each of its ends: exit code, state in Prefect, and what is counted agree.

Prefect's server and engine are real (on SQLite); the flow is a stand-in of one cell (`waiting_flow.py`), and
there is no Kubernetes: signals are sent as the kubelet sends them.
"""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Cancelling, Pending, Running

from flows.cluster import upkeep
from flows.cluster.supervised import FAILED, INTERRUPTED, PARTIAL, STOPPED, WHOLE
from flows.cluster.upkeep import Job, Upkeep
from tests.conftest import ROOT
from tests.k8s.rendering import render

_LONG = 3600.0


class Pod:
    """The process of a run's pod."""

    def __init__(self, server: "Server", job: str, **environment: str) -> None:
        variables = os.environ | {
            "PREFECT_API_URL": server.url,
            "PREFECT_HOME": str(server.folder / "home"),
            "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
            "ISOGLOSS_RUN_KEY": job,
            "ISOGLOSS_STATE_DIR": str(server.folder / "state"),
            **environment,
        }
        command = [sys.executable, "-m", "flows.cluster", "run", "full"]
        self.process = subprocess.Popen(command, env=variables, cwd=ROOT)
        self.job = job
        self._server = server
        server.pods.append(self)

    @property
    def run(self) -> FlowRun:
        """Its flow run."""
        runs = [run for run in self._server.client.read_flow_runs() if run.idempotency_key == self.job]
        return runs[0]

    def engine(self) -> int:
        """The process id of Prefect's engine, when the cell has begun."""
        until(lambda: self._server.waiting_cells(self.run.id) > 0)
        return int((self._server.folder / "state" / "runs" / str(self.run.id) / "engine.pid").read_text())

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(200)


class Server:
    """Prefect's server, with the flow deployed."""

    def __init__(self, folder: Path, url: str, client: SyncPrefectClient) -> None:
        self.folder, self.url, self.client = folder, url, client
        self.pods: list[Pod] = []
        client.create_work_pool(WorkPoolCreate(name="isogloss", type="kubernetes", base_job_template={}))
        flow = client.create_flow_from_name("replicate")
        entrypoint = f"{ROOT / 'tests' / 'cluster' / 'waiting_flow.py'}:replicate"
        self.deployment: UUID = client.create_deployment(
            flow, "full", work_pool_name="isogloss", entrypoint=entrypoint, path=str(ROOT)
        )

    def start(self, parameters: dict[str, Any], **environment: str) -> Pod:
        """A pod of a new Job."""
        job = uuid4().hex
        self.client.create_flow_run_from_deployment(
            self.deployment, parameters=parameters, state=Pending(), idempotency_key=job
        )
        return Pod(self, job, **environment)

    def waiting_cells(self, run: UUID) -> int:
        """What KEDA counts of a run: the query of `components/elastic`, on Prefect's own tables."""
        (trainer,) = [
            item
            for item in render("gpu", "elastic")
            if (item["kind"], item["metadata"]["name"]) == ("ScaledObject", "trainer")
        ]
        query = trainer["spec"]["triggers"][0]["metadata"]["query"]
        with sqlite3.connect(self.folder / "home" / "prefect.db", timeout=30) as database:
            return int(database.execute(f"{query} AND f.id = ?", [str(run)]).fetchone()[0])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("prefect")
    port = free_port()
    url = f"http://127.0.0.1:{port}/api"
    variables = os.environ | {
        "PREFECT_HOME": str(folder / "home"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_UI_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL)
    try:
        until(lambda: answers(f"{url}/health"))
        with temporary_settings({PREFECT_API_URL: url}), get_client(sync_client=True) as client:
            running = Server(folder, url, client)
            try:
                yield running
            finally:
                for pod in running.pods:
                    pod.process.kill()  # and its engine with it
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=2):
            return True
    except OSError:
        return False


def until(condition: Callable[[], bool], timeout_s: float = 240) -> None:
    ends_at = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < ends_at
        time.sleep(0.2)


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(
    "written",
    [PARTIAL, *(pytest.param(code, marks=pytest.mark.slow) for code in (None, WHOLE, FAILED))],
)
def test_the_jobs_exit_code_is_the_runs(server: Server, written: int | None) -> None:
    pod = server.start({"exit_code": written})
    assert pod.process.wait(240) == (written or WHOLE)
    assert server.waiting_cells(pod.run.id) == 0


def test_a_stopped_run_says_so_and_counts_no_more_and_its_next_pod_goes_on(server: Server) -> None:
    pod = server.start({"seconds": _LONG})
    engine = pod.engine()
    assert server.waiting_cells(pod.run.id) == 1
    assert pod.end() == INTERRUPTED
    assert not alive(engine)
    assert (pod.run.state_type, pod.run.state_name) == (StateType.CRASHED, STOPPED)
    assert server.waiting_cells(pod.run.id) == 0

    successor = Pod(server, pod.job)
    successor.engine()
    assert successor.run.id == pod.run.id
    assert server.waiting_cells(pod.run.id) == 1  # not that of the pod before
    server.client.set_flow_run_state(pod.run.id, Cancelling(), force=True)
    assert successor.process.wait(200) == FAILED
    assert pod.run.state_type == StateType.CANCELLED
    assert server.waiting_cells(pod.run.id) == 0


@pytest.mark.slow
def test_a_run_that_does_not_hear_is_killed_within_the_grace_period(server: Server) -> None:
    pod = server.start({"seconds": _LONG, "deaf": True}, ISOGLOSS_DRAIN_S="1")
    engine = pod.engine()
    assert pod.end() == INTERRUPTED
    assert not alive(engine)
    assert pod.run.state_name == STOPPED


@pytest.mark.slow
def test_a_run_dies_with_its_supervisor(server: Server) -> None:
    pod = server.start({"seconds": _LONG})
    engine = pod.engine()
    pod.end(signal.SIGKILL)
    until(lambda: not alive(engine))
    assert pod.run.state_type == StateType.CRASHED


@pytest.mark.slow
@pytest.mark.parametrize(("asked", "ends_as"), [(Running(), "Crashed"), (Cancelling(), "Cancelled")])
def test_upkeep_ends_in_prefect_what_no_job_runs(
    asked: Any, ends_as: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was killed cannot say so itself."""
    monkeypatch.setattr(upkeep, "_LOST_AFTER", timedelta(0))
    job = uuid4().hex
    run = server.client.create_flow_run_from_deployment(
        server.deployment, state=Pending(), idempotency_key=job
    )
    server.client.set_flow_run_state(run.id, asked, force=True)
    keeper = Upkeep()

    def state_after_two_looks(*jobs: Job) -> str | None:
        for _ in range(2):
            asyncio.run(keeper.settle(jobs))
        return server.client.read_flow_run(run.id).state_name

    assert state_after_two_looks(Job(uid=job, ended=False)) == asked.name  # it starts another pod
    assert state_after_two_looks(Job(uid=job, ended=True)) == ends_as
    assert server.waiting_cells(run.id) == 0


@pytest.mark.parametrize(
    ("state", "since_s", "jobs", "lost"),
    [
        (Running(), 300, [], True),
        (Running(), 5, [], False),  # Prefect's worker is about to make its Job
        (Running(), 300, ["own"], False),
        (Running(), 300, ["other"], True),
        (Running(), 300, ["own ended"], True),
        (Running(), 300, ["own ended", "own"], False),  # rescheduled by Prefect
        (Running(), 300, ["own by label"], False),
    ],
)
def test_a_run_is_lost_when_none_of_its_jobs_goes_on(
    state: Any, since_s: float, jobs: list[str], lost: bool
) -> None:
    identifier = uuid4()
    state.timestamp = datetime.now(UTC) - timedelta(seconds=since_s)
    run = FlowRun(id=identifier, flow_id=uuid4(), name="x", state=state, idempotency_key="own")
    known = {
        "own": Job("own", False),
        "own ended": Job("own", True),
        "own by label": Job("uid", False, str(identifier)),
        "other": Job("uid", False),
    }
    judged = upkeep._is_lost(run, [known[name] for name in jobs], datetime.now(UTC) - upkeep._LOST_AFTER)
    assert judged == lost
