"""An installation of the manifests on this machine: the pods of an overlay, as `kubectl apply` starts them.

Not as on a cluster: SeaweedFS and PostgreSQL are stand-ins (`images/`), and what speaks with Kubernetes
itself (the worker) is done by calling the same functions of `flows.cluster`;
`cert_manager` issues certificates.
"""

import io
import json
import shutil
import subprocess
import tarfile
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from flows.cluster.secrets import secret_data
from isogloss.settings import Settings
from isogloss.store import Store
from stack import seaweed
from tests.cluster.cert_manager import issue
from tests.cluster.kubelet import Kubelet, Object, Pod
from tests.conftest import ROOT

SERVICES = ("g2p", "trainer", "embedder", "metrics")
ORDER = (
    ("StatefulSet", "s3"),
    ("StatefulSet", "postgres"),
    ("Deployment", "prefect"),
    *(("Deployment", name) for name in SERVICES),
)
STAND_INS = {
    "docker.io/chrislusf/seaweedfs:4.48": "localhost/isogloss-test/seaweedfs",
    "docker.io/library/postgres:17.6-bookworm": "localhost/isogloss-test/postgres",
}
_PREPARE = """
import json, sys
from flows.cluster.job_template import job_template
from flows.cluster.server import prepare_server
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentUpdate
cron_job, parameters = json.load(sys.stdin)
prepare_server(job_template(cron_job))
with get_client(sync_client=True) as client:
    deployment = client.read_deployment_by_name("replicate/full")
    changed = DeploymentUpdate(parameters={**deployment.parameters, **parameters})
    client.update_deployment(deployment.id, changed)
"""


def build_stand_ins(folder: Path) -> None:
    """The images that no registry is needed for."""
    shutil.copy(seaweed.binary(), folder / "weed")
    for name in ("seaweedfs", "postgres"):
        file = ROOT / "tests" / "cluster" / "images" / f"Containerfile.{name}"
        command = [
            "podman",
            "build",
            "--quiet",
            "--network=host",
            f"--file={file}",
            f"--tag=localhost/isogloss-test/{name}",
        ]
        subprocess.run([*command, str(folder)], check=True, capture_output=True)


class Disk:
    """S3's volume: a tmpfs, whose size can be changed under the pod as an operator grows a volume."""

    SIZE_MB = 1024

    def __init__(self, path: Path) -> None:
        self.path = path

    def mount(self) -> None:
        options = f"size={self.SIZE_MB}m,mode=2775,gid=10001"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.path)], check=True)

    def resize(self, megabytes: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={megabytes}m", str(self.path)], check=True)

    def used_mb(self) -> int:
        """What is written, rounded up."""
        return -(-shutil.disk_usage(self.path).used // 2**20)

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.path)], check=False)


class Installation:
    """All parts of an installation, running; `parameters` narrow what a run computes."""

    def __init__(self, folder: Path, objects: Sequence[Object], parameters: dict[str, Any]) -> None:
        names = ("isogloss-s3", "isogloss-prefect", "isogloss-postgres")
        secrets = {name: secret_data(name, "isogloss") for name in names} | issue(objects)
        self.kubelet = Kubelet(folder, tuple(objects), secrets, STAND_INS)
        self.disk = Disk(self.kubelet.claim("data-s3-0", 10001))
        self._parameters = parameters

    def start(self) -> None:
        """Start every pod, wait for its startup probe, and set up Prefect's server."""
        self.disk.mount()
        self.kubelet.create_network()
        for kind, name in ORDER:
            self.kubelet.run(kind, name).await_probe()
        (cron_job,) = [item for item in self.kubelet.objects if item["kind"] == "CronJob"]
        self.in_flows_image(["-c", _PREPARE], json.dumps([cron_job, self._parameters]).encode())

    def remove(self) -> None:
        """Remove all of it, with its volumes."""
        self.kubelet.remove_all()
        self.disk.unmount()
        shutil.rmtree(self.kubelet.folder / "volumes")

    def pod(self, name: str) -> Pod:
        """A pod by the name of its workload."""
        return self.kubelet.pods[name]

    def start_run(self, job: str | None = None) -> Pod:
        """The pod of a Job from the CronJob; the same `job` is another pod of the same Job."""
        if "replicate-full" in self.kubelet.pods:
            self.pod("replicate-full").remove()
        labels = {"batch.kubernetes.io/controller-uid": job or uuid.uuid4().hex}
        return self.kubelet.run("CronJob", "replicate-full", labels)

    def numbers(self) -> list[tuple[Any, ...]]:
        """The numbers of the newest report, less what was not run."""
        archive = self.in_flows_image(["-m", "flows.cluster", "report"])
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            (name,) = [item for item in tar.getnames() if item.endswith("/summary.json")]
            file = tar.extractfile(name)
            assert file is not None
            summary = json.loads(file.read())
        fields = ("table", "row", "column", "value")
        return [tuple(item[field] for field in fields) for item in summary if item["value"] is not None]

    def in_flows_image(self, arguments: list[str], stdin: bytes = b"") -> bytes:
        """Run Python in a container like the run's; its stdout."""
        (cron_job,) = [item for item in self.kubelet.objects if item["kind"] == "CronJob"]
        template = cron_job["spec"]["jobTemplate"]["spec"]["template"]
        (container,) = template["spec"]["containers"]
        labels = {"batch.kubernetes.io/controller-uid": "none"}
        variables = self.kubelet.environment(template, container, labels)
        command = [
            *("podman", "run", "--rm", "--interactive", "--network=isogloss-test", "--user=10001:10001"),
            *("--read-only", "--entrypoint=python"),
            *self.kubelet.volumes("run", template["spec"], container),
            *(f"--env={name}={value}" for name, value in variables.items()),
            *(container["image"], *arguments),
        ]
        done = subprocess.run(command, input=stdin, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()[-3000:]
        return done.stdout

    @property
    def store(self) -> Store:
        """The store of an installation without TLS, from this host."""
        keys = self.kubelet.secrets["isogloss-s3"]
        return Store.from_settings(
            Settings(
                s3_endpoint=f"{self.pod('s3').address}:9000",
                s3_access_key=SecretStr(keys["access-key"]),
                s3_secret_key=SecretStr(keys["secret-key"]),
            )
        )

    def forget_results(self) -> None:
        """Remove every artifact: the next run computes all of it."""
        self.store.remove([item.name for item in self.store.objects("")])
