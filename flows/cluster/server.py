"""The Prefect server of `PREFECT_API_URL`: its work pool and deployments."""

import logging
import subprocess
import sys
import time
from typing import Any

from isogloss.errors import Unavailable
from isogloss.settings import settings

log = logging.getLogger(__name__)

POOL = "isogloss"
_PATIENCE_S = 300.0
_POLL_S = 2.0


def prepare_server(template: dict[str, Any]) -> None:
    """Make the work pool of a job template, deploy the flow, and set the profile of this installation."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import DeploymentUpdate, WorkPoolCreate, WorkPoolUpdate
    from prefect.exceptions import ObjectNotFound

    wait_for_server()
    with get_client(sync_client=True) as client:
        try:
            client.read_work_pool(POOL)
        except ObjectNotFound:
            client.create_work_pool(WorkPoolCreate(name=POOL, type="kubernetes", base_job_template=template))
        else:
            client.update_work_pool(POOL, WorkPoolUpdate(base_job_template=template))
        command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        for deployment in client.read_deployments():
            parameters = {**deployment.parameters, "profile": settings().profile, "data": settings().data}
            client.update_deployment(deployment.id, DeploymentUpdate(parameters=parameters))
            log.info("deployed", extra={"deployment": deployment.name, "parameters": parameters})


def wait_for_server() -> None:
    """Wait until its API answers; `Unavailable` after five minutes."""
    from prefect.client.orchestration import get_client

    ends_at = time.monotonic() + _PATIENCE_S
    with get_client(sync_client=True) as client:
        while (problem := client.api_healthcheck()) is not None:
            if time.monotonic() > ends_at:
                raise Unavailable(f"Prefect's server does not answer: {problem}")
            time.sleep(_POLL_S)
