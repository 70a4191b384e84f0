"""A stack that runs: all parts are ready, on loopback, and found by their checkout."""

import contextlib
import http.client
import os
import subprocess
import sys
import urllib.request

import psutil
import pytest

from isogloss.settings import Settings
from isogloss.store import Store
from stack import environment, stack
from stack.checkout import Checkout
from stack.errors import StackError
from stack.prefect_api import PrefectApi, auth_string
from stack.processes import of_stack
from stack.readiness import grpc_health
from stack.runs import Progress, Run
from stack.state import StackStatus

PARTS = ["prefect", "s3", "worker", "g2p", "embedder", "metrics", "trainer-0", "trainer-1"]


def _run(checkout: Checkout, running: StackStatus, **parameters: object) -> Run:
    return Run.start(checkout, running, "replicate/full", parameters)


def _store(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> Store:
    for name, value in environment(checkout.root).items():
        monkeypatch.setenv(name, value)
    return Store.from_settings(Settings())


def _listening(process: psutil.Process) -> list[tuple[str, int]]:
    connections = process.net_connections("tcp")
    return [(at.laddr.ip, at.laddr.port) for at in connections if at.status == psutil.CONN_LISTEN]


def test_all_parts_are_ready(running: StackStatus) -> None:
    assert [(part.name, part.phase) for part in running.parts] == [(name, "ready") for name in PARTS]


def test_every_port_is_on_loopback(running: StackStatus) -> None:
    listening = [address for process in of_stack(running.token) for address in _listening(process)]
    assert len(listening) >= len(PARTS) - 1
    assert {ip.removeprefix("::ffff:") for ip, _ in listening} == {"127.0.0.1"}


def test_the_settings_reach_services_and_storage(
    checkout: Checkout, running: StackStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = _store(checkout, monkeypatch)
    artifact = store.put("test", "key", "attempt", "file", b"bytes", "text/plain")
    assert store.get(artifact) == b"bytes"
    assert [item.name for item in store.objects("test/key/")] == ["test/key/attempt/file"]
    store.remove(["test/key/attempt/file"])
    assert not list(store.objects("test/key/"))
    assert grpc_health(Settings().trainer_target)(0.0)


def test_no_other_door_leads_to_the_objects(
    checkout: Checkout, running: StackStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifact = _store(checkout, monkeypatch).put("test", "key", "attempt", "file", b"bytes", "text/plain")
    path = artifact.uri.removeprefix("s3://")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    read = {}
    for _, port in _listening(psutil.Process(running.part("s3").pid)):
        for url in (f"http://127.0.0.1:{port}/buckets/{path}", f"http://127.0.0.1:{port}/{path}"):
            with contextlib.suppress(OSError, http.client.HTTPException):
                read[url] = opener.open(url, timeout=2).read()
    assert b"bytes" not in read.values(), read


def test_a_second_up_finds_the_first(checkout: Checkout, running: StackStatus) -> None:
    assert stack.up(checkout, trainers=1).token == running.token


def test_a_run_shows_its_progress_and_returns_what_it_wrote(checkout: Checkout, running: StackStatus) -> None:
    seen: list[Progress] = []
    outcome = _run(checkout, running, max_gpu_hours=8, tasks=["pos"]).follow(seen.append)
    assert outcome.exit_code == 0, outcome.error
    assert outcome.console == "Table 1: 8 steps, data None, tasks ['pos']\n"
    assert outcome.report == "reports/latest/index.html"
    assert any(item.phase == "counting" and item.total == 8 and item.done > 0 for item in seen)


def test_a_refused_run_says_what_the_flow_says(checkout: Checkout, running: StackStatus) -> None:
    outcome = _run(checkout, running, data="wrong").follow(lambda progress: None)
    assert outcome.exit_code == 1
    assert outcome.error == "languages: 'xxx' is unknown. Choose eng."


def test_a_broken_run_shows_the_tail_of_its_log(checkout: Checkout, running: StackStatus) -> None:
    outcome = _run(checkout, running, data="broken").follow(lambda progress: None)
    assert outcome.exit_code == 1
    assert "Failed" in outcome.error
    assert "RuntimeError: the flow broke" in outcome.tail


def test_unknown_parameters_and_deployments_are_refused(checkout: Checkout, running: StackStatus) -> None:
    with pytest.raises(StackError, match="parameters"):
        _run(checkout, running, languages="eng")  # not a list
    with pytest.raises(StackError, match="no deployment 'replicate/none'"):
        Run.start(checkout, running, "replicate/none", {})


_INTRUDER = """
import json, sys, urllib.error, urllib.request
api, *files = sys.argv[1:]
for origin in ({}, {"Origin": "http://evil.example"}, {"Host": "evil.example"}, {"Authorization": "Basic eDp5"}):
    body = json.dumps({"job_variables": {"command": "id > /tmp/owned"}}).encode()
    for path in ("/deployments/name/replicate/full", "/deployments/filter", "/admin/settings", "/health/../flows/filter"):
        request = urllib.request.Request(api + path, body if "filter" in path else None, origin)
        try:
            urllib.request.urlopen(request)
            sys.exit(f"answered {path}")
        except urllib.error.HTTPError as error:
            assert error.code in (401, 404), (path, error.code)
for file in files:
    try:
        open(file).read()
        sys.exit(f"read {file}")
    except PermissionError:
        pass
"""  # noqa: E501


def test_another_user_of_the_machine_starts_no_run_and_reads_no_secret(
    checkout: Checkout, running: StackStatus
) -> None:
    if os.geteuid() != 0:
        pytest.skip("being somebody else takes root")
    secrets = [checkout.environment, checkout.credentials, checkout.prefect_password, checkout.root / ".env"]
    assert all(path.exists() for path in secrets)
    command = ["/usr/bin/python3", "-c", _INTRUDER, f"{running.ui}/api", *map(str, secrets)]
    done = subprocess.run(command, user=65534, group=65534, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert PrefectApi(f"{running.ui}/api", auth_string(checkout)).deployment_id("replicate/full")


def test_prefects_own_command_starts_the_deployment_too(checkout: Checkout, running: StackStatus) -> None:
    command = [sys.executable, "-m", "prefect", "deployment", "run", "replicate/full", "--watch"]
    environment = os.environ | {"PREFECT_HOME": str(checkout.prefect)}  # the rest is in the checkout
    done = subprocess.run(
        command, cwd=checkout.root, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Completed" in done.stdout
