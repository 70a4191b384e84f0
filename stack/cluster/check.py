"""What a cluster lacks for an installation, found by `kubectl` before anything is applied.

Each check is a function from the rendered objects and a `Cluster`, which asks kubectl, to findings. A finding
that a check cannot make, for want of rights, is a note, never a pass.
"""

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from stack.cluster.manifests import Object, of_kind, pod_templates
from stack.cluster.sizing import Needs, Part, Resources

NAMESPACE = "isogloss"
OLDEST = (1, 31)
"""Kubernetes from which on a pod failure policy is stable."""

Level = Literal["ok", "note", "lacks"]


@dataclass(frozen=True)
class Finding:
    """One line for the operator: how it stands, what with, and what to do."""

    level: Level
    about: str
    text: str
    fix: str = ""


class KubectlError(Exception):
    """kubectl's own words."""


class Cluster:
    """The cluster of kubectl's current context; answers are kept."""

    def __init__(self, kubectl: str = "kubectl") -> None:
        self._kubectl = kubectl
        self._answers: dict[tuple[str, ...], str] = {}

    def text(self, *arguments: str) -> str:
        """kubectl's stdout."""
        if arguments not in self._answers:
            command = [self._kubectl, *arguments]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise KubectlError(
                    done.stderr.strip() or done.stdout.strip() or f"kubectl ended with {done.returncode}"
                )
            self._answers[arguments] = done.stdout
        return self._answers[arguments]

    def items(self, *arguments: str) -> list[Object]:
        """The items of a list."""
        items: list[Object] = json.loads(self.text("get", *arguments, "-o", "json")).get("items", [])
        return items


def check(objects: Sequence[Object], cluster: Cluster) -> Iterator[Finding]:
    """All findings, in the order in which an operator would mend them."""
    for about, look in CHECKS.items():
        try:
            yield from look(objects, cluster)
        except KubectlError as error:
            yield Finding("note", about, f"not checked: {str(error).splitlines()[-1]}")


def _version(objects: Sequence[Object], cluster: Cluster) -> Iterator[Finding]:
    server = json.loads(cluster.text("version", "-o", "json")).get("serverVersion")
    if server is None:
        raise KubectlError("no server answers")
    version = (int(server["major"]), int("".join(filter(str.isdigit, server["minor"]))))
    text = "Kubernetes {}.{}".format(*version)
    if version < OLDEST:
        yield Finding("lacks", "version", text, "Isogloss needs {}.{} or newer.".format(*OLDEST))
    else:
        yield Finding("ok", "version", text)


def _kinds(objects: Sequence[Object], cluster: Cluster) -> Iterator[Finding]:
    """Custom resources: an apply would stop in the middle."""
    served = set(cluster.text("api-versions").split())
    operators = {
        "cert-manager.io": "cert-manager",
        "keda.sh": "KEDA",
        "kueue.x-k8s.io": "Kueue",
        "monitoring.coreos.com": "the Prometheus operator",
        "opentelemetry.io": "the OpenTelemetry operator",
    }
    wanted = sorted({item["apiVersion"] for item in objects} - {"v1"})
    for version in wanted:
        if version in served:
            continue
        operator = operators.get(version.partition("/")[0], "a newer Kubernetes")
        yield Finding("lacks", "kinds", f"{version} is not served", f"Install {operator} first.")
    if of_kind(objects, "HorizontalPodAutoscaler") and "metrics.k8s.io/v1beta1" not in served:
        yield Finding("lacks", "kinds", "metrics.k8s.io is not served", "Install metrics-server first.")
    if served.issuperset(wanted):
        yield Finding("ok", "kinds", f"all {len(wanted) + 1} API versions are served")


def _storage(objects: Sequence[Object], cluster: Cluster) -> Iterator[Finding]:
    claims = of_kind(objects, "PersistentVolumeClaim")
    if not claims:
        return
    classes = cluster.items("storageclass")
    mark = "storageclass.kubernetes.io/is-default-class"
    default = [item for item in classes if (item["metadata"].get("annotations") or {}).get(mark) == "true"]
    if not default:
        names = ", ".join(item["metadata"]["name"] for item in classes) or "there is none"
        command = f"kubectl annotate storageclass NAME {mark}=true"
        yield Finding(
            "lacks",
            "storage",
            f"no default StorageClass ({names}): volumes would wait for ever",
            f"Mark one: {command}",
        )
        return
    name = default[0]["metadata"]["name"]
    yield Finding("ok", "storage", f"{len(claims)} volumes by StorageClass {name}")
    if not default[0].get("allowVolumeExpansion"):
        yield Finding(
            "note", "storage", f"{name} cannot enlarge volumes", "Ask for enough now (isogloss cluster size)."
        )


def _nodes(objects: Sequence[Object], cluster: Cluster) -> Iterator[Finding]:
    """Whether all pods find room, the largest first, beside what runs already."""
    nodes = [item for item in cluster.items("nodes") if not item["spec"].get("unschedulable")]
    room = {item["metadata"]["name"]: Resources.from_json(item["status"]["allocatable"]) for item in nodes}
    running = cluster.items("pods", "-A", "--field-selector=status.phase!=Succeeded,status.phase!=Failed")
    for pod in running:
        name = pod["spec"].get("nodeName")
        if name in room and pod["metadata"]["namespace"] != NAMESPACE:
            room[name] -= _requests(pod)
    labels = {item["metadata"]["name"]: item["metadata"].get("labels", {}) for item in nodes}
    taints = {item["metadata"]["name"]: _taints(item) for item in nodes}
    homeless: list[Part] = []
    pods = [part for part in Needs.of(objects).parts for _ in range(part.pods)]
    for part in sorted(
        pods, key=lambda part: (part.each.gpus, part.each.memory, part.each.cpu), reverse=True
    ):
        fitting = [
            name
            for name, free in room.items()
            if part.nodes.items() <= labels[name].items()
            and (not taints[name] or (part.nodes and taints[name] == {"nvidia.com/gpu"}))
            and part.each.fits(free)
        ]
        if not fitting:
            homeless.append(part)
            continue
        # Without a GPU rather where none is.
        best = min(fitting, key=lambda name: (room[name].gpus, room[name].memory))
        room[best] -= part.each
    for part in {part.name: part for part in homeless}.values():
        number = sum(other.name == part.name for other in homeless)
        where = "".join(f", on nodes with {key}={value}" for key, value in part.nodes.items())
        text = f"no room for {number} of {part.pods} {part.name}: {part.each} each{where}"
        yield Finding("lacks", "nodes", text, "Add nodes, label them, or lower requests or replicas.")
    if not homeless:
        yield Finding("ok", "nodes", f"room for all {len(pods)} pods on {len(nodes)} nodes")


def _requests(pod: Object) -> Resources:
    from stack.cluster.sizing import pod_requests

    return pod_requests(pod["spec"])


def _taints(node: Object) -> set[str]:
    return {
        taint["key"]
        for taint in node["spec"].get("taints") or []
        if taint["effect"] in ("NoSchedule", "NoExecute")
    }


def _quota(objects: Sequence[Object], cluster: Cluster) -> Iterator[Finding]:
    total = Needs.of(objects).total
    quotas = cluster.items("resourcequota", "-n", NAMESPACE)
    for item in quotas:
        status = item.get("status", {})
        for key, hard in status.get("hard", {}).items():
            name = key.removeprefix("requests.")
            if name not in ("cpu", "memory", "ephemeral-storage", "nvidia.com/gpu"):
                continue
            asked = Resources(**{_FIELDS[name]: getattr(total, _FIELDS[name])})
            if not asked.fits(Resources.from_json({name: hard})):
                text = f"{item['metadata']['name']} allows {hard} of {key}; all pods ask for {asked}"
                yield Finding("lacks", "quota", text, "Raise it, or lower requests or replicas.")
    if not quotas:
        yield Finding("ok", "quota", f"none in namespace {NAMESPACE}")


_FIELDS = {"cpu": "cpu", "memory": "memory", "ephemeral-storage": "disk", "nvidia.com/gpu": "gpus"}


def _security(objects: Sequence[Object], cluster: Cluster) -> Iterator[Finding]:
    """Pod Security of a namespace that is there already: the manifests ask for `restricted`."""
    spaces = {item["metadata"]["name"]: item["metadata"] for item in cluster.items("namespaces")}
    if NAMESPACE not in spaces:
        yield Finding("ok", "security", f"namespace {NAMESPACE} will be made, with Pod Security restricted")
        return
    labels = spaces[NAMESPACE].get("labels", {})
    level = labels.get("pod-security.kubernetes.io/enforce", "not enforced")
    yield Finding(
        "ok", "security", f"namespace {NAMESPACE} exists, Pod Security {level}; it will be restricted"
    )


def _secrets(objects: Sequence[Object], cluster: Cluster) -> Iterator[Finding]:
    """Secrets that somebody must make: neither the worker nor cert-manager does."""
    made = {item["spec"]["secretName"] for item in of_kind(objects, "Certificate")}
    wanted: set[str] = set()
    for _, template in pod_templates(objects):
        spec = template["spec"]
        for container in [*spec.get("initContainers", []), *spec["containers"]]:
            if container.get("args", [])[:2] == ["flows.cluster", "secrets"]:
                made |= set(container["args"][2:])
            for entry in container.get("env", []):
                reference = entry.get("valueFrom", {}).get("secretKeyRef", {})
                if reference and not reference.get("optional"):
                    wanted.add(reference["name"])
        wanted |= {volume["secret"]["secretName"] for volume in spec.get("volumes", []) if "secret" in volume}
    yours = sorted(wanted - made)
    if not yours:
        yield Finding("ok", "secrets", "all are made by the installation")
        return
    there = {item["metadata"]["name"] for item in cluster.items("secrets", "-n", NAMESPACE)}
    for name in yours:
        if name in there:
            yield Finding("ok", "secrets", f"{name} is there")
        else:
            fix = f"kubectl -n {NAMESPACE} create secret generic {name} … (docs/cluster.md, S3 outside)"
            yield Finding("lacks", "secrets", f"there is no Secret {name}, and nothing makes it", fix)


def _rights(objects: Sequence[Object], cluster: Cluster) -> Iterator[Finding]:
    """Whether this user may make what is in the manifests."""
    kinds = sorted({(item["kind"], item["apiVersion"].rpartition("/")[0]) for item in objects})
    refused = []
    for kind, group in kinds:
        resource = _plural(kind) + (f".{group}" if group else "")
        try:
            cluster.text("auth", "can-i", "create", resource, "-n", NAMESPACE)
        except KubectlError as error:
            if not str(error).startswith("no"):  # its answer; anything else is no answer
                raise
            refused.append(resource)
    if refused:
        yield Finding(
            "lacks", "rights", f"you may not create {', '.join(refused)}", "Ask for the role `admin` or more."
        )
    else:
        yield Finding("ok", "rights", f"you may create all {len(kinds)} kinds")


def _plural(kind: str) -> str:
    name = kind.lower()
    return name[:-1] + "ies" if name.endswith("y") else name + ("es" if name.endswith("s") else "s")


def _images(objects: Sequence[Object], cluster: Cluster) -> Iterator[Finding]:
    """Images by a name that no registry has must be on the nodes."""
    here = {
        name
        for node in cluster.items("nodes")
        for image in node["status"].get("images", [])
        for name in image.get("names", [])
    }
    wanted = {
        container["image"]
        for _, template in pod_templates(objects)
        for container in [*template["spec"].get("initContainers", []), *template["spec"]["containers"]]
        if container["image"].startswith("localhost/")
    }
    missing = sorted(wanted - here)
    if missing:
        text = f"no node lists {', '.join(missing)}"
        fix = "Load them (kind load, minikube image load), or push them and map the names: docs/cluster.md."
        yield Finding("note", "images", text, fix)


Check = Callable[[Sequence[Object], Cluster], Iterator[Finding]]

CHECKS: dict[str, Check] = {
    "version": _version,
    "rights": _rights,
    "kinds": _kinds,
    "security": _security,
    "quota": _quota,
    "secrets": _secrets,
    "storage": _storage,
    "nodes": _nodes,
    "images": _images,
}
"""Every check, by what it is about."""


def lacking(findings: Sequence[Finding]) -> list[Finding]:
    """Those that would keep the installation from running."""
    return [finding for finding in findings if finding.level == "lacks"]


__all__ = ["CHECKS", "Cluster", "Finding", "KubectlError", "check", "lacking"]
