"""What the worker brings in: datasets and model snapshots, checked once and stored as artifacts.

Services see artifacts only. The key of what is stored is its content, so the same data are the same artifact
whatever they were read from.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial

import isogloss
from flows.profile import Profile, Snapshot
from flows.run import Run, options_of
from flows.run import source_of as run_source_of
from isogloss import client
from isogloss.artifact.v1 import artifact_pb2
from isogloss.artifacts import JSON, PARQUET, SAFETENSORS, Artifact, bundle_to_proto
from isogloss.keys import canonical_json, make_key
from isogloss.manifests import Manifest, this_hardware
from isogloss.store import Store, new_attempt
from isogloss.trainer.v1 import trainer_pb2
from sources import DataCard, Dataset, PickledSnapshot, Provenance, Source, card, fetch_snapshot
from sources.expected import pinned_revision
from sources.running_text import RunningText, gather
from sources.snapshot import SAFETENSORS as SAFETENSORS_WEIGHTS
from sources.source import RawSource

_LABELED = ("train", "dev", "test")
_CONTENT = "content"  # a key of what is stored, and of no code


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
    card: DataCard | None = None


@dataclass(frozen=True)
class _Reading:
    """Every split at hand, read and encoded; nothing is stored yet."""

    task: str
    language: str
    datasets: Mapping[str, Dataset]
    data: Mapping[str, bytes]
    source: Provenance

    @property
    def rows(self) -> dict[str, int]:
        return {split: dataset.sentences for split, dataset in self.datasets.items()}

    @cached_property
    def card(self) -> DataCard:
        """What the corpus holds, for the report."""
        return card(self.datasets)

    @property
    def identity(self) -> dict[str, str]:
        """What the key is made of: the content."""
        sums = {split: hashlib.sha256(content).hexdigest() for split, content in self.data.items()}
        return sums | {"task": self.task, "language": self.language}

    def corpus(self, splits: Mapping[str, Artifact], manifest: str) -> Corpus:
        source = _describe(self.source.kind, self.source.location)
        notes = tuple(self.card.notes)
        return Corpus(self.task, self.language, splits, self.rows, source, notes, manifest, self.card)


def read_corpus(run: Run, task: str, language: str) -> Corpus:
    """Read every split at hand from the run's source and store it as Parquet.

    Raises `InvalidInput` when a split that the run needs is missing: train and dev of a language that is
    trained on, and the split that is reported.
    """
    reading = _read(run.profile, run.source(task), task, language)
    provenance = {
        "kind": reading.source.kind,
        "location": reading.source.location,
        "options": reading.source.options.to_json(),
        "files": [file.to_json() for dataset in reading.datasets.values() for file in dataset.files],
    }
    manifest, where = _stored(
        run,
        "dataset",
        reading.identity,
        {f"{split}.parquet": (content, PARQUET) for split, content in reading.data.items()},
        {"source": provenance, "rows": reading.rows, "card": reading.card.to_json()},
    )
    return reading.corpus({split: manifest.files[f"{split}.parquet"] for split in reading.data}, where.uri)


def peek_corpus(
    profile: Profile, source: Source, store: Store | None, task: str, language: str
) -> tuple[Corpus, str, bool]:
    """The corpus as `read_corpus` would give it, its key, and whether the store has it. Stores nothing: a
    corpus that is not there names files that are not there either, with the checksums that they will have.
    """
    reading = _read(profile, source, task, language)
    key = _content_key("dataset", reading.identity)
    stored = store.manifest_artifact("dataset", key) if store is not None else None
    if stored is not None:
        files = {split: stored[0].files[f"{split}.parquet"] for split in reading.data}
        return reading.corpus(files, stored[1].uri), f"dataset/{key}", True
    promised = {
        split: Artifact(f"s3://-/dataset/{key}", reading.identity[split], len(content), PARQUET)
        for split, content in reading.data.items()
    }
    return reading.corpus(promised, ""), f"dataset/{key}", False


def earlier_corpus(profile: Profile, store: Store, task: str, language: str) -> Corpus | None:
    """The corpus as an earlier run read it from the same kind of source in the same way; reads nothing.

    What a hub's pinned revision holds does not change: an earlier reading of another revision is another
    corpus. Where no revision is pinned, it may have changed.
    """
    pinned = pinned_revision(profile.resource(task), language)
    for manifest in store.manifests("dataset"):
        source = manifest.result.get("source", {})
        asked = (manifest.request["task"], manifest.request["language"], source.get("kind"))
        if asked == (task, language, profile.source.kind) and (
            source["options"] == options_of(profile, task).to_json()
        ):
            if pinned is not None and {file["revision"] for file in source["files"]} != {pinned}:
                continue
            files = {name.removesuffix(".parquet"): file for name, file in manifest.files.items()}
            where = store.uri(f"dataset/{manifest.key}/manifest.json")
            described = _describe(source["kind"], source["location"])
            return Corpus(task, language, files, manifest.result["rows"], described, (), where)
    return None


def peek_model(run: Run, choice: Snapshot) -> artifact_pb2.Bundle | None:
    """The model as `fetch_model` would give it, if the store has it already; fetches nothing."""
    asked = {"id": choice.id, "revision": choice.revision}
    manifest = next((item for item in run.store.manifests("snapshot") if item.request == asked), None)
    if manifest is None:
        return None
    bundle = bundle_to_proto(manifest.files)
    if any(name in manifest.files for name in SAFETENSORS_WEIGHTS):
        return bundle
    request = trainer_pb2.ImportModelRequest(snapshot=bundle)
    imported = client.existing(run.trainer.ImportModel, request).result
    return None if imported is None else imported.snapshot


@dataclass(frozen=True)
class Text:
    """The text of one language to pre-train on, in the store. `counts` are its lines by corpus, `left_out`
    those that hold a sentence of an evaluation set.
    """

    language: str
    artifact: Artifact
    words: int
    counts: Mapping[str, int]
    left_out: Mapping[str, int]
    manifest: str


_TEXT = "text"
_TEXT_FILE = "text.parquet"


def read_text(run: Run, language: str) -> Text:
    """Gather the text of one language, less what models are judged by, and store it as Parquet."""
    found = _gather(run.profile, run.source, language)
    content = found.to_parquet()
    manifest, where = _stored(
        run,
        _TEXT,
        _text_identity(content, language),
        {_TEXT_FILE: (content, PARQUET)},
        {
            "words": found.words,
            "lines": dict(found.counts),
            "left_out": dict(found.left_out),
            "files": [file.to_json() for file in found.files],
        },
    )
    return Text(language, manifest.files[_TEXT_FILE], found.words, found.counts, found.left_out, where.uri)


def peek_text(
    profile: Profile, source_of: Callable[[str], Source], store: Store | None, language: str
) -> tuple[Text, str, bool]:
    """The text as `read_text` would give it, its key, and whether the store has it. Stores nothing."""
    found = _gather(profile, source_of, language)
    content = found.to_parquet()
    identity = _text_identity(content, language)
    key = _content_key(_TEXT, identity)
    stored = store.manifest_artifact(_TEXT, key) if store is not None else None
    artifact = (
        stored[0].files[_TEXT_FILE]
        if stored
        else Artifact(f"s3://-/{_TEXT}/{key}", identity[_TEXT_FILE], len(content), PARQUET)
    )
    manifest = stored[1].uri if stored else ""
    text = Text(language, artifact, found.words, found.counts, found.left_out, manifest)
    return text, f"{_TEXT}/{key}", stored is not None


def _gather(profile: Profile, source_of: Callable[[str], Source], language: str) -> RunningText:
    assert profile.pretraining is not None
    judged = [profile.parallel.corpus, *profile.needed()]
    whole = partial(run_source_of, profile, whole=True)  # no sentence of dev or test, judged by or not
    return gather(source_of, whole, profile.pretraining.text, judged, language)


def _text_identity(content: bytes, language: str) -> dict[str, str]:
    return {_TEXT_FILE: hashlib.sha256(content).hexdigest(), "language": language}


def splits_of(profile: Profile, source: Source | RawSource, task: str, language: str) -> list[str]:
    """The splits that a run reads: all at hand, and those that it needs."""
    if task == profile.parallel.corpus:
        return [profile.parallel.split]
    needed, at_hand = profile.needed_splits(language), source.splits(task, language)
    return [split for split in _LABELED if split in at_hand or split in needed]


def _read(profile: Profile, source: Source, task: str, language: str) -> _Reading:
    names = splits_of(profile, source, task, language)
    datasets = {split: source.read(task, language, split) for split in names}
    data = {split: dataset.to_parquet() for split, dataset in datasets.items()}
    return _Reading(task, language, datasets, data, source.describe())


def fetch_model(run: Run, choice: Snapshot) -> artifact_pb2.Bundle:
    """Bring a pretrained model into the store; a snapshot with pickled weights alone goes through
    `ImportModel`.
    """
    location = run.profile.source.location if run.profile.source.kind == "mirror" else None
    folder = run.scratch / choice.id.replace("/", "--")
    folder.mkdir(parents=True, exist_ok=True)
    snapshot = fetch_snapshot(choice.id, folder, location, choice.revision)
    identity = {file.name: file.sha256 for file in snapshot.provenance}
    key = hashlib.sha256(canonical_json({"kind": "snapshot", "files": identity})).hexdigest()
    manifest = run.store.manifest("snapshot", key)
    if manifest is None:
        attempt, started = new_attempt(), _now()
        files = {
            name: run.store.put_file("snapshot", key, attempt, name, path, _media_type(name))
            for name, path in snapshot.files.items()
        }
        manifest = _manifest(
            "snapshot", key, attempt, {"id": choice.id, "revision": choice.revision}, files, {}, started
        )
        manifest, _ = run.store.commit(manifest)
    bundle = bundle_to_proto(manifest.files)
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
    key = _content_key(kind, identity)
    existing = run.store.manifest_artifact(kind, key)
    if existing is not None:
        return existing
    attempt, started = new_attempt(), _now()
    stored = {
        name: run.store.put(kind, key, attempt, name, content, media_type)
        for name, (content, media_type) in files.items()
    }
    manifest = _manifest(kind, key, attempt, identity, stored, result, started)
    return run.store.commit(manifest)


def _content_key(kind: str, identity: Mapping[str, str]) -> str:
    return make_key(kind, dict(identity), _CONTENT)


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
        code_version=_CONTENT,
        libraries={},
        hardware=this_hardware(),
        started=started,
        finished=_now(),
        files=files,
        result=result,
        release=isogloss.__version__,
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
