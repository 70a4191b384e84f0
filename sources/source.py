"""The interface between the flow and its data, and the one function that opens a source."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from isogloss.settings import settings
from sources import hub_client
from sources.dataset import Dataset, SourceFile
from sources.errors import BadLocation
from sources.options import ReadOptions

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

    Tasks are `pos`, `ner`, `xnli` (splits train, dev, test) and `flores` (dev, devtest); languages are ISO
    639-3.
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
) -> Source:
    """Open `sample` (the corpus in this package), `mirror` (a directory or `s3://bucket/prefix`) or `hub`.

    `location` is for mirrors only. `revisions` replaces pinned revisions of the hub, by dataset id.
    """
    # Here, not on top: the hub's libraries take a second to import, and the readers import this module.
    from sources.mirror import MirrorSource
    from sources.places import Directory, open_place
    from sources.prepared import PreparedSource

    options = options or ReadOptions()
    if (location is None) == (kind == "mirror"):
        raise BadLocation(
            "data", f"source {kind!r} with location {location!r}", "Give a location for a mirror only."
        )
    if kind == "sample":
        sample = MirrorSource(Directory(SAMPLE, label="sample"), options.other_treebanks, kind="sample")
        return PreparedSource(sample, options)
    if kind == "mirror" and location is not None:
        return PreparedSource(MirrorSource(open_place(location), options.other_treebanks), options)
    if kind == "hub":
        hub_client.import_libraries()
        from sources.hub import HubSource

        hub = HubSource(settings().treebank_url, revisions)
        return PreparedSource(hub, options)
    raise BadLocation("source", f"unknown source {kind!r}", "Use sample, mirror or hub.")
