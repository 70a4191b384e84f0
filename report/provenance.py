"""The way back from each figure to the manifest of the work that gave it."""

from collections.abc import Container, Iterator
from dataclasses import dataclass

from report.record import MEASURES, ManifestRow, RunRecord
from report.tables import grids

SHOW = (
    "isogloss show {uri}"  # an s3:// address does not open in a browser: the command that prints the manifest
)


@dataclass(frozen=True)
class Source:
    """One manifest: where it is, what it gave to this report, how to read it, and what it says if known."""

    anchor: str
    uri: str
    gives: tuple[str, ...]
    command: str
    content: ManifestRow | None


class Sources:
    """The manifests that a record names, all or some, each under an anchor of the page."""

    def __init__(self, record: RunRecord, prefix: str = "m", only: Container[str] | None = None) -> None:
        gives: dict[str, list[str]] = {}
        for uri, what in _named(record):
            if uri and (only is None or uri in only):
                gives.setdefault(uri, []).append(what)
        contents = {row.uri: row for row in record.manifests}
        self._sources = {
            uri: Source(
                f"{prefix}{position}",
                uri,
                tuple(dict.fromkeys(whats)),
                SHOW.format(uri=uri),
                contents.get(uri),
            )
            for position, (uri, whats) in enumerate(gives.items(), start=1)
        }

        self._makers = {
            digest: source.anchor
            for source in self._sources.values()
            if source.content
            for digest in source.content.files.values()
        }

    def __iter__(self) -> Iterator[Source]:
        return iter(self._sources.values())

    def __len__(self) -> int:
        return len(self._sources)

    def maker(self, digest: str) -> str:
        """The anchor of the manifest of the work that made the file of this sha256; empty where unknown."""
        return self._makers.get(digest, "")

    def anchor(self, uri: str) -> str:
        """The anchor of a manifest; empty for what has none."""
        return self._sources[uri].anchor if uri in self._sources else ""


def manifest_uris(record: RunRecord) -> list[str]:
    """Every manifest that a record names, once."""
    return list(dict.fromkeys(uri for uri, _ in _named(record) if uri))


def _named(record: RunRecord) -> Iterator[tuple[str, str]]:
    """Every manifest with what it gave, in the order of the page."""
    for grid in grids(record):
        for (row, column), entry in grid.entries.items():
            what = f"Table {grid.number}: {row.key.replace('/', ', ')}, {column.short}"
            for uri in entry.number.manifests if entry.number else ():
                yield uri, what
    for cell in record.cells:
        yield (
            cell.manifest,
            f"Cell: {cell.task}, {cell.input}, {record.language(cell.language)}, seed {cell.seed}",
        )
    for projection in record.projections:
        yield projection.manifest, f"t-SNE of {projection.task}, {projection.input}"
    for quality in record.g2p:
        for corpus in quality.manifests:
            yield corpus, f"Phonemes of {record.language(quality.language)}"
    for dataset in record.datasets:
        yield dataset.manifest, f"Table 4: {dataset.corpus}, {record.language(dataset.language)}"
    for number in record.numbers:
        of = f"{record.series(number.task, number.input)}{' less ' if number.less else ''}{number.less}"
        for uri in number.manifests:
            yield uri, f"{MEASURES[number.measure].title} of {of}"
    for arm in record.matched.arms if record.matched else ():
        yield arm.manifest, f"Pre-training: {arm.input}, seed {arm.seed}"
    for score in record.matched.scores if record.matched else ():
        yield score.manifest, f"Fine-tuning: {score.task}, {score.input}, {record.language(score.language)}"
    for item in record.matched.likeness if record.matched else ():
        yield item.manifest, f"CKA: {item.input}, seed {item.seed}, {item.reading}"
    for derived in record.derived:
        yield derived.manifest, "The paper's derived figures"
    for manifest in record.manifests:
        yield manifest.uri, manifest.kind
