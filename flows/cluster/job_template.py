"""The pod of a run, as Prefect's work pool starts it: that of the CronJob."""

import json
from typing import Any

from flows.cluster.pod import kubernetes, namespace

RUN_POD = "replicate-full"
"""The CronJob whose pod a run is."""

_KEPT_VARIABLES = {
    "name",
    "env",
    "annotations",
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
    # Prefect refuses a template whose pod lacks these, which belong to a Job and which Kubernetes drops from
    # a pod (prefect#11087, open). Its third demand, the container's name, the CronJob meets by itself.
    job["spec"]["template"]["spec"] |= {"completions": 1, "parallelism": 1}
    configuration = template["job_configuration"]
    configuration["job_manifest"] = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "generateName": "{{ name }}-",
            "namespace": "{{ namespace }}",
            "labels": job["metadata"]["labels"],
            "annotations": "{{ annotations }}",
        },
        "spec": job["spec"],
    }
    # No variable: Prefect's own `app.kubernetes.io/name` would take the place of the pod's, by which network
    # policies know it.
    configuration["labels"] = job["spec"]["template"]["metadata"]["labels"]
    configuration["command"] = None  # the pod's
    variables = template["variables"]["properties"]
    variables["namespace"]["default"] = cron_job["metadata"]["namespace"]
    # What the CronJob says is not to be said twice.
    for name in set(variables) - _KEPT_VARIABLES:
        del variables[name]
    return dict(template)


async def read_cron_job() -> dict[str, Any]:
    """The CronJob of this installation, as plain JSON."""
    from kubernetes_asyncio import client

    async with kubernetes() as api:
        cron_job = await client.BatchV1Api(api).read_namespaced_cron_job(RUN_POD, namespace())
        return dict(api.sanitize_for_serialization(cron_job))
