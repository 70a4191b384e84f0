"""The Prefect worker of the local stack: `python -m stack.worker`, started by the supervisor.

One process does what four `prefect` commands would do, each of which costs seconds of imports: it waits for
the server, makes the work pool, deploys what changed, settles runs whose process is gone, and then works.
"""

import asyncio
import hashlib
import logging
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import prefect
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Crashed, Scheduled
from prefect.workers.process import ProcessWorker

from isogloss import logs
from stack.checkout import Checkout
from stack.parts import POOL, TOKEN
from stack.processes import of_flow_run

log = logging.getLogger(__name__)

_SERVER_POLL_S = 0.15
_ORPHAN_POLL_S = 1.0
_ACTIVE = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]


async def work(checkout: Checkout, restarted: bool) -> None:
    """Prepare the server for this checkout and work until killed.

    `restarted`: this worker replaces one that died, so its runs are to be taken up again. Otherwise, runs
    that look alive belong to a stack that was killed as a whole.
    """
    async with get_client() as client:
        while await client.api_healthcheck() is not None:
            await asyncio.sleep(_SERVER_POLL_S)
        await _make_pool(client, checkout)
        _deploy(checkout)
        watched = []  # the loop itself would not keep the tasks alive
        for run in await _active_runs(client):
            if restarted and of_flow_run(os.environ[TOKEN], str(run.id)):
                watched.append(asyncio.create_task(_watch_over(run.id)))
            else:
                await _settle(client, run, restarted)
    await ProcessWorker(work_pool_name=POOL, name="local").start()


async def _make_pool(client: PrefectClient, checkout: Checkout) -> None:
    """Create the work pool, or point the existing one to this checkout and this Python."""
    template = job_template(checkout.root)
    try:
        await client.read_work_pool(POOL)
    except ObjectNotFound:
        pool = WorkPoolCreate(name=POOL, type="process", base_job_template=template)
        await client.create_work_pool(pool)
    else:
        await client.update_work_pool(POOL, WorkPoolUpdate(base_job_template=template))


def job_template(root: Path) -> dict[str, Any]:
    """How the pool starts a flow run: `stack.engine` in the checkout.

    A command of our own also spares the two extra processes with which Prefect finds out where a flow's code
    is.
    """
    template = ProcessWorker.get_default_base_job_template()
    defaults = {
        "command": shlex.join([sys.executable, "-m", "stack.engine"]),
        "working_dir": str(root),
        "stream_output": False,
    }
    for name, value in defaults.items():
        template["variables"]["properties"][name]["default"] = value
    return template


def _deploy(checkout: Checkout) -> None:
    """Deploy everything in prefect.yaml, unless nothing has changed since the last time."""
    stamp = checkout.prefect / "deployed.sha256"  # beside the database that it speaks of
    version = deployed_version(checkout.root)
    if stamp.exists() and stamp.read_text() == version:
        return
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    subprocess.run(command, cwd=checkout.root, stdin=subprocess.DEVNULL, check=True)
    stamp.write_text(version)


def deployed_version(root: Path) -> str:
    """A hash of what a deployment is made of: prefect.yaml, the flows' signatures (in flows/*.py), place,
    Prefect.
    """
    digest = hashlib.sha256(f"{root}\n{sys.executable}\n{prefect.__version__}\n".encode())
    for path in [root / "prefect.yaml", *sorted((root / "flows").glob("*.py"))]:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


async def _active_runs(client: PrefectClient) -> list[FlowRun]:
    """Flow runs that some worker has taken and that have not ended."""
    active = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_ACTIVE)))
    return await client.read_flow_runs(flow_run_filter=active)


async def _settle(client: PrefectClient, run: FlowRun, resume: bool) -> None:
    """Decide about a run that has no process any more."""
    state: State[Any]
    if run.state_type == StateType.CANCELLING:
        state = Cancelled(message="its process is gone")
    elif resume:
        # Safe to repeat: what the run has finished is found by its keys and reused.
        state = Scheduled(message="its process was lost; it starts again and reuses what is finished")
    else:
        state = Crashed(message="the local stack that ran it is gone")
    log.warning("settling a lost flow run", extra={"flow_run": str(run.id), "state": state.type.value})
    await client.set_flow_run_state(run.id, state, force=True)


async def _watch_over(flow_run: UUID) -> None:
    """Follow a run whose process has outlived its worker, and settle it if the process ends without a final
    state.
    """
    log.info("watching over a flow run of the last worker", extra={"flow_run": str(flow_run)})
    while of_flow_run(os.environ[TOKEN], str(flow_run)):
        await asyncio.sleep(_ORPHAN_POLL_S)
    async with get_client() as client:
        run = await client.read_flow_run(flow_run)
        if run.state_type in _ACTIVE:
            await _settle(client, run, resume=True)


def main() -> None:
    """Run the worker of the checkout around the current directory."""
    logs.configure("worker", os.environ.get("ISOGLOSS_LOG_LEVEL", "INFO"))
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each poll, each second
    asyncio.run(work(Checkout.find(), restarted=os.environ.get("ISOGLOSS_RESTARTS", "0") != "0"))


if __name__ == "__main__":
    main()
