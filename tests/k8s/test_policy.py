"""Every manifest that can be applied is valid, restricted, bounded, pinned, and fits the others."""

import copy
from typing import Any

import kubernetes_validate
import pytest

from isogloss.settings import Settings
from tests.k8s.rendering import (
    COMPONENTS,
    CUSTOM,
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

INSTALLATIONS = [
    *((overlay,) for overlay in OVERLAYS),
    # A GPU for embedders comes after one for trainers.
    *(("local", component) for component in COMPONENTS if component != "embedder-gpu"),
    # MinIO has SeaweedFS's place, whose TLS is in tls-stores.
    ("gpu", *(name for name in COMPONENTS if name not in ("gpu", "network-policy", "minio"))),
    *documented(),
]
# Applying a component a second time is an error of its own; the overlays have these.
HAD = {
    "local": {"network-policy"},
    "one-gpu": {"gpu", "network-policy"},
    "gpu": {"gpu", "network-policy"},
    "production": {"gpu", "network-policy", "autoscaling"},
}


@pytest.fixture(params=list(dict.fromkeys(INSTALLATIONS)), ids="+".join)
def objects(request: pytest.FixtureRequest) -> tuple[Object, ...]:
    overlay, *components = request.param
    return render(overlay, *(name for name in components if name not in HAD[overlay]))


def test_the_docs_name_combinations() -> None:
    assert len(documented()) >= 3


def test_kubernetes_accepts_it(objects: tuple[Object, ...]) -> None:
    for item in objects:
        if item["apiVersion"] not in CUSTOM:
            kubernetes_validate.validate(copy.deepcopy(item), "1.37", strict=True)


def test_pods_are_restricted(objects: tuple[Object, ...]) -> None:
    """Kubernetes' profile `restricted`, and a read-only root file system."""
    for name, template in pod_templates(objects):
        spec = template["spec"]
        security = spec["securityContext"]
        assert security["runAsNonRoot"] is True, name
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}, name
        if "runAsUser" in security:  # on OpenShift, the namespace's range gives it
            assert security["runAsUser"] >= 10_000 or name == "StatefulSet/postgres", name  # its image's own
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec), name
        allowed = {"name", "emptyDir", "secret", "configMap", "persistentVolumeClaim"}
        assert all(set(volume) <= allowed for volume in spec.get("volumes", [])), name
        for container in containers(template):
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False, name
            assert context["readOnlyRootFilesystem"] is True, name
            assert context["capabilities"] == {"drop": ["ALL"]}, name


def test_the_namespace_enforces_it(objects: tuple[Object, ...]) -> None:
    (namespace,) = of_kind(objects, "Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_containers_are_bounded(objects: tuple[Object, ...]) -> None:
    for name, template in pod_templates(objects):
        for container in containers(template):
            resources = container["resources"]
            assert {"cpu", "memory", "ephemeral-storage"} <= set(resources["requests"]), name
            assert {"cpu", "memory", "ephemeral-storage"} <= set(resources["limits"]), name
        for volume in template["spec"].get("volumes", []):
            assert "emptyDir" not in volume or volume["emptyDir"]["sizeLimit"], name


def test_what_serves_is_probed_and_ends_in_good_order(objects: tuple[Object, ...]) -> None:
    for item in of_kind(objects, "Deployment", "StatefulSet"):
        spec = item["spec"]["template"]["spec"]
        for container in spec["containers"]:
            assert {"startupProbe", "readinessProbe", "livenessProbe"} <= set(container), name_of(item)
            drain = {entry["name"]: entry.get("value") for entry in container["env"]}.get(
                "ISOGLOSS_DRAIN_S", "0"
            )
            assert spec["terminationGracePeriodSeconds"] > float(drain), name_of(item)


def test_images_are_pinned(objects: tuple[Object, ...]) -> None:
    for name, template in pod_templates(objects):
        for container in containers(template):
            repository, _, tag = container["image"].rpartition(":")
            assert repository, name
            assert tag[:1].isdigit() or tag.startswith("RELEASE.20"), f"{name}: {container['image']}"
            assert container["imagePullPolicy"] == "IfNotPresent", name


def test_everything_is_denied_that_is_not_allowed(objects: tuple[Object, ...]) -> None:
    policies = {item["metadata"]["name"]: item["spec"] for item in of_kind(objects, "NetworkPolicy")}
    assert policies["deny-all"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    labels = [template["metadata"]["labels"] for _, template in pod_templates(objects)]
    for name, policy in policies.items():
        if name.endswith("-out"):
            twin = policies[name.removesuffix("-out") + "-in"]
            assert policy["egress"][0]["ports"] == twin["ingress"][0]["ports"]
            assert policy["egress"][0]["to"][0]["podSelector"] == twin["podSelector"]
            assert any(matches(policy["podSelector"], pod) for pod in labels), name


def test_gpus_come_by_the_component_alone() -> None:
    for overlay in OVERLAYS:
        for name, template in pod_templates(render(overlay)):
            wants = any("nvidia.com/gpu" in item["resources"]["limits"] for item in containers(template))
            assert wants == (name == "Deployment/trainer" and overlay != "local"), f"{overlay}: {name}"
            assert ("nodeSelector" in template["spec"]) == wants, f"{overlay}: {name}"


def test_selectors_choose_their_pods(objects: tuple[Object, ...]) -> None:
    for item in of_kind(objects, "Deployment", "StatefulSet"):
        assert matches(item["spec"]["selector"], item["spec"]["template"]["metadata"]["labels"]), name_of(
            item
        )
    pods = [template["metadata"]["labels"] for _, template in pod_templates(objects)]
    for item in of_kind(objects, "PodMonitor"):
        assert any(matches(item["spec"]["selector"], pod) for pod in pods), name_of(item)
    for item in of_kind(objects, "HorizontalPodAutoscaler", "ScaledObject"):
        target = item["spec"]["scaleTargetRef"]["name"]
        (scaled,) = [one for one in of_kind(objects, "Deployment") if one["metadata"]["name"] == target]
        assert "replicas" not in scaled["spec"], "an apply would undo what the autoscaler has set"


def test_services_lead_to_ports(objects: tuple[Object, ...]) -> None:
    for item in of_kind(objects, "Service"):
        behind = [
            template
            for _, template in pod_templates(objects)
            if item["spec"]["selector"].items() <= template["metadata"]["labels"].items()
        ]
        (template,) = behind
        ports = {port["name"] for container in containers(template) for port in container.get("ports", [])}
        assert {port["targetPort"] for port in item["spec"]["ports"]} <= ports, name_of(item)


def test_references_lead_somewhere(objects: tuple[Object, ...]) -> None:
    """ConfigMaps, Secrets, service accounts and the addresses of the settings."""
    maps = {item["metadata"]["name"]: item["data"] for item in of_kind(objects, "ConfigMap")}
    accounts = {item["metadata"]["name"] for item in of_kind(objects, "ServiceAccount")}
    made = {"isogloss-s3", "isogloss-prefect", "isogloss-postgres", "isogloss-hub"}
    made |= {item["spec"]["secretName"] for item in of_kind(objects, "Certificate")}
    for name, template in pod_templates(objects):
        assert template["spec"]["serviceAccountName"] in accounts, name
        for container in containers(template):
            for source in container.get("envFrom", []):
                assert source["configMapRef"]["name"] in maps, name
            for entry in container.get("env", []):
                reference = entry.get("valueFrom", {}).get("secretKeyRef")
                assert reference is None or reference["name"] in made, name
        for volume in template["spec"].get("volumes", []):
            assert "secret" not in volume or volume["secret"]["secretName"] in made, name
            source = volume.get("configMap", {"optional": True})
            assert source.get("optional") or source["name"] in maps, name
    services = {
        item["metadata"]["name"]: item["spec"]["ports"][0]["port"] for item in of_kind(objects, "Service")
    }
    for setting, value in settings_of(objects).items():
        if setting.endswith("_TARGET"):
            host, port = value.removeprefix("dns:///").split(":")
            assert services[host] == int(port)


def test_settings_exist_and_fit_the_replicas(objects: tuple[Object, ...]) -> None:
    """A misspelled setting would be ignored in silence; one trainer too few would stand idle."""
    shared = settings_of(objects)
    known = {f"ISOGLOSS_{field.upper()}" for field in Settings.model_fields}
    assert set(shared) <= known
    Settings(**{name.removeprefix("ISOGLOSS_").lower(): value for name, value in shared.items()})
    deployments = {item["metadata"]["name"]: item["spec"] for item in of_kind(objects, "Deployment")}
    most = {
        item["metadata"]["name"]: item["spec"]["maxReplicaCount"] for item in of_kind(objects, "ScaledObject")
    }
    for part in ("trainer", "embedder"):
        replicas = most.get(part) or deployments[part]["replicas"]
        assert int(shared[f"ISOGLOSS_{part.upper()}S"]) == replicas


@pytest.mark.parametrize(
    "components", [("gpu", "tls"), ("gpu", "tls", "tls-stores"), ("production", "tls")], ids="+".join
)
def test_each_part_has_its_certificate(components: tuple[str, ...]) -> None:
    without = set() if "tls-stores" in components else {"s3", "postgres"}
    for name, template in pod_templates(render(*components)):
        part = name.split("/")[1].replace("replicate-full", "run")
        secrets = {item["name"]: item.get("secret", {}) for item in template["spec"]["volumes"]}
        certificates = [volume for volume, one in secrets.items() if one.get("secretName") == f"{part}-tls"]
        assert len(certificates) == (0 if part in without else 1), name
        for container in containers(template):
            if container["name"] == "secrets":  # it speaks with Kubernetes alone
                continue
            places = {item["name"]: item["mountPath"] for item in container["volumeMounts"]}
            assert [places[volume] for volume in certificates] == ["/etc/isogloss/tls"] * len(certificates), (
                name
            )
            urls = [item["value"] for item in container.get("env", []) if item["name"] == "PREFECT_API_URL"]
            assert all(url.startswith("https://") for url in urls), name


def test_tls_of_seaweedfs_is_not_asked_of_minio() -> None:
    with pytest.raises(AssertionError, match="test failed"):
        render("gpu", "tls", "minio", "tls-stores")


def test_no_secret_has_a_value(objects: tuple[Object, ...]) -> None:
    assert not of_kind(objects, "Secret")
    for name, template in pod_templates(objects):
        for container in containers(template):
            for entry in container.get("env", []):
                secret = any(
                    word in entry["name"] for word in ("SECRET_KEY", "PASSWORD", "AUTH_STRING", "TOKEN")
                )
                named = (
                    entry["name"].endswith(("_SECRET_NAME", "_SECRET_KEY"))
                    and "INTEGRATIONS" in entry["name"]
                )
                assert not secret or named or "valueFrom" in entry, f"{name}: {entry['name']}"


def test_tokens_only_where_kubernetes_is_spoken_to(objects: tuple[Object, ...]) -> None:
    speakers = {
        name for name, template in pod_templates(objects) if template["spec"]["automountServiceAccountToken"]
    }
    assert speakers == {"Deployment/worker"}


def settings_of(objects: tuple[Object, ...]) -> dict[str, Any]:
    """The settings that all parts share."""
    (shared,) = [
        item["data"]
        for item in of_kind(objects, "ConfigMap")
        if item["metadata"]["name"].startswith("isogloss-") and "ISOGLOSS_BUCKET" in item["data"]
    ]
    return dict(shared)
