"""The interface between the flow and its data, and the one function that opens a source."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from isogloss.languages import LANGUAGES, Language
from isogloss.settings import settings
from isogloss.tasks import Task
from sources import hub_client
from sources.dataset import Dataset, SourceFile
from sources.errors import BadLocation
from sources.options import ReadOptions

if TYPE_CHECKING:
    from sources.corpus import Corpus

SAMPLE = Path(__file__).with_name("sample")


@dataclass(frozen=True)
class Provenance:
    """Where data came from: the source, its revision where it has one, and every file read so far."""

    kind: str
    location: str
    options: ReadOptions
    files: tuple[SourceFile, ...]

    def to_json(self) -> dict[str, Any]:
        """As manifests and the report hold it."""
        return {
            "kind": self.kind,
            "location": self.location,
            "options": self.options.to_json(),
            "files": [file.to_json() for file in self.files],
        }


class RawSource(Protocol):
    """A source as it lies there: whole splits, no limits, no substitutes. The mirror and the hub are such."""

    kind: str
    location: str

    def splits(self, task: str, language: str) -> tuple[str, ...]:
        """The splits that can be read, in the order train, dev, test, devtest."""

    def paths(self, task: str, language: str, split: str) -> tuple[str, ...]:
        """Where a split is looked for, in order; for the message when none is there."""

    def read(self, task: str, language: str, split: str) -> Dataset:
        """One whole split; `MissingSplit` when it is not there."""


class Source(Protocol):
    """What the flow reads from.

    Tasks are names of `corpus.corpora`: `pos`, `ner`, `xnli` and one's own (splits train, dev, test), and the
    parallel texts `flores` (dev, devtest), `ntrex` (test) and one's own; languages are codes of
    `isogloss.languages`.
    """

    def read(self, task: str, language: str, split: str) -> Dataset:
        """One split, limited and substituted as the options say.

        Raises `SourceError` (an `InvalidInput`) for a missing split or a malformed file, `InvalidInput` for
        an unknown language, `Denied` and `Unavailable` for remote places, `DataLoss` when a checksum differs.
        """

    def splits(self, task: str, language: str) -> tuple[str, ...]:
        """The splits that `read` can give, substitutes included."""

    def describe(self) -> Provenance:
        """What has been read so far: name, revision, sha256 and size of every file."""


def open_source(
    kind: str,
    location: str | None = None,
    options: ReadOptions | None = None,
    revisions: Mapping[str, str] | None = None,
    *,
    tasks: Iterable[Task] = (),
    parallel: Iterable[str] = (),
    languages: Mapping[str, Language] = LANGUAGES,
) -> Source:
    """Open `sample` (the corpus in this package), `mirror` (a directory or `s3://bucket/prefix`) or `hub`.

    `location` is for mirrors only. `revisions` replaces pinned revisions of the hub, by dataset id. `tasks`
    and `parallel` (names of parallel texts) are an experiment's own beside the known ones, `languages` its
    registry.
    """
    # Here, not on top: the hub's libraries take a second to import, and the readers import this module.
    from sources.prepared import PreparedSource

    options = options or ReadOptions()
    raw, known = open_raw(kind, location, options, revisions, tasks, parallel, languages)
    return PreparedSource(raw, options, known, languages)


def open_raw(
    kind: str,
    location: str | None,
    options: ReadOptions,
    revisions: Mapping[str, str] | None,
    tasks: Iterable[Task],
    parallel: Iterable[str],
    languages: Mapping[str, Language],
) -> "tuple[RawSource, Mapping[str, Corpus]]":
    """The same as it lies there, whole, and all corpora that it knows."""
    from sources.corpus import corpora
    from sources.mirror import MirrorSource
    from sources.own import OwnSource
    from sources.places import Directory, open_place

    if (location is None) == (kind == "mirror"):
        if location is None:
            fix = "Give its directory or s3://bucket/prefix, or say --data; own files may lie there, too."
            raise BadLocation("source.location", "is missing, and a mirror has one", fix)
        fix = "Leave it out, or use kind: mirror."
        raise BadLocation("source.location", f"{location!r}, but {kind} has none", fix)
    known = corpora(tasks, parallel)
    place = open_place(location) if location is not None else None
    raw: RawSource
    if kind == "hub":
        hub_client.import_libraries()
        from sources.hub import HubSource

        raw = HubSource(settings().treebank_url, revisions, known=known, languages=languages)
    elif kind in ("sample", "mirror"):
        there = place or Directory(SAMPLE, label="sample")
        raw = MirrorSource(there, options.other_treebanks, kind, known, languages)
    else:
        raise BadLocation("source", f"unknown source {kind!r}", "Use sample, mirror or hub.")
    if options.data:
        raw = OwnSource(raw, options.data, known, languages, place or open_place(options.folder))
    return raw, known
