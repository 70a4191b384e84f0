"""What an operator meets after `apply`: a second apply, a drain, an upgrade, a node that is too small."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from flows.graph import build
from flows.load import load
from stack.cluster.sizing import Needs, Resources
from tests.conftest import ROOT
from tests.k8s.rendering import (
    COMPONENTS,
    CUSTOM,
    K8S,
    OVERLAYS,
    Object,
    containers,
    documented,
    matches,
    name_of,
    of_kind,
    pod_templates,
    render,
)

GIB = 2**30
KUBECTL = Path(sys.executable).with_name("kubectl")
ALL = ("gpu", *(name for name in COMPONENTS if name not in ("gpu", "network-policy", "minio", "openshift")))
EVERY = [*((overlay,) for overlay in OVERLAYS), ALL, *documented()]
SCHEMAS = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema" / "v1.37.0-local-strict"

# What the server fills in below a field that it replaces as a whole: unsaid, it is a difference for ever,
# and a conflict for server-side apply.
FILLED_IN = {"fieldRef": {"apiVersion": "v1"}, "resourceFieldRef": {"divisor": "0"}}
QUANTITIES = {"requests", "limits", "hard"}


@pytest.fixture(params=EVERY, ids="+".join)
def objects(request: pytest.FixtureRequest) -> tuple[Object, ...]:
    return render(*request.param)


# --- Applied twice


def walk(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """(path, value) of everything below."""
    yield path, value
    if isinstance(value, dict):
        for key, below in value.items():
            yield from walk(below, (*path, key))
    elif isinstance(value, list):
        for below in value:
            yield from walk(below, path)


def test_fields_are_written_as_the_server_keeps_them(objects: tuple[Object, ...]) -> None:
    for item in objects:
        for path, value in walk(item):
            name = path[-1] if path else ""
            if name in FILLED_IN:
                assert FILLED_IN[name].items() <= value.items(), f"{name_of(item)}: {'.'.join(path)}"
            if name in QUANTITIES and isinstance(value, dict):
                assert all(canonical(amount) for amount in value.values()), f"{name_of(item)}: {value}"
            if name in ("sizeLimit", "storage", "nominalQuota"):
                assert canonical(value), f"{name_of(item)}: {path} {value}"
            assert name != "volumeClaimTemplates", (
                "their size cannot be changed, and the server fills them in"
            )


def canonical(amount: Any) -> bool:
    """Whether a quantity is a string as Kubernetes writes it: 1500m, not 1.5; 1Gi, not 1024Mi."""
    if not isinstance(amount, str):
        return False
    number, suffix = re.fullmatch(r"(\d+)([a-zA-Z]*)", amount).groups()  # type: ignore[union-attr]
    if suffix == "m":
        return int(number) % 1000 != 0
    if suffix.endswith("i"):
        return int(number) % 1024 != 0
    return not (suffix == "" and int(number) and int(number) % 1000 == 0)


def test_nothing_is_configured_anew_by_the_same_apply(objects: tuple[Object, ...]) -> None:
    """kubectl sends a field of patch strategy `replace` at each apply, changed or not."""
    replacing = {
        path.name.partition("-")[0]
        for path in SCHEMAS.glob("*spec-*.json")
        if '"x-kubernetes-patch-strategy": "replace"' in path.read_text()
    }
    assert replacing == {"poddisruptionbudgetspec"}
    assert not of_kind(objects, "PodDisruptionBudget")


def test_nothing_is_made_once_and_gone(objects: tuple[Object, ...]) -> None:
    """A Job cannot be changed by an upgrade, and one that has gone is a difference for ever."""
    assert not of_kind(objects, "Job")


def test_cluster_wide_objects_have_no_namespace(objects: tuple[Object, ...]) -> None:
    cluster_wide = {
        "Namespace",
        "PriorityClass",
        "ClusterRole",
        "ClusterRoleBinding",
        "ClusterQueue",
        "ResourceFlavor",
    }
    for item in objects:
        assert ("namespace" in item["metadata"]) == (item["kind"] not in cluster_wide), name_of(item)


def test_custom_resources_are_of_versions_that_are_served(objects: tuple[Object, ...]) -> None:
    for item in objects:
        group, _, version = item["apiVersion"].rpartition("/")
        if "." in group and not group.endswith(".k8s.io"):
            assert item["apiVersion"] in CUSTOM, name_of(item)
        if group == "kueue.x-k8s.io":
            assert version == "v1beta2"


# --- Drained


def test_a_drain_ends(objects: tuple[Object, ...]) -> None:
    """A disruption budget holds it up for ever where a successor finds no node; callers wait."""
    assert not of_kind(objects, "PodDisruptionBudget")
    for item in of_kind(objects, "Deployment", "StatefulSet"):
        assert item["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] <= 180, name_of(item)


# --- Runs


def test_a_failed_runs_log_stays(objects: tuple[Object, ...]) -> None:
    """Kubernetes applies a CronJob's history limits to Jobs that kubectl makes of it, too."""
    (cron_job,) = of_kind(objects, "CronJob")
    spec = cron_job["spec"]
    assert spec["suspend"] is True
    assert min(spec["failedJobsHistoryLimit"], spec["successfulJobsHistoryLimit"]) >= 100
    assert spec["jobTemplate"]["spec"]["ttlSecondsAfterFinished"] == 7 * 24 * 3600


def test_a_stopped_run_has_time_to_say_so(objects: tuple[Object, ...]) -> None:
    (cron_job,) = of_kind(objects, "CronJob")
    pod = cron_job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (drain,) = [item["value"] for item in pod["containers"][0]["env"] if item["name"] == "ISOGLOSS_DRAIN_S"]
    assert pod["terminationGracePeriodSeconds"] - float(drain) >= 10


# --- Sized


def test_local_fits_a_small_node() -> None:
    """4 CPUs, 16 GB, a disk of 17 GiB allocatable, of which the system's own pods have a part."""
    node = Resources(cpu=4, memory=16e9, disk=17 * GIB)
    system = Resources(cpu=1, memory=1 * GIB, disk=1 * GIB)
    needs = Needs.of(render("local"))
    assert needs.total.fits(node - system), str(needs.total)
    assert sum(needs.volumes.values()) <= 10 * GIB


def test_one_gpu_fits_one_node() -> None:
    needs = Needs.of(render("one-gpu"))
    assert needs.total.gpus == 1
    assert needs.total.fits(Resources(cpu=8, memory=30 * GIB, disk=50 * GIB, gpus=1)), str(needs.total)


def test_trainers_get_the_gpus(objects: tuple[Object, ...]) -> None:
    """Embedding is a thousandth of the work; where an embedder has a GPU, too, trainers go first."""
    templates = dict(pod_templates(objects))
    trainer, embedder = (templates[f"Deployment/{name}"] for name in ("trainer", "embedder"))
    wants = ["nvidia.com/gpu" in containers(one)[0]["resources"]["limits"] for one in (trainer, embedder)]
    if wants == [True, True]:
        priorities = {item["metadata"]["name"]: item["value"] for item in of_kind(objects, "PriorityClass")}
        assert priorities[trainer["spec"]["priorityClassName"]] > 0
        assert "priorityClassName" not in embedder["spec"]
    else:
        assert wants[1] is False


def test_who_holds_a_gpu_is_not_evicted_for_memory(objects: tuple[Object, ...]) -> None:
    for name, template in pod_templates(objects):
        for container in containers(template):
            resources = container["resources"]
            if "nvidia.com/gpu" in resources["limits"]:
                assert resources["requests"]["memory"] == resources["limits"]["memory"], name


# --- Scaled


def test_idle_pods_go_first_where_an_autoscaler_takes_them() -> None:
    plain, elastic = render("gpu"), render("gpu", "elastic")
    for objects, marks in ((plain, False), (elastic, True)):
        (worker,) = [item for item in of_kind(objects, "Deployment") if item["metadata"]["name"] == "worker"]
        arguments = worker["spec"]["template"]["spec"]["containers"][0]["args"]
        assert ("--mark-idle" in arguments) == marks


# --- Networks


def test_policies_fit_common_clusters() -> None:
    """NodeLocal DNSCache's address, and the API server's ports behind its Service."""
    policies = {item["metadata"]["name"]: item["spec"] for item in of_kind(render("gpu"), "NetworkPolicy")}
    (dns,) = policies["dns"]["egress"]
    assert {"ipBlock": {"cidr": "169.254.20.10/32"}} in dns["to"]
    ports = {port["port"] for port in policies["to-kubernetes"]["egress"][0]["ports"]}
    assert ports == {443, 6443, 8443, 16443}


def test_openshift_gives_the_users() -> None:
    objects = render("gpu", "openshift")
    for name, template in pod_templates(objects):
        fixed = "runAsUser" in template["spec"]["securityContext"]
        assert fixed == (name == "StatefulSet/postgres"), name
    (binding,) = [
        item for item in of_kind(objects, "RoleBinding") if item["metadata"]["name"] == "postgres-scc"
    ]
    assert binding["subjects"][0]["name"] == "postgres"
    policies = {item["metadata"]["name"]: item["spec"] for item in of_kind(objects, "NetworkPolicy")}
    assert policies["dns"]["egress"][1]["ports"][0]["port"] == 5353


def test_the_cluster_queue_is_the_administrators() -> None:
    """It is applied by itself, and its LocalQueue names it."""
    flavor, queue = yaml.safe_load_all((K8S / "components" / "kueue" / "cluster-queue.yaml").read_text())
    (local,) = of_kind(render("gpu", "kueue"), "LocalQueue")
    assert local["spec"]["clusterQueue"] == queue["metadata"]["name"]
    (group,) = queue["spec"]["resourceGroups"]
    assert group["flavors"][0]["name"] == flavor["metadata"]["name"]
    assert all(canonical(item["nominalQuota"]) for item in group["flavors"][0]["resources"])
    assert matches(
        {"matchLabels": queue["spec"]["namespaceSelector"]["matchLabels"]},
        {"kubernetes.io/metadata.name": "isogloss"},
    )


def test_keda_counts_every_task_that_waits_for_a_trainer() -> None:
    """A run's tasks have the names of its nodes. With no trainer, one that is not counted waits for ever."""
    objects = render("gpu", "elastic")
    queries = {
        item["metadata"]["name"]: item["spec"]["triggers"][0]["metadata"]["query"]
        for item in of_kind(objects, "ScaledObject")
    }
    counted = {name: set(re.findall(r"LIKE '([a-z]+) %'", query)) for name, query in queries.items()}
    for profile, sweep in (("sample", "selected"), ("paper", "pruned"), ("matched-tiny", "selected")):
        nodes = build(load(profile, options={"sweep": {"kind": sweep}})).values()
        # A snapshot is imported by the trainer (`flows/intake.py`).
        needs = {"trainer": {"trainer.Pretrain", "trainer.Train", "fetch"}, "embedder": {"embedder.Embed"}}
        for service, calls in needs.items():
            kinds = {node.kind for node in nodes if node.call in calls}
            assert kinds <= counted[service]
            assert not {node.kind for node in nodes if node.call not in calls} & counted[service]
    assert all(node.id.startswith(f"{node.kind} ") for node in nodes)


def test_a_run_of_ones_own_is_made_by_kubectl_alone() -> None:
    """The second half of the runbook's pipe, on the Job that its first half prints."""
    (cron_job,) = of_kind(render("gpu"), "CronJob")
    template = cron_job["spec"]["jobTemplate"]
    job = {"apiVersion": "batch/v1", "kind": "Job", **template, "metadata": {"name": "run-2"}}
    profile = "ISOGLOSS_PROFILE=/etc/isogloss/studies/my-study.yaml"
    command = [str(KUBECTL), "set", "env", "--local", "-f", "-", "-o", "yaml", profile]
    done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, check=True)
    (container,) = yaml.safe_load(done.stdout)["spec"]["template"]["spec"]["containers"]
    variables = {item["name"]: item.get("value") for item in container["env"]}
    assert variables["ISOGLOSS_PROFILE"] == "/etc/isogloss/studies/my-study.yaml"
    places = {item["name"]: item["mountPath"] for item in container["volumeMounts"]}
    assert places["studies"] == "/etc/isogloss/studies"


def test_every_alert_names_a_runbook_that_is_there() -> None:
    text = (ROOT / "docs" / "cluster.md").read_text()
    titles = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}
    (rules,) = of_kind(render("gpu", "monitoring"), "PrometheusRule")
    alerts = [rule for group in rules["spec"]["groups"] for rule in group["rules"]]
    assert len(alerts) >= 6
    for alert in alerts:
        page, _, anchor = alert["annotations"]["runbook"].partition("#")
        assert page == "docs/cluster.md"
        assert anchor in anchors, alert["alert"]


def test_what_the_dashboard_and_alerts_ask_for_is_exported() -> None:
    """By `isogloss/interceptor.py`; other metrics are those of Kubernetes, KEDA and Python's client."""
    interceptor = (ROOT / "isogloss" / "interceptor.py").read_text()
    exported = set(re.findall(r'"(isogloss_[a-z_]+)"', interceptor))
    component = K8S / "components" / "monitoring"
    asked = (component / "dashboard.json").read_text() + (component / "monitoring.yaml").read_text()
    for name in re.findall(r"isogloss_[a-z_]+", asked):
        assert name.removesuffix("_bucket") in exported, name


def test_lists_that_are_merged_by_name_have_no_name_twice(objects: tuple[Object, ...]) -> None:
    """Server-side apply refuses them, and client-side apply drops one in silence."""
    keys = {"env": "name", "ports": "containerPort", "volumeMounts": "mountPath"}
    for name, template in pod_templates(objects):
        volumes = [volume["name"] for volume in template["spec"].get("volumes", [])]
        assert len(set(volumes)) == len(volumes), name
        for container in containers(template):
            for field, key in keys.items():
                values = [item[key] for item in container.get(field, [])]
                assert len(set(values)) == len(values), f"{name}: {field}"
