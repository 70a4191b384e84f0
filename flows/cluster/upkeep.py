"""What the worker's pod does beside starting runs: it keeps Prefect and Kubernetes of one mind.

- A run that Prefect holds for running, and whose Job is gone or has ended, has crashed. A run says itself
  that it was stopped; one that was killed, or whose node is lost for good, cannot.
- The Job and pods of a run that kubectl started get the label by which Prefect's worker watches those that it
  starts itself: one label finds all of a run, and Prefect hears of a failed Job at once.
- A trainer or embedder that works costs more to delete than an idle one: an autoscaler takes idle ones first.
"""

import asyncio
import logging
import re
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flows.cluster.pod import kubernetes, namespace
from flows.cluster.server import POOL

log = logging.getLogger(__name__)

RUN_LABEL = "app.kubernetes.io/name=run"
NEURAL_LABEL = "isogloss/neural=true"
FLOW_RUN_LABEL = "prefect.io/flow-run-id"
DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
METRICS_PORT = 9100

_EVERY_S = 15.0
_LOST_AFTER = timedelta(seconds=60)
"""A run that waits for its Job: Prefect's worker makes it seconds after it has claimed the run."""
_IN_FLIGHT = re.compile(r"^isogloss_calls_in_flight\{[^}]*\} ([0-9.e+]+)$", re.MULTILINE)


@dataclass(frozen=True)
class Job:
    """What is known of a run's Job: `flow_run` when Prefect's worker made it."""

    uid: str
    ended: bool
    flow_run: str | None = None
    name: str = ""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> "Job":
        """Read it as the API writes it."""
        conditions = item.get("status", {}).get("conditions") or []
        ended = any(one["type"] in ("Complete", "Failed") and one["status"] == "True" for one in conditions)
        labels = item["metadata"].get("labels") or {}
        return cls(item["metadata"]["uid"], ended, labels.get(FLOW_RUN_LABEL), item["metadata"]["name"])


@dataclass
class Upkeep:
    """One look after the other; `once` is one. A run is given up when two looks in a row find no Job."""

    mark_idle: bool = False
    _suspected: set[str] = field(default_factory=set)

    async def for_ever(self) -> None:
        """Look every quarter of a minute; what goes wrong is logged, and the next look tries again."""
        while True:
            try:
                await self.once()
            except Exception as error:  # a server that is away, above all
                log.warning("upkeep failed, and is tried again: %s: %s", type(error).__name__, error)
            await asyncio.sleep(_EVERY_S)

    async def once(self) -> None:
        """Settle runs without a Job, and mark who is idle."""
        from kubernetes_asyncio import client

        async with kubernetes() as api:
            listed = await client.BatchV1Api(api).list_namespaced_job(namespace(), label_selector=RUN_LABEL)
            jobs = [Job.from_json(api.sanitize_for_serialization(item)) for item in listed.items]
            runs = await self.settle(jobs)
            await _label(runs, jobs, client.BatchV1Api(api), client.CoreV1Api(api))
            if self.mark_idle:
                await _mark_idle_pods(client.CoreV1Api(api))

    async def settle(self, jobs: Sequence[Job]) -> list[Any]:
        """End the runs in Prefect that no Job runs; those that go on."""
        from prefect.client.orchestration import get_client
        from prefect.client.schemas.filters import (
            FlowRunFilter,
            FlowRunFilterState,
            FlowRunFilterStateType,
            WorkPoolFilter,
            WorkPoolFilterName,
        )
        from prefect.client.schemas.objects import State, StateType
        from prefect.states import Cancelled, Crashed

        going = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
        async with get_client() as client:
            runs = await client.read_flow_runs(
                flow_run_filter=FlowRunFilter(
                    state=FlowRunFilterState(type=FlowRunFilterStateType(any_=going))
                ),
                work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[POOL])),
            )
            latest = datetime.now(UTC) - _LOST_AFTER
            lost = {str(run.id) for run in runs if _is_lost(run, jobs, latest)}
            for run in runs:
                if str(run.id) not in lost & self._suspected:
                    continue
                message = "no Job runs it any more: it was deleted, killed, or has failed"
                state: State[Any] = Crashed(message=message)
                if run.state_type == StateType.CANCELLING:
                    state = Cancelled(message="canceled by a user")
                await client.set_flow_run_state(run.id, state, force=True)
                log.warning("a run without a Job", extra={"flow_run": str(run.id), "state": state.name})
            self._suspected = lost
            return [run for run in runs if str(run.id) not in lost]


def _is_lost(run: Any, jobs: Sequence[Job], latest: datetime) -> bool:
    """Whether a run has been going since `latest` at least, and none of the Jobs that go on is its own."""
    since = run.state.timestamp if run.state is not None else run.created
    if since is None or since > latest:
        return False
    own = (job for job in jobs if job.flow_run == str(run.id) or job.uid == run.idempotency_key)
    return all(job.ended for job in own)


async def _label(runs: Sequence[Any], jobs: Sequence[Job], batch: Any, core: Any) -> None:
    """Write a run's id on the Job that kubectl made, and on its pods."""
    started_by = {run.idempotency_key: str(run.id) for run in runs if run.idempotency_key}
    for job in jobs:
        run = started_by.get(job.uid)
        if run is None or job.ended:
            continue
        body = {"metadata": {"labels": {FLOW_RUN_LABEL: run}}}
        if job.flow_run != run:
            await batch.patch_namespaced_job(job.name, namespace(), body)
        selector = f"batch.kubernetes.io/controller-uid={job.uid},{FLOW_RUN_LABEL}!={run}"
        for pod in (await core.list_namespaced_pod(namespace(), label_selector=selector)).items:
            await core.patch_namespaced_pod(pod.metadata.name, namespace(), body)


async def _mark_idle_pods(core: Any) -> None:
    """Write each trainer's and embedder's deletion cost: the calls under way in it."""
    pods = await core.list_namespaced_pod(namespace(), label_selector=NEURAL_LABEL)
    for pod in pods.items:
        if pod.status.phase != "Running" or not pod.status.pod_ip:
            continue
        try:
            cost = await asyncio.to_thread(calls_in_flight, f"{pod.status.pod_ip}:{METRICS_PORT}")
        except OSError:
            continue  # it is starting, or on its way out
        if (pod.metadata.annotations or {}).get(DELETION_COST, "0") != str(cost):
            body = {"metadata": {"annotations": {DELETION_COST: str(cost)}}}
            await core.patch_namespaced_pod(pod.metadata.name, namespace(), body)


def calls_in_flight(address: str) -> int:
    """How many calls a service is at, from its Prometheus metrics."""
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=5) as answer:
        text = answer.read(2**20).decode()
    return round(sum(float(value) for value in _IN_FLIGHT.findall(text)))
