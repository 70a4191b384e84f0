"""What the worker brings in: datasets and model snapshots, checked once and stored as artifacts.

Services see artifacts only. The key of what is stored is its content, so the same data are the same artifact
whatever they were read from.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from flows import profile
from flows.run import Run
from flows.sources import PickledSnapshot, fetch_snapshot
from isogloss import client
from isogloss.artifact.v1 import artifact_pb2
from isogloss.artifacts import JSON, PARQUET, SAFETENSORS, Artifact, bundle_to_proto
from isogloss.keys import canonical_json
from isogloss.manifests import Manifest, this_hardware
from isogloss.store import new_attempt
from isogloss.trainer.v1 import trainer_pb2

_SPLITS = {"flores": ("devtest",)}
_LABELED = ("train", "dev", "test")


@dataclass(frozen=True)
class Corpus:
    """One dataset of one language in the store: its splits, their sizes, and where it came from."""

    task: str
    language: str
    splits: Mapping[str, Artifact]
    rows: Mapping[str, int]
    source: str
    notes: tuple[str, ...]
    manifest: str

    def with_splits(self, splits: Mapping[str, Artifact]) -> "Corpus":
        """The same corpus in another form."""
        return replace(self, splits=splits)


def read_corpus(run: Run, task: str, language: str) -> Corpus:
    """Read every split at hand from the run's source and store it as Parquet.

    Raises `InvalidInput` when a split that the run needs is missing: train and dev of a language that is
    trained on, and the split that is reported.
    """
    source = run.source(task)
    wanted = _SPLITS.get(task, _LABELED)
    optional = set(_LABELED) - run.profile.needed_splits(language)
    at_hand = source.splits(task, language)
    names = [split for split in wanted if split in at_hand or split not in optional]
    datasets = {split: source.read(task, language, split) for split in names}
    data = {split: dataset.to_parquet() for split, dataset in datasets.items()}
    identity = {split: hashlib.sha256(content).hexdigest() for split, content in data.items()}
    described = source.describe()
    provenance = {
        "kind": described.kind,
        "location": described.location,
        "options": described.options.to_json(),
        "files": [file.to_json() for dataset in datasets.values() for file in dataset.files],
    }
    manifest, where = _stored(
        run,
        "dataset",
        identity | {"task": task, "language": language},
        {f"{split}.parquet": (content, PARQUET) for split, content in data.items()},
        {"source": provenance, "rows": {split: dataset.sentences for split, dataset in datasets.items()}},
    )
    return Corpus(
        task=task,
        language=language,
        splits={split: manifest.files[f"{split}.parquet"] for split in data},
        rows={split: dataset.sentences for split, dataset in datasets.items()},
        source=_describe(described.kind, described.location),
        notes=tuple(dict.fromkeys(note for dataset in datasets.values() for note in dataset.notes)),
        manifest=where.uri,
    )


def fetch_model(run: Run, choice: profile.Snapshot) -> artifact_pb2.Bundle:
    """Bring a pretrained model into the store; a snapshot with pickled weights alone goes through
    `ImportModel`.
    """
    location = run.profile.source.location if run.profile.source.kind == "mirror" else None
    folder = run.scratch / choice.id.replace("/", "--")
    folder.mkdir(parents=True, exist_ok=True)
    snapshot = fetch_snapshot(choice.id, folder, location, choice.revision)
    identity = {file.name: file.sha256 for file in snapshot.provenance}
    key = hashlib.sha256(canonical_json({"kind": "snapshot", "files": identity})).hexdigest()
    found = run.store.manifest("snapshot", key)
    if found is None:
        attempt, started = new_attempt(), _now()
        files = {
            name: run.store.put_file("snapshot", key, attempt, name, path, _media_type(name))
            for name, path in snapshot.files.items()
        }
        found = _manifest(
            "snapshot", key, attempt, {"id": choice.id, "revision": choice.revision}, files, {}, started
        )
        run.store.commit(found)
    bundle = bundle_to_proto(found.files)
    if isinstance(snapshot, PickledSnapshot):
        request = trainer_pb2.ImportModelRequest(snapshot=bundle)
        result: trainer_pb2.ImportModelResult = client.work(run.trainer.ImportModel, request)
        return result.snapshot
    return bundle


def store_document(run: Run, kind: str, name: str, content: bytes, media_type: str) -> str:
    """Store one file that the flow itself made, such as the report; returns the URI of its manifest."""
    identity = {name: hashlib.sha256(content).hexdigest()}
    return _stored(run, kind, identity, {name: (content, media_type)}, {})[1].uri


def _stored(
    run: Run,
    kind: str,
    identity: Mapping[str, str],
    files: Mapping[str, tuple[bytes, str]],
    result: Mapping[str, object],
) -> tuple[Manifest, Artifact]:
    key = hashlib.sha256(canonical_json({"kind": kind, "identity": identity})).hexdigest()
    found = run.store.manifest_artifact(kind, key)
    if found is not None:
        return found
    attempt, started = new_attempt(), _now()
    stored = {
        name: run.store.put(kind, key, attempt, name, content, media_type)
        for name, (content, media_type) in files.items()
    }
    manifest = _manifest(kind, key, attempt, identity, stored, result, started)
    return manifest, run.store.commit(manifest)


def _manifest(
    kind: str,
    key: str,
    attempt: str,
    request: Mapping[str, object],
    files: Mapping[str, Artifact],
    result: Mapping[str, object],
    started: str,
) -> Manifest:
    return Manifest(
        kind=kind,
        key=key,
        attempt=attempt,
        request=request,
        inputs={},
        code_version="content",
        libraries={},
        hardware=this_hardware(),
        started=started,
        finished=_now(),
        files=files,
        result=result,
    )


def _describe(kind: str, location: str) -> str:
    names = {"sample": "sample corpus of this repository", "hub": "Hugging Face hub at pinned revisions"}
    return names.get(kind, f"mirror {location}")


def _media_type(name: str) -> str:
    suffixes = {".safetensors": SAFETENSORS, ".json": JSON}
    return next(
        (kind for suffix, kind in suffixes.items() if name.endswith(suffix)), "application/octet-stream"
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
