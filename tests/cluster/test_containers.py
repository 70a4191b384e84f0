"""The whole flow in the images, by the manifests, with everything going wrong that does on a cluster.

Outside of CI (`make cluster-run`, `make cluster-faults`): needs root, podman, and what `make images` built.
"""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from isogloss import G2PClient
from tests.cluster.installation import SERVICES, Installation, build_stand_ins
from tests.cluster.kubelet import Pod
from tests.conftest import ROOT
from tests.k8s.rendering import render

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

# Small enough for a minute a run, long enough to be caught in the middle.
SMALL = {
    "tasks": ["pos"],
    "languages": ["eng", "kor"],
    "options": {"hyperparameters.pos.character.epochs": 2},
}
RUN_FAILED, RUN_CUT_OFF = 1, 75


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("podman") is None:
        pytest.skip("podman is not installed")
    folder = tmp_path_factory.mktemp("cluster")
    for parent in folder.parents[:2]:  # pods are other users
        parent.chmod(0o755)
    folder.chmod(0o755)
    build_stand_ins(folder)
    return folder


@pytest.fixture(scope="module")
def small(folder: Path) -> Iterator[Installation]:
    """An installation whose runs take a minute."""
    installation = Installation(folder, render("local"), SMALL)
    try:
        installation.start()
        yield installation
    finally:
        installation.remove()


@pytest.fixture(scope="module")
def undisturbed(small: Installation) -> list[tuple[Any, ...]]:
    """The numbers of a run in which nothing went wrong."""
    finish(small.start_run())
    return small.numbers()


def finish(run: Pod) -> None:
    """Wait for a run that must succeed."""
    assert run.wait(600) == 0, run.logs()[-5000:]


def wait_for_training(run: Pod) -> None:
    """Return when the first cell is trained, and others are not."""
    until(lambda: "train pos" in run.logs() or not running(run))
    assert running(run), run.logs()[-5000:]


def until(condition: Callable[[], bool], timeout_s: float = 300, poll_s: float = 0.3) -> None:
    ends_at = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < ends_at
        time.sleep(poll_s)


def running(pod: Pod) -> bool:
    return pod.process != 0


def test_the_sample_runs(folder: Path) -> None:
    installation = Installation(folder, render("local"), {})
    try:
        started = time.monotonic()
        installation.start()
        print(f"\nall pods are ready after {time.monotonic() - started:.0f} s")
        started = time.monotonic()
        finish(installation.start_run())
        print(f"the sample took {time.monotonic() - started:.0f} s")
        tables = {table for table, *_ in installation.numbers()}
        assert tables >= {"table1", "table2", "table3"}
    finally:
        installation.remove()


def test_every_probe_succeeds(small: Installation) -> None:
    for pod in small.kubelet.pods.values():
        for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
            if kind in pod.container:
                pod.await_probe(kind)


@pytest.mark.parametrize("part", [*SERVICES, "s3", "prefect", "postgres"])
def test_the_tables_survive_the_kill_of(
    part: str, small: Installation, undisturbed: list[tuple[Any, ...]]
) -> None:
    small.forget_results()
    run = small.start_run()
    wait_for_training(run)
    killed = small.pod(part).process
    small.pod(part).kill()
    until(lambda: small.pod(part).process not in (0, killed))
    finish(run)
    assert small.numbers() == undisturbed


def test_a_run_that_is_killed_is_taken_up_by_the_jobs_next_pod(
    small: Installation, undisturbed: list[tuple[Any, ...]]
) -> None:
    small.forget_results()
    run = small.start_run("one-job")
    wait_for_training(run)
    run.kill()
    assert run.wait(60) == 137
    finish(small.start_run("one-job"))
    assert small.numbers() == undisturbed


def test_a_run_that_is_stopped_ends_in_time_and_another_job_goes_on(
    small: Installation, undisturbed: list[tuple[Any, ...]]
) -> None:
    small.forget_results()
    run = small.start_run()
    wait_for_training(run)
    code, seconds = run.stop()
    assert code == RUN_CUT_OFF, run.logs()[-3000:]
    assert seconds < run.grace_s
    finish(small.start_run())
    assert small.numbers() == undisturbed


def test_a_restart_of_s3_is_waited_out(small: Installation, undisturbed: list[tuple[Any, ...]]) -> None:
    small.forget_results()
    run = small.start_run()
    wait_for_training(run)
    _, seconds = small.pod("s3").stop()
    assert seconds < small.pod("s3").grace_s
    small.pod("s3").start()
    finish(run)
    assert small.numbers() == undisturbed


def test_a_full_disk_stops_the_run_with_the_reason_and_another_job_goes_on(
    small: Installation, undisturbed: list[tuple[Any, ...]]
) -> None:
    small.forget_results()
    run = small.start_run()
    wait_for_training(run)
    small.disk.resize(small.disk.used_mb() + 1)
    assert run.wait(600) == RUN_FAILED, run.logs()[-5000:]
    assert "S3 answers but takes no more data" in run.logs()
    small.disk.resize(small.disk.SIZE_MB)
    finish(small.start_run())
    assert small.numbers() == undisturbed


def test_keda_counts_the_cells_that_train(small: Installation) -> None:
    """The elastic component's query, as it is rendered, on Prefect's own tables in PostgreSQL."""
    (trainer,) = [
        item
        for item in render("gpu", "elastic")
        if (item["kind"], item["metadata"]["name"]) == ("ScaledObject", "trainer")
    ]
    query = trainer["spec"]["triggers"][0]["metadata"]["query"]
    small.forget_results()
    run = small.start_run()
    until(lambda: waiting_cells(small, query) > 0 or not running(run))
    assert running(run), run.logs()[-5000:]
    finish(run)
    assert waiting_cells(small, query) == 0


def waiting_cells(installation: Installation, query: str) -> int:
    """KEDA's scaler in short: the query, over KEDA's connection."""
    url = installation.kubelet.secrets["isogloss-postgres"]["keda"]
    here = url.replace("postgres.isogloss.svc", "127.0.0.1")  # only a cluster has the full name
    return int(installation.pod("postgres").execute("psql", here, "-tA", "-c", query))


def test_the_database_is_backed_up_as_the_docs_say(small: Installation) -> None:
    (command,) = re.findall(r"exec postgres-0 -- sh -c '(.*)' >", (ROOT / "docs" / "cluster.md").read_text())
    assert "CREATE TABLE public.flow_run " in small.pod("postgres").execute("sh", "-c", command)


def test_sigterm_with_100_calls_in_flight_fails_none(small: Installation) -> None:
    g2p = small.pod("g2p")
    texts = [f"{number} " + "the quick brown fox jumps over the lazy dog " * 2000 for number in range(100)]
    # Longer than the grace period: what the pod had not begun waits for its successor.
    with G2PClient(f"{g2p.address}:50051", patience_s=120) as client, ThreadPoolExecutor(100) as pool:
        answers = [pool.submit(client.convert, text, "eng") for text in texts]
        until(lambda: any(answer.done() for answer in answers), poll_s=0.01)
        in_flight = sum(not answer.done() for answer in answers)
        code, seconds = g2p.stop()
        g2p.start()
        assert all(answer.result(timeout=120).sequence for answer in answers)
    print(f"\nSIGTERM with {in_flight} calls in flight: exit code {code} after {seconds:.1f} s, none failed")
    assert code == 0
    assert seconds < g2p.grace_s
