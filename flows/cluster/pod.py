"""What a pod knows of the cluster that it runs in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any


def namespace() -> str:
    """The pod's own namespace."""
    return Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace").read_text()


@asynccontextmanager
async def kubernetes() -> AsyncIterator[Any]:
    """A client of the cluster's API, with the rights of the pod's service account."""
    from kubernetes_asyncio import client, config

    config.load_incluster_config()
    async with client.ApiClient() as api:
        yield api
