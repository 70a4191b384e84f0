"""A metrics service in a process of its own, and artifacts to send to it."""

import io
import signal
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import ArrayLike
from safetensors.numpy import save

from isogloss.artifact.v1 import artifact_pb2
from isogloss.artifacts import PARQUET, SAFETENSORS
from isogloss.metrics.v1 import metrics_pb2_grpc
from isogloss.store import Store, new_attempt
from tests.conftest import S3Server
from tests.contract.encoders.served import Served

Put = Callable[..., artifact_pb2.Artifact]


@pytest.fixture(scope="session")
def metrics(s3: S3Server) -> Iterator[metrics_pb2_grpc.MetricsServiceStub]:
    """A stub of a running service; at the end it must stop cleanly."""
    served = Served("services.metrics", s3).start()
    yield metrics_pb2_grpc.MetricsServiceStub(served.channel)
    assert served.signal(signal.SIGTERM) == 0


@pytest.fixture
def put_vectors(store: Store) -> Put:
    """Store sentence vectors, and lengths where given, as Embed does."""

    def put(vectors: ArrayLike, lengths: ArrayLike | None = None) -> artifact_pb2.Artifact:
        tensors = {"vectors": np.asarray(vectors, dtype=np.float32)}
        if lengths is not None:
            tensors["lengths"] = np.asarray(lengths, dtype=np.int64)
        return store.put(
            "test", "vectors", new_attempt(), "vectors.safetensors", save(tensors), SAFETENSORS
        ).to_proto()

    return put


@pytest.fixture
def put_table(store: Store) -> Put:
    """Store columns as Parquet, as Train and Predict do."""

    def put(**columns: object) -> artifact_pb2.Artifact:
        stream = io.BytesIO()
        pq.write_table(pa.table(columns), stream)
        return store.put(
            "test", "table", new_attempt(), "predictions.parquet", stream.getvalue(), PARQUET
        ).to_proto()

    return put
