"""A run that Prefect's worker starts is the pod that the CronJob describes."""

import pytest

from flows.cluster.job_template import job_template
from flows.cluster.secrets import secret_data
from isogloss.errors import InvalidInput
from tests.k8s.rendering import of_kind, render


def test_the_work_pool_starts_the_cron_jobs_pod() -> None:
    (cron_job,) = of_kind(render("gpu"), "CronJob")
    template = job_template(cron_job)
    manifest = template["job_configuration"]["job_manifest"]
    assert manifest["spec"] == cron_job["spec"]["jobTemplate"]["spec"]
    assert template["variables"]["properties"]["namespace"]["default"] == "isogloss"
    assert "image" not in template["variables"]["properties"]


def test_secrets_are_fresh_and_named() -> None:
    assert secret_data("isogloss-s3", "n") != secret_data("isogloss-s3", "n")
    with pytest.raises(InvalidInput, match="no Secret 'other'"):
        secret_data("other", "n")
