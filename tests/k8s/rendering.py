"""Manifests as kustomize renders them, and the questions that policies ask of them."""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import ROOT

K8S = ROOT / "deploy" / "k8s"
OVERLAYS = sorted(path.name for path in (K8S / "overlays").iterdir())
COMPONENTS = sorted(path.name for path in (K8S / "components").iterdir())
CUSTOM = {
    "cert-manager.io/v1",
    "keda.sh/v1alpha1",
    "kueue.x-k8s.io/v1beta2",
    "monitoring.coreos.com/v1",
}
"""Groups of operators that components need; Kubernetes' own schemas do not know them."""

Object = dict[str, Any]


@cache
def render(overlay: str, *components: str) -> tuple[Object, ...]:
    """An overlay with more components, rendered."""
    if not components:
        return kustomize(K8S / "overlays" / overlay)
    with tempfile.TemporaryDirectory(dir=K8S / "overlays", prefix=".test-") as folder:
        kustomization = {
            "namespace": "isogloss",
            "resources": [f"../{overlay}"],
            "components": [f"../../components/{name}" for name in components],
        }
        Path(folder, "kustomization.yaml").write_text(json.dumps(kustomization))
        return kustomize(Path(folder))


def kustomize(folder: Path) -> tuple[Object, ...]:
    command = [str(Path(sys.executable).with_name("kubectl")), "kustomize", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return tuple(yaml.safe_load_all(done.stdout))


def documented() -> list[tuple[str, ...]]:
    """The combinations that docs/cluster.md names, in lines such as `overlays/gpu + tls + monitoring`."""
    text = (ROOT / "docs" / "cluster.md").read_text()
    installations = re.findall(r"`overlays/([a-z-]+)((?: \+ [a-z-]+)+)`", text)
    return [(overlay, *(name for name in rest.split(" + ") if name)) for overlay, rest in installations]


def of_kind(objects: Sequence[Object], *kinds: str) -> list[Object]:
    """The objects of some kinds."""
    return [item for item in objects if item["kind"] in kinds]


def name_of(item: Object) -> str:
    """For messages: kind/name."""
    return f"{item['kind']}/{item['metadata']['name']}"


def pod_templates(objects: Sequence[Object]) -> Iterator[tuple[str, Object]]:
    """(kind/name, pod template) of everything that makes pods."""
    for item in objects:
        spec = item.get("spec", {})
        if item["kind"] == "CronJob":
            yield name_of(item), spec["jobTemplate"]["spec"]["template"]
        elif item["kind"] in ("Deployment", "StatefulSet", "Job", "DaemonSet"):
            yield name_of(item), spec["template"]


def containers(template: Object) -> list[Object]:
    """All containers of a pod, init containers too."""
    spec = template["spec"]
    return [*spec.get("initContainers", []), *spec["containers"]]


def matches(selector: Object, labels: dict[str, str]) -> bool:
    """Whether a label selector, of `matchLabels` alone, chooses a pod."""
    assert set(selector) <= {"matchLabels"}, selector
    return selector.get("matchLabels", {}).items() <= labels.items()
