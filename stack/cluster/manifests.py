"""Manifests as kustomize renders them."""

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from stack.errors import StackError

Object = dict[str, Any]


def rendered(folder: Path, kubectl: str = "kubectl") -> tuple[Object, ...]:
    """The objects of a kustomization; `StackError` with kustomize's words when it cannot be rendered."""
    try:
        command = [kubectl, "kustomize", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise StackError(
            f"there is no {kubectl!r} here.", "Install kubectl, or name it by --kubectl."
        ) from None
    if done.returncode != 0:
        raise StackError(f"{folder} cannot be rendered: {done.stderr.strip()}")
    return tuple(yaml.safe_load_all(done.stdout))


def of_kind(objects: Sequence[Object], *kinds: str) -> list[Object]:
    """The objects of some kinds."""
    return [item for item in objects if item["kind"] in kinds]


def pod_templates(objects: Sequence[Object]) -> Iterator[tuple[Object, Object]]:
    """(workload, pod template) of everything that makes pods."""
    for item in objects:
        spec = item.get("spec", {})
        if item["kind"] == "CronJob":
            yield item, spec["jobTemplate"]["spec"]["template"]
        elif item["kind"] in ("Deployment", "StatefulSet", "Job", "DaemonSet"):
            yield item, spec["template"]


def replicas_of(item: Object, objects: Sequence[Object]) -> int:
    """How many pods of a workload there may be at once: an autoscaler's most; one run."""
    for scaler in of_kind(objects, "HorizontalPodAutoscaler", "ScaledObject"):
        target = scaler["spec"]["scaleTargetRef"]
        if (target.get("kind", "Deployment"), target["name"]) == (item["kind"], item["metadata"]["name"]):
            spec = scaler["spec"]
            return int(spec["maxReplicas"] if "maxReplicas" in spec else spec["maxReplicaCount"])
    return int(item["spec"].get("replicas", 1))
