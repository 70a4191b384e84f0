"""What the worker keeps of one mind: idle pods by their own metrics, and labels on what kubectl started.

Kubernetes' client is a stand-in that records what it is asked to patch.
"""

import asyncio
import threading
from types import SimpleNamespace as Object
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, make_wsgi_app

from flows.cluster import upkeep
from flows.cluster.upkeep import DELETION_COST, FLOW_RUN_LABEL, Job, calls_in_flight


class Quiet(WSGIRequestHandler):
    """Logs no requests."""

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.mark.parametrize(("training", "importing"), [(0, 0), (1, 0), (1, 2)])
def test_calls_under_way_are_read_from_a_services_metrics(training: int, importing: int) -> None:
    registry = CollectorRegistry()
    calls = Gauge("isogloss_calls_in_flight", "Calls under way", ["method"], registry=registry)
    calls.labels("/isogloss.trainer.v1.TrainerService/Train").set(training)
    calls.labels("/isogloss.trainer.v1.TrainerService/ImportModel").set(importing)
    Counter("isogloss_calls_total", "Finished calls", ["method"], registry=registry).labels("x").inc(99)
    server = make_server("127.0.0.1", 0, make_wsgi_app(registry), handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        assert calls_in_flight(f"127.0.0.1:{server.server_port}") == training + importing
    finally:
        server.shutdown()
        server.server_close()


class Pods:
    """Pods by name, and what was patched."""

    def __init__(self, pods: list[Any]) -> None:
        self.pods, self.patched = pods, {}

    async def list_namespaced_pod(self, *_: Any, **__: Any) -> Any:
        """All of them."""
        return Object(items=self.pods)

    async def patch_namespaced_pod(self, name: str, _: str, body: Any) -> None:
        """Note it."""
        self.patched[name] = body["metadata"]

    patch_namespaced_job = patch_namespaced_pod


def pod(name: str, address: str | None, cost: str | None = None, phase: str = "Running") -> Any:
    annotations = {DELETION_COST: cost} if cost is not None else None
    return Object(
        metadata=Object(name=name, annotations=annotations), status=Object(phase=phase, pod_ip=address)
    )


def test_idle_pods_cost_less_than_busy_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    under_way = {"10.0.0.1:9100": 1, "10.0.0.2:9100": 0, "10.0.0.3:9100": 1, "10.0.0.4:9100": 0}

    def asked(address: str) -> int:
        if address not in under_way:
            raise OSError("it is on its way out")
        return under_way[address]

    monkeypatch.setattr(upkeep, "calls_in_flight", asked)
    monkeypatch.setattr(upkeep, "namespace", lambda: "isogloss")
    core = Pods(
        [
            pod("busy", "10.0.0.1"),
            pod("idle", "10.0.0.2"),
            pod("busy-since-long", "10.0.0.3", "1"),
            pod("idle-again", "10.0.0.4", "1"),
            pod("leaving", "10.0.0.5", "1"),
            pod("pending", None, phase="Pending"),
        ]
    )
    asyncio.run(upkeep._mark_idle_pods(core))
    assert core.patched == {
        "busy": {"annotations": {DELETION_COST: "1"}},
        "idle-again": {"annotations": {DELETION_COST: "0"}},
    }


def test_what_kubectl_started_gets_prefects_label(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "namespace", lambda: "isogloss")
    batch, core = Pods([]), Pods([pod("run-1-abc", "10.0.0.1")])
    runs = [Object(id="flow-run", idempotency_key="uid-1"), Object(id="by-prefect", idempotency_key=None)]
    jobs = [
        Job("uid-1", False, None, "run-1"),
        Job("uid-2", False, "by-prefect", "brave-otter"),
        Job("uid-1", True, None, "ended"),
    ]
    asyncio.run(upkeep._label(runs, jobs, batch, core))
    label = {"labels": {FLOW_RUN_LABEL: "flow-run"}}
    assert (batch.patched, core.patched) == ({"run-1": label}, {"run-1-abc": label})


@pytest.mark.parametrize(
    ("conditions", "ended"),
    [
        (None, False),
        ([{"type": "Suspended", "status": "True"}], False),
        ([{"type": "FailureTarget", "status": "True"}], False),
        ([{"type": "Failed", "status": "False"}], False),
        ([{"type": "Failed", "status": "True"}], True),
        ([{"type": "SuccessCriteriaMet", "status": "True"}, {"type": "Complete", "status": "True"}], True),
    ],
)
def test_a_jobs_end_is_in_its_conditions(conditions: Any, ended: bool) -> None:
    status = {"conditions": conditions} if conditions is not None else {}
    job = Job.from_json({"metadata": {"uid": "u", "name": "run-1"}, "status": status})
    assert job == Job("u", ended, None, "run-1")
