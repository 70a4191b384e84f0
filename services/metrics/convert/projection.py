"""t-SNE."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from isogloss.metrics.engine.tsne import project
from isogloss.metrics.v1 import metrics_pb2 as pb
from services.metrics.convert.common import check_names, sentences
from services.metrics.inputs import Read


def project_vectors(request: pb.ProjectVectorsRequest, read: Read) -> bytes:
    """The map as Parquet: language, sentence, x, y."""
    languages = [message.language for message in request.languages]
    check_names(languages, "languages")
    points = project(
        languages,
        [item.vectors for item in sentences(request.languages, read)],
        perplexity=request.perplexity,
        seed=request.seed,
        sentences=request.max_points,
    )
    rows = points.shape[1]
    table = pa.table(
        {
            "language": np.repeat(languages, rows),
            "sentence": np.tile(np.arange(rows, dtype=np.int32), len(languages)),
            "x": points[..., 0].ravel(),
            "y": points[..., 1].ravel(),
        }
    )
    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()
