"""The few conversions between the work's own types and protobuf that every servicer needs."""

from isogloss.artifact.v1 import artifact_pb2
from isogloss.work import Done, Progress


def progress_to_proto(key: str, progress: Progress) -> artifact_pb2.Progress:
    """One progress event of the work at `key`."""
    return artifact_pb2.Progress(
        key=key,
        phase=progress.phase,
        done=progress.done,
        total=progress.total,
        unit=progress.unit,
        eta_s=progress.eta_s,
        measures=dict(progress.measures),
    )


def record_to_proto(done: Done) -> artifact_pb2.Record:
    """The way back to what made a result."""
    return artifact_pb2.Record(key=done.manifest.key, manifest=done.artifact.to_proto(), reused=done.reused)
