"""The pod of a run, as Prefect's work pool starts it: that of the CronJob."""

import json
from typing import Any

from flows.cluster.pod import kubernetes, namespace

RUN_POD = "replicate-full"
"""The CronJob whose pod a run is."""

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


async def read_cron_job() -> dict[str, Any]:
    """The CronJob of this installation, as plain JSON."""
    from kubernetes_asyncio import client

    async with kubernetes() as api:
        found = await client.BatchV1Api(api).read_namespaced_cron_job(RUN_POD, namespace())
        return dict(api.sanitize_for_serialization(found))
