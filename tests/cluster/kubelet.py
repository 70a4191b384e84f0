"""A kubelet in miniature: runs the pods of rendered manifests with podman.

It takes a manifest at its word or fails: a field of a pod or container that is in neither `HONORED` nor
`LEFT` is an error, so that what these tests do not exercise is a list one can read. One container per pod,
one pod per workload.
"""

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

Object = dict[str, Any]

NETWORK = "isogloss-test"
_ADDRESSES = "10.89.77"  # .0/24; a pod keeps its own when its container starts again
HONORED = {
    "pod": {
        "containers",
        "volumes",
        "securityContext",  # user, groups, RuntimeDefault: podman's seccomp profile
        "terminationGracePeriodSeconds",
        "restartPolicy",
    },
    "container": {
        "name",
        "image",
        "command",
        "args",
        "env",
        "envFrom",
        "ports",
        "startupProbe",
        "readinessProbe",
        "livenessProbe",
        "resources",  # limits of CPU and memory; requests are the scheduler's
        "securityContext",
        "volumeMounts",
    },
}
LEFT = {
    "pod": {
        "initContainers",  # the worker's, which speak with Kubernetes
        "serviceAccountName",
        "automountServiceAccountToken",
        "enableServiceLinks",
        "topologySpreadConstraints",
        "nodeSelector",
        "tolerations",
    },
    "container": {"imagePullPolicy"},
}
_UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


class PodError(Exception):
    """A pod did not start, or a manifest asks for what this kubelet does not do."""


@dataclass
class Pod:
    """A running container and what its manifest says of it."""

    name: str
    container: Object
    grace_s: int

    @property
    def process(self) -> int:
        """The process id of the container's first process, on this host."""
        return int(_podman("inspect", "--format", "{{.State.Pid}}", self.name))

    @property
    def address(self) -> str:
        """Its address on the network."""
        return _podman(
            "inspect",
            "--format",
            f'{{{{(index .NetworkSettings.Networks "{NETWORK}").IPAddress}}}}',
            self.name,
        )

    def logs(self) -> str:
        """What it has printed."""
        done = subprocess.run(["podman", "logs", self.name], capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    def execute(self, *command: str) -> str:
        """`kubectl exec`: the command's stdout."""
        return _podman("exec", self.name, *command)

    def kill(self) -> None:
        """kill -9 of its process: the runtime restarts it, as a kubelet would."""
        os.kill(self.process, 9)

    def stop(self) -> tuple[int, float]:
        """SIGTERM, and SIGKILL after the grace period; exit code and the seconds that it took."""
        started = time.monotonic()
        _podman("stop", "--time", str(self.grace_s), self.name)
        return self.exit_code(), time.monotonic() - started

    def start(self) -> None:
        """Start it again after a stop."""
        _podman("start", self.name)

    def exit_code(self) -> int:
        """Of a pod that has ended."""
        return int(_podman("inspect", "--format", "{{.State.ExitCode}}", self.name))

    def wait(self, timeout_s: float) -> int:
        """Wait for its end; the exit code."""
        return int(_podman("wait", self.name, timeout_s=timeout_s).splitlines()[-1])

    def remove(self) -> None:
        """Kill and forget it."""
        _podman("rm", "--force", "--time", "2", self.name, check=False)

    def await_probe(self, kind: str = "startupProbe") -> None:
        """Try a probe as often as the manifest allows; `PodError` with the pod's log if it never succeeds."""
        probe = self.container[kind]
        for _ in range(probe.get("failureThreshold", 3)):
            if self.probe(kind):
                return
            time.sleep(probe.get("periodSeconds", 10))
        raise PodError(f"{kind} of {self.name} fails:\n{self.logs()[-3000:]}")

    def probe(self, kind: str) -> bool:
        """One try of a probe, from outside of the container."""
        probe = self.container[kind]
        timeout_s = probe.get("timeoutSeconds", 1)
        ports = {port["name"]: port["containerPort"] for port in self.container.get("ports", [])}
        try:
            if "exec" in probe:
                _podman("exec", self.name, *probe["exec"]["command"], timeout_s=timeout_s)
                return True
            if "grpc" in probe:
                with grpc.insecure_channel(f"{self.address}:{probe['grpc']['port']}") as channel:
                    health = health_pb2_grpc.HealthStub(channel)
                    answer = health.Check(health_pb2.HealthCheckRequest(), timeout=timeout_s)
                    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)
            if "httpGet" in probe:
                asked = probe["httpGet"]
                scheme = asked.get("scheme", "HTTP").lower()
                url = f"{scheme}://{self.address}:{ports[asked['port']]}{asked['path']}"
                context = ssl._create_unverified_context()  # as a kubelet, which looks at no certificate
                with urllib.request.urlopen(url, timeout=timeout_s, context=context) as response:
                    return bool(200 <= response.status < 400)
            with socket.create_connection((self.address, ports[probe["tcpSocket"]["port"]]), timeout_s):
                return True
        except (OSError, grpc.RpcError, PodError, subprocess.TimeoutExpired):
            return False


@dataclass
class Kubelet:
    """Runs pods of one namespace; `folder` holds volumes and Secrets, `images` replaces images by name."""

    folder: Path
    objects: tuple[Object, ...]
    secrets: Mapping[str, Mapping[str, str]]
    images: Mapping[str, str]
    pods: dict[str, Pod] = field(default_factory=dict)

    def create_network(self) -> None:
        """The network on which pods find each other by the names of their Services."""
        _podman("network", "create", f"--subnet={_ADDRESSES}.0/24", NETWORK)

    def remove_all(self) -> None:
        """Remove all pods and the network."""
        for pod in self.pods.values():
            pod.remove()
        _podman("network", "rm", "--force", NETWORK, check=False)

    def run(self, kind: str, name: str, labels: Mapping[str, str] | None = None) -> Pod:
        """Start the pod of a workload; a CronJob's is that of its Job."""
        item = next(one for one in self.objects if (one["kind"], one["metadata"]["name"]) == (kind, name))
        spec = item["spec"]["jobTemplate"]["spec"] if kind == "CronJob" else item["spec"]
        template = spec["template"]
        pod = template["spec"]
        (container,) = pod["containers"]
        _check_fields("pod", pod)
        _check_fields("container", container)
        command = container.get("command", [])
        flags = [
            f"--name={name}",
            f"--network={NETWORK}",
            f"--network-alias={name}",
            f"--ip={_ADDRESSES}.{10 + len(self.pods)}",
            f"--restart={'no' if pod.get('restartPolicy') == 'Never' else 'always'}",
            *_security(pod["securityContext"], container["securityContext"]),
            *_limits(container["resources"]["limits"]),
            *self.volumes(name, pod, container),
            *(
                f"--env={key}={value}"
                for key, value in self.environment(template, container, labels or {}).items()
            ),
            *([f"--entrypoint={command[0]}"] if command else []),
        ]
        image = self.images.get(container["image"], container["image"])
        _podman("run", "--detach", *flags, image, *command[1:], *container.get("args", []))
        self.pods[name] = Pod(name, container, int(pod["terminationGracePeriodSeconds"]))
        return self.pods[name]

    def environment(self, template: Object, container: Object, labels: Mapping[str, str]) -> dict[str, str]:
        """The variables of a container, from ConfigMaps, Secrets and the pod's own metadata."""
        maps = self._config_maps()
        labels = template["metadata"]["labels"] | dict(labels)
        variables = {}
        for source in container.get("envFrom", []):
            variables |= maps[source["configMapRef"]["name"]]
        for entry in container.get("env", []):
            source = entry.get("valueFrom", {})
            if "secretKeyRef" in source:
                reference = source["secretKeyRef"]
                if reference.get("optional") and reference["name"] not in self.secrets:
                    continue
                variables[entry["name"]] = self.secrets[reference["name"]][reference["key"]]
            elif "fieldRef" in source:
                path = source["fieldRef"]["fieldPath"]
                label = re.fullmatch(r"metadata\.labels\['(.*)'\]", path)
                variables[entry["name"]] = (
                    labels[label[1]] if label else {"metadata.namespace": "isogloss"}[path]
                )
            else:
                variables[entry["name"]] = entry["value"]
        return variables

    def volumes(self, name: str, pod: Object, container: Object) -> list[str]:
        """Podman's flags for the volumes that a container mounts."""
        group = pod["securityContext"]["fsGroup"]
        volumes = {volume["name"]: volume for volume in pod.get("volumes", [])}
        flags = []
        for mount in container["volumeMounts"]:
            path, volume = mount["mountPath"], volumes[mount["name"]]
            if "persistentVolumeClaim" in volume:
                claim = self.claim(volume["persistentVolumeClaim"]["claimName"], group)
                flags.append(f"--volume={claim}:{path}:rw")
            elif "emptyDir" in volume:
                flags.append(f"--tmpfs={path}:rw,mode=1777,size={_bytes(volume['emptyDir']['sizeLimit'])}")
            elif "secret" in volume:
                source = volume["secret"]
                files = self._files(name, source["secretName"], self.secrets, source, group)
                flags.append(f"--volume={files}:{path}:ro")
            elif "configMap" in volume:
                source = volume["configMap"]
                if source.get("optional") and source["name"] not in self._config_maps():
                    continue
                files = self._files(name, source["name"], self._config_maps(), source, group)
                flags.append(f"--volume={files}:{path}:ro")
            else:
                raise PodError(f"{name}: a volume of another kind: {volume}")
        return flags

    def claim(self, name: str, group: int) -> Path:
        """The folder behind a volume claim."""
        path = self.folder / "volumes" / name
        if not path.exists():
            path.mkdir(parents=True)
        shutil.chown(path, 0, group)
        path.chmod(0o2775)
        return path

    def _config_maps(self) -> dict[str, dict[str, str]]:
        return {
            item["metadata"]["name"]: item["data"] for item in self.objects if item["kind"] == "ConfigMap"
        }

    def _files(
        self, pod: str, name: str, contents: Mapping[str, Mapping[str, str]], source: Object, group: int
    ) -> Path:
        """A folder with the files of a Secret or ConfigMap, as a volume's `source` wants them."""
        content = contents[name]
        path = self.folder / "files" / pod / name
        path.mkdir(parents=True, exist_ok=True)
        items = source.get("items") or [{"key": key, "path": key} for key in content]
        for item in items:
            file = path / item["path"]
            file.write_text(content[item["key"]])
            shutil.chown(file, 0, group)
            file.chmod(source.get("defaultMode", 0o644) | 0o040)
        return path


def _check_fields(kind: str, item: Object) -> None:
    unknown = set(item) - HONORED[kind] - LEFT[kind]
    if unknown:
        raise PodError(f"this kubelet does not know fields of a {kind}: {sorted(unknown)}")


def _security(pod: Object, container: Object) -> list[str]:
    if container.get("allowPrivilegeEscalation") is not False or pod["seccompProfile"] != {
        "type": "RuntimeDefault"
    }:
        raise PodError("only restricted pods run here")
    return [
        f"--user={pod['runAsUser']}:{pod['runAsGroup']}",
        f"--group-add={pod['fsGroup']}",
        "--security-opt=no-new-privileges",
        *(f"--cap-drop={name.lower()}" for name in container["capabilities"]["drop"]),
        *(["--read-only", "--read-only-tmpfs=false"] if container["readOnlyRootFilesystem"] else []),
    ]


def _limits(limits: Object) -> list[str]:
    cpus = limits["cpu"]
    count = float(cpus[:-1]) / 1000 if cpus.endswith("m") else float(cpus)
    return [f"--cpus={min(count, os.cpu_count() or 1)}", f"--memory={_bytes(limits['memory'])}"]


def _bytes(quantity: str) -> int:
    return int(quantity[:-2]) * _UNITS[quantity[-2:]]


def _podman(*arguments: str, check: bool = True, timeout_s: float = 120) -> str:
    command = ["podman", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout_s)
    if check and done.returncode != 0:
        raise PodError(f"{' '.join(command[:3])} … ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout.strip()
