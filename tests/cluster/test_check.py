"""`isogloss cluster check`: what it says of clusters that lack something.

No cluster was at hand: kubectl's answers are written in the form of the API, not recorded from one.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stack.cluster.check import Cluster, KubectlError, check
from stack.cluster.sizing import Needs, Part, Resources, pod_requests, quantity, table
from tests.conftest import ROOT
from tests.k8s.rendering import OVERLAYS, render

Answers = dict[str, Any]
PODS = "get pods -A --field-selector=status.phase!=Succeeded,status.phase!=Failed -o json"
APIS = "admissionregistration.k8s.io/v1 apps/v1 batch/v1 networking.k8s.io/v1 rbac.authorization.k8s.io/v1 v1"


def node(name: str, cpu: str = "8", memory: str = "32Gi", gpus: str | None = None, **labels: str) -> Answers:
    allocatable = {"cpu": cpu, "memory": memory, "ephemeral-storage": "100Gi"}
    if gpus is not None:
        allocatable["nvidia.com/gpu"] = gpus
        labels["nvidia.com/gpu.present"] = "true"
    return {"metadata": {"name": name, "labels": labels}, "spec": {}, "status": {"allocatable": allocatable}}


def cluster(*nodes: Answers) -> Answers:
    """A cluster that lacks nothing for the overlays without operators."""
    default = {"storageclass.kubernetes.io/is-default-class": "true"}
    storage = {"metadata": {"name": "standard", "annotations": default}, "allowVolumeExpansion": True}
    return {
        "version -o json": {"serverVersion": {"major": "1", "minor": "36+"}},
        "api-versions": "\n".join(APIS.split()),
        "get storageclass -o json": {"items": [storage]},
        "get nodes -o json": {"items": list(nodes) or [node("a", gpus="2"), node("b")]},
        PODS: {"items": []},
        "get resourcequota -n isogloss -o json": {"items": []},
        "get namespaces -o json": {"items": [{"metadata": {"name": "default"}}]},
    }


class Replayed(Cluster):
    """A cluster that gives the answers of a test."""

    def __init__(self, answers: Answers) -> None:
        super().__init__()
        self._given = answers

    def text(self, *arguments: str) -> str:
        """The answer to these arguments of kubectl."""
        if arguments[:2] == ("auth", "can-i"):
            if arguments[3] in self._given.get("refused", []):
                raise KubectlError("no")
            return "yes"
        answer = self._given.get(" ".join(arguments))
        if answer is None:
            raise KubectlError("The connection to the server was refused")
        return answer if isinstance(answer, str) else json.dumps(answer)


def lines(answers: Answers, overlay: str = "gpu") -> list[str]:
    """What is found, as `level about: text`; a finding that something lacks has a fix."""
    findings = list(check(render(overlay), Replayed(answers)))
    assert all(finding.fix for finding in findings if finding.level == "lacks")
    return [f"{finding.level} {finding.about}: {finding.text}" for finding in findings]


def without_default_storage(answers: Answers) -> None:
    answers["get storageclass -o json"]["items"][0]["metadata"]["annotations"] = {}


def without_gpus(answers: Answers) -> None:
    answers["get nodes -o json"]["items"] = [node("a"), node("b")]


def with_a_full_node(answers: Answers) -> None:
    taken = {"resources": {"requests": {"memory": "30Gi", "nvidia.com/gpu": "1"}}}
    pod = {"metadata": {"namespace": "other"}, "spec": {"nodeName": "a", "containers": [taken]}}
    answers[PODS]["items"] = [pod]


def with_a_quota(answers: Answers) -> None:
    quota = {"metadata": {"name": "team"}, "status": {"hard": {"requests.memory": "8Gi", "pods": "99"}}}
    answers["get resourcequota -n isogloss -o json"]["items"] = [quota]


def of_an_old_version(answers: Answers) -> None:
    answers["version -o json"]["serverVersion"]["minor"] = "29"


def without_rights(answers: Answers) -> None:
    answers["refused"] = ["networkpolicies.networking.k8s.io"]


def with_a_tainted_node(answers: Answers) -> None:
    for item in answers["get nodes -o json"]["items"]:
        item["spec"]["taints"] = [{"key": "node.kubernetes.io/disk-pressure", "effect": "NoSchedule"}]


def test_the_command_passes_a_cluster_that_has_all(tmp_path: Path) -> None:
    """The whole command, with a stub in kubectl's place (`stub_kubectl.py`)."""
    stub = tmp_path / "kubectl"
    stub.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT / "tests/cluster/stub_kubectl.py"}" "$@"\n')
    stub.chmod(0o755)
    (tmp_path / "answers.json").write_text(json.dumps(cluster()))
    environment = os.environ | {"ISOGLOSS_STUB_ANSWERS": str(tmp_path / "answers.json")}
    command = [sys.executable, "-m", "isogloss.cli", "cluster", "check", "gpu", "--kubectl", str(stub)]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "room for all 11 pods on 2 nodes" in done.stdout


def test_images_that_no_registry_has_are_noted() -> None:
    (note,) = [line for line in lines(cluster()) if line.startswith("note")]
    assert note.startswith("note images: no node lists localhost/isogloss/embedder:")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without_default_storage, "no default StorageClass (standard)"),
        (without_gpus, "no room for 2 of 2 trainer"),
        (with_a_full_node, "no room for 2 of 2 trainer"),
        (with_a_quota, "team allows 8Gi of requests.memory"),
        (of_an_old_version, "Kubernetes 1.29"),
        (without_rights, "you may not create networkpolicies.networking.k8s.io"),
        (with_a_tainted_node, "no room for"),
    ],
)
def test_what_is_lacking_is_said(change: Callable[[Answers], None], said: str) -> None:
    answers = cluster()
    change(answers)
    assert any(line.startswith("lacks") and said in line for line in lines(answers))
    assert not any(line.startswith("lacks") for line in lines(cluster()))


def test_operators_and_secrets_of_ones_own_are_asked_for() -> None:
    answers = cluster(*(node(name, gpus="4", memory="64Gi") for name in "abcd"))
    answers["get secrets -n isogloss -o json"] = {"items": [{"metadata": {"name": "isogloss-s3"}}]}
    assert {
        "lacks kinds: autoscaling/v2 is not served",
        "lacks kinds: metrics.k8s.io is not served",
        "lacks secrets: there is no Secret isogloss-postgres, and nothing makes it",
        "ok secrets: isogloss-s3 is there",
    } <= set(lines(answers, "production"))


def test_what_cannot_be_asked_is_a_note_and_no_pass() -> None:
    answers = cluster()
    del answers["get nodes -o json"]
    assert "note nodes: not checked: The connection to the server was refused" in lines(answers)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("250m", 0.25), ("2", 2), (4, 4), ("512Mi", 2**29), ("16G", 16e9), ("1.5Gi", 1.5 * 2**30)],
)
def test_quantities(text: str | int, amount: float) -> None:
    assert quantity(text) == amount


@pytest.mark.parametrize("text", ["", "Gi", "1gi", "-1", "1 Gi"])
def test_what_is_no_quantity(text: str) -> None:
    with pytest.raises(ValueError, match="no quantity"):
        quantity(text)


def test_a_limit_without_a_request_is_requested() -> None:
    """As the API server fills it in: what a dropped request of ephemeral storage came to."""
    spec = {
        "containers": [{"resources": {"requests": {"cpu": "1"}, "limits": {"ephemeral-storage": "20Gi"}}}]
    }
    assert pod_requests(spec) == Resources(cpu=1, disk=20 * 2**30)
    spec["initContainers"] = [{"resources": {"requests": {"cpu": "3"}}}]
    assert pod_requests(spec).cpu == 3


def test_the_docs_show_the_table_that_the_command_prints() -> None:
    """docs/cluster.md, Sizing: `isogloss cluster size`."""
    printed = table((name, Needs.of(render(name))) for name in ("local", "one-gpu", "gpu", "production"))
    assert set(OVERLAYS) == {"local", "one-gpu", "gpu", "production"}
    assert printed in (ROOT / "docs" / "cluster.md").read_text()


def test_an_autoscaler_counts_with_its_most() -> None:
    parts = {part.name: part for part in Needs.of(render("gpu", "elastic")).parts}
    assert isinstance(parts["trainer"], Part)
    assert (parts["trainer"].pods, parts["embedder"].pods) == (4, 2)
