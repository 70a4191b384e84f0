"""The run on Kubernetes: `python -m flows.cluster …`, in the pods of deploy/k8s.

    secrets NAME…     make the Secrets that are not there yet, from random bytes (a Job, at installation)
    prepare           work pool and deployments on the Prefect server (the worker's init container)
    run [NAME]        run deployment replicate/NAME in this pod, to its end
    report            the newest report as a tar archive on stdout: for `kubectl exec … > report.tar`

What a run's pod is, is written once: in the suspended CronJob `replicate-full`. `kubectl create job --from`
copies it, and `prepare` makes the work pool's job template of it: Prefect's UI starts the same pod.
"""

import io
import json
import logging
import os
import secrets
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from isogloss import logs
from isogloss.errors import InvalidInput, IsoglossError, NotFound, Unavailable
from isogloss.settings import settings

log = logging.getLogger(__name__)
app = typer.Typer(help=__doc__, add_completion=False, pretty_exceptions_show_locals=False)

POOL = "isogloss"
FLOW = "replicate"
RUN_POD = "replicate-full"
"""The CronJob whose pod a run is."""

FAILED = 1
"""Exit code of a run that another try cannot mend; the pod failure policy ends the Job on it."""
INTERRUPTED = 75
"""Exit code of a run that was cut off (sysexits' EX_TEMPFAIL); the Job starts it again, and it resumes."""

_KEPT_VARIABLES = {
    "name",
    "env",
    "labels",
    "annotations",
    "command",
    "namespace",
    "stream_output",
    "cluster_config",
    "job_watch_timeout_seconds",
    "pod_watch_timeout_seconds",
}
_SERVER_PATIENCE_S = 300.0
_POLL_S = 2.0


@app.command(name="secrets")
def make_secrets(names: list[str]) -> None:
    """Make each named Secret unless there is one: existing ones are never read or changed."""
    import asyncio

    asyncio.run(_make_secrets(names))


def secret_data(name: str, namespace: str) -> dict[str, str]:
    """Fresh content of a Secret of the installation, by its name."""
    password = secrets.token_hex(24)
    known = {
        "isogloss-s3": {"access-key": secrets.token_hex(10), "secret-key": secrets.token_hex(32)},
        "isogloss-prefect": {"auth-string": f"isogloss:{password}"},
        "isogloss-postgres": {
            "password": password,
            "url": f"postgresql+asyncpg://prefect:{password}@postgres:5432/prefect",
            # For KEDA, which reads how many cells wait (components/elastic).
            "keda": f"postgresql://prefect:{password}@postgres.{namespace}.svc:5432/prefect?sslmode=prefer",
        },
    }
    if name not in known:
        raise InvalidInput("NAME", f"no Secret {name!r}", f"Use: {', '.join(known)}.")
    return known[name]


async def _make_secrets(names: list[str]) -> None:
    from kubernetes_asyncio import client, config

    config.load_incluster_config()  # type: ignore[no-untyped-call]
    async with client.ApiClient() as api:
        core = client.CoreV1Api(api)
        for name in names:
            labels = {"app.kubernetes.io/part-of": "isogloss"}
            metadata = client.V1ObjectMeta(name=name, labels=labels)
            body = client.V1Secret(metadata=metadata, string_data=secret_data(name, _namespace()))
            try:
                await core.create_namespaced_secret(_namespace(), body)
                log.info("secret made", extra={"secret": name})
            except client.ApiException as error:
                if error.status != 409:  # anything but "it exists"
                    raise
                log.info("secret exists, left as it is", extra={"secret": name})


@app.command()
def prepare() -> None:
    """Make the work pool from the CronJob, deploy the flow, and set the profile of this installation."""
    import asyncio

    cron_job = asyncio.run(_read_cron_job())
    prepare_server(job_template(cron_job))


def prepare_server(template: dict[str, Any]) -> None:
    """The same for a job template at hand, on the Prefect server of `PREFECT_API_URL`."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import DeploymentUpdate, WorkPoolCreate, WorkPoolUpdate
    from prefect.exceptions import ObjectNotFound

    _wait_for_server()
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


def job_template(cron_job: dict[str, Any]) -> dict[str, Any]:
    """A work pool's base job template of a CronJob: its pod, with Prefect's labels and environment added."""
    from prefect_kubernetes import KubernetesWorker

    template = KubernetesWorker.get_default_base_job_template()
    job = json.loads(json.dumps(cron_job["spec"]["jobTemplate"]))  # a copy
    labels = job["spec"]["template"]["metadata"]["labels"]
    manifest = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "generateName": "{{ name }}-",
            "namespace": "{{ namespace }}",
            "labels": "{{ labels }}",
            "annotations": "{{ annotations }}",
        },
        "spec": job["spec"],
    }
    template["job_configuration"]["job_manifest"] = manifest
    variables = template["variables"]["properties"]
    variables["labels"]["default"] = labels
    variables["namespace"]["default"] = cron_job["metadata"]["namespace"]
    # What the CronJob says is not to be said twice.
    for name in set(variables) - _KEPT_VARIABLES:
        del variables[name]
    return dict(template)


async def _read_cron_job() -> dict[str, Any]:
    from kubernetes_asyncio import client, config

    config.load_incluster_config()  # type: ignore[no-untyped-call]
    async with client.ApiClient() as api:
        found = await client.BatchV1Api(api).read_namespaced_cron_job(RUN_POD, _namespace())
        return dict(api.sanitize_for_serialization(found))


@app.command()
def run(name: Annotated[str, typer.Argument(help="full, table1, table2 or table3")] = "full") -> None:
    """Run a deployment in this process's pod; the exit code tells the Job whether to start it again."""
    sys.exit(Supervised(_flow_run(name)).to_the_end())


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


def _flow_run(name: str) -> str:
    """The flow run of this pod: given by Prefect's worker, or made, once for all pods of a Job."""
    given = os.environ.get("PREFECT__FLOW_RUN_ID")
    if given:
        return given
    from prefect.client.orchestration import get_client
    from prefect.exceptions import ObjectNotFound
    from prefect.states import Pending

    _wait_for_server()
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


def _wait_for_server() -> None:
    from prefect.client.orchestration import get_client

    ends_at = time.monotonic() + _SERVER_PATIENCE_S
    with get_client(sync_client=True) as client:
        while (problem := client.api_healthcheck()) is not None:
            if time.monotonic() > ends_at:
                raise Unavailable(f"Prefect's server does not answer: {problem}")
            time.sleep(_POLL_S)


@app.command()
def report() -> None:
    """Write the newest report to stdout as a tar archive: index.html, tables, figures."""
    if sys.stdout.isatty():
        raise InvalidInput("stdout", "an archive is not for a terminal", "Redirect it: … report > report.tar")
    sys.stdout.buffer.write(newest_report())


def newest_report() -> bytes:
    """The newest run's report, drawn from its record in the store; `NotFound` when there is none."""
    from flows.report import RunRecord, write_report
    from isogloss.store import Store

    store = Store.from_settings(settings())
    keys = {item.name.split("/")[1] for item in store.objects("record/")}
    manifests = [found for key in keys if (found := store.manifest("record", key)) is not None]
    if not manifests:
        raise NotFound(f"no report in bucket {store.bucket!r}: has a run finished?")
    newest = max(manifests, key=lambda manifest: manifest.finished)
    record = RunRecord.from_json(store.get(newest.files["run.json"]))
    archive = io.BytesIO()
    with tempfile.TemporaryDirectory(dir=settings().scratch_dir) as folder:
        target = Path(folder, record.run_id)
        write_report(record, target)
        with tarfile.open(fileobj=archive, mode="w") as tar:
            tar.add(target, arcname=record.run_id)
    return archive.getvalue()


def _namespace() -> str:
    """The pod's own namespace."""
    return Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace").read_text()


def main() -> None:
    """Run the command line; our errors end it with their message and code 1."""
    logs.configure("flows", settings().log_level)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each look at the run's state
    try:
        app()
    except IsoglossError as error:
        typer.secho(f"error: {error.message}", fg="red", err=True)
        sys.exit(FAILED)


if __name__ == "__main__":
    main()
