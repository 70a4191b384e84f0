"""A run that Prefect's worker starts is the pod that the CronJob describes.

Prefect's own code builds the Job from the template, as its worker does for the UI and for `prefect deployment
run`; Kubernetes' schemas judge the result. The API server itself is not here.
"""

import asyncio
import copy
import uuid
from typing import Any

import kubernetes_validate
import pytest
from prefect.client.schemas.objects import Flow, FlowRun
from prefect.server.schemas.actions import validate_base_job_template
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings
from prefect_kubernetes import KubernetesWorker
from prefect_kubernetes.worker import KubernetesWorkerJobConfiguration

from flows.cluster.job_template import job_template
from flows.cluster.secrets import secret_data
from isogloss.errors import InvalidInput
from tests.k8s.rendering import Object, documented, matches, of_kind, render

INSTALLATIONS = [("local",), ("gpu",), ("production",), *documented()]
_FLOW_RUN = FlowRun(id=uuid.uuid4(), flow_id=uuid.uuid4(), name="brave-otter")
_FLOW = Flow(id=_FLOW_RUN.flow_id, name="replicate")


def cron_job(*installation: str) -> Object:
    (found,) = of_kind(render(*installation), "CronJob")
    return found


def job_of_the_worker(template: dict[str, Any], values: dict[str, Any] | None = None) -> Object:
    """The Job that Prefect's worker makes of a template for a run; `values` are the run's job variables."""
    settings = {
        PREFECT_API_URL: "http://prefect:4200/api",  # what the worker's pod has in its environment
        PREFECT_API_AUTH_STRING: "isogloss:password",
    }

    async def build() -> Object:
        configuration = await KubernetesWorkerJobConfiguration.from_template_and_values(
            base_job_template=copy.deepcopy(template), values=values or {}, client=object()
        )
        configuration.prepare_for_flow_run(_FLOW_RUN, flow=_FLOW, worker_name="worker")
        worker = KubernetesWorker(work_pool_name="isogloss")
        await worker._replace_env_variable_with_secret(
            "PREFECT_API_AUTH_STRING", configuration, "isogloss-prefect", "auth-string"
        )
        return dict(configuration.job_manifest)

    with temporary_settings(settings):
        return asyncio.run(build())


@pytest.mark.parametrize("installation", INSTALLATIONS, ids="+".join)
def test_prefect_makes_a_job_that_kubernetes_accepts(installation: tuple[str, ...]) -> None:
    template = job_template(cron_job(*installation))
    assert validate_base_job_template(template)  # what Prefect's server asks
    job = job_of_the_worker(template)
    pod = job["spec"]["template"]["spec"]
    # Prefect demands these two of a pod, for which they are nothing: the API server drops them.
    assert (pod.pop("completions"), pod.pop("parallelism")) == (1, 1)
    kubernetes_validate.validate(copy.deepcopy(job), "1.37", strict=True)


@pytest.mark.parametrize("installation", INSTALLATIONS, ids="+".join)
def test_it_is_the_pod_of_the_cron_job(installation: tuple[str, ...]) -> None:
    ours = cron_job(*installation)["spec"]["jobTemplate"]["spec"]
    job = job_of_the_worker(job_template(cron_job(*installation)))
    pod, our_pod = job["spec"]["template"]["spec"], ours["template"]["spec"]
    (container,), (our_container,) = pod["containers"], our_pod["containers"]
    variables = {item["name"]: item for item in container.pop("env")}
    our_variables = {item["name"]: item for item in our_container["env"]}
    assert container == {key: value for key, value in our_container.items() if key != "env"}
    for name, item in our_variables.items():
        if name not in ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING"):
            assert variables[name] == item
    assert variables["PREFECT__FLOW_RUN_ID"]["value"] == str(_FLOW_RUN.id)
    assert variables["PREFECT_API_AUTH_STRING"] == our_variables["PREFECT_API_AUTH_STRING"]
    (failure,) = [rule for rule in job["spec"]["podFailurePolicy"]["rules"] if "onExitCodes" in rule]
    assert failure["onExitCodes"]["containerName"] == container["name"]


@pytest.mark.parametrize("values", [{}, {"labels": {"team": "phonology"}}], ids=["plain", "with labels"])
def test_network_policies_know_it_by_its_labels(values: dict[str, Any]) -> None:
    """Prefect puts labels of its own on a Job and its pod, `app.kubernetes.io/name` among them."""
    job = job_of_the_worker(job_template(cron_job("gpu")), values)
    wanted = cron_job("gpu")["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"]
    assert wanted["app.kubernetes.io/name"] == "run"
    for labels in (job["metadata"]["labels"], job["spec"]["template"]["metadata"]["labels"]):
        assert matches({"matchLabels": wanted}, labels)
        assert labels["prefect.io/flow-run-id"] == str(_FLOW_RUN.id)


def test_what_the_cron_job_says_is_no_variable() -> None:
    variables = job_template(cron_job("gpu"))["variables"]["properties"]
    assert variables["namespace"]["default"] == "isogloss"
    assert not {"image", "command", "labels", "cpu_limit", "backoff_limit"} & set(variables)


def test_secrets_are_fresh_and_named() -> None:
    assert secret_data("isogloss-s3", "n") != secret_data("isogloss-s3", "n")
    with pytest.raises(InvalidInput, match="no Secret 'other'"):
        secret_data("other", "n")
