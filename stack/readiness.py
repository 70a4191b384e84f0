"""Is a part ready? Each check asks the part itself, over the interface that its users use.

What a check needs is imported when it first runs: the supervisor starts the parts before it loads clients.
"""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

from stack.prefect_api import PrefectApi, PrefectApiError

Check = Callable[[float], bool]
"""Takes the time at which the part's process started, seconds since the epoch."""

_TIMEOUT_S = 2.0


def grpc_health(address: str) -> Check:
    """`grpc.health.v1` says SERVING."""

    def check(started: float) -> bool:
        import grpc
        from grpc_health.v1 import health_pb2, health_pb2_grpc

        # A fresh channel for each question: an old one would sit in its reconnect back-off.
        with grpc.insecure_channel(address, options=[("grpc.enable_http_proxy", 0)]) as channel:
            stub: Any = health_pb2_grpc.HealthStub(channel)  # its type stubs lack Check
            try:
                answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=_TIMEOUT_S)
            except grpc.RpcError:
                return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    return check


def s3_bucket(endpoint: str, bucket: str, access_key: str, secret_key: str) -> Check:
    """The bucket is there and takes an object, which it does not before the volume server has registered.

    SeaweedFS makes it once, when it starts, and gives up where its own parts are slow: then it is made here.
    """

    def check(started: float) -> bool:
        import urllib3
        from minio import Minio
        from minio.error import MinioException

        pool = urllib3.PoolManager(timeout=_TIMEOUT_S, retries=False)
        client = Minio(
            endpoint,
            access_key=access_key,
            secret_key=secret_key,
            secure=False,
            region="us-east-1",
            http_client=pool,
        )
        try:
            if not client.bucket_exists(bucket_name=bucket):
                client.make_bucket(bucket_name=bucket)
            client.put_object(bucket_name=bucket, object_name=".ready", data=io.BytesIO(b"1"), length=1)
        except (MinioException, urllib3.exceptions.HTTPError, OSError):
            return False
        return True

    return check


def prefect_server(url: str, auth: str) -> Check:
    """The API answers `/health`."""

    def check(started: float) -> bool:
        try:
            return PrefectApi(url, auth, timeout_s=_TIMEOUT_S).get("/health") is True
        except PrefectApiError:
            return False

    return check


def prefect_worker(url: str, auth: str, pool: str) -> Check:
    """A worker of the pool has reported since the process started; it does so once pool and deployments
    stand.
    """

    def check(started: float) -> bool:
        try:
            api = PrefectApi(url, auth, timeout_s=_TIMEOUT_S)
            workers = api.post(f"/work_pools/{pool}/workers/filter", {})
        except PrefectApiError:
            return False
        beats = [datetime.fromisoformat(worker["last_heartbeat_time"]).timestamp() for worker in workers]
        return any(beat >= started for beat in beats)

    return check
