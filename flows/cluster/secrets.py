"""The Secrets of an installation, made of random bytes once, so that none has a default."""

import logging
import secrets

from flows.cluster.pod import kubernetes, namespace
from isogloss.errors import InvalidInput

log = logging.getLogger(__name__)


def secret_data(name: str, namespace: str) -> dict[str, str]:
    """Fresh content of a Secret of the installation, by its name."""
    password = secrets.token_hex(24)
    known = {
        "isogloss-s3": {"access-key": secrets.token_hex(10), "secret-key": secrets.token_hex(32)},
        "isogloss-prefect": {"auth-string": f"isogloss:{password}"},
        "isogloss-postgres": {
            "password": password,
            "url": f"postgresql+asyncpg://prefect:{password}@postgres:5432/prefect",
            # For KEDA, which reads how many cells wait (components/elastic).
            "keda": f"postgresql://prefect:{password}@postgres.{namespace}.svc:5432/prefect?sslmode=prefer",
        },
    }
    if name not in known:
        raise InvalidInput("NAME", f"no Secret {name!r}", f"Use: {', '.join(known)}.")
    return known[name]


async def make_secrets(names: list[str]) -> None:
    """Make each named Secret unless there is one: existing ones are never read or changed."""
    from kubernetes_asyncio import client

    async with kubernetes() as api:
        core = client.CoreV1Api(api)
        for name in names:
            labels = {"app.kubernetes.io/part-of": "isogloss"}
            metadata = client.V1ObjectMeta(name=name, labels=labels)
            body = client.V1Secret(metadata=metadata, string_data=secret_data(name, namespace()))
            try:
                await core.create_namespaced_secret(namespace(), body)
                log.info("secret made", extra={"secret": name})
            except client.ApiException as error:
                if error.status != 409:  # anything but "it exists"
                    raise
                log.info("secret exists, left as it is", extra={"secret": name})
