"""Fills a mirror ahead of time, for clusters with no way out: the same rows, in the layout of `mirror`.

A file is on the list of checksums as soon as it is there, and what is on the list is left alone: a mirror
that was interrupted goes on where it was.
"""

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from isogloss.languages import LANGUAGES, Language
from isogloss.languages import language as lookup
from sources import checksums
from sources.corpus import Corpus, corpora, corpus_named
from sources.dataset import Dataset, SourceFile, sha256
from sources.errors import SourceError
from sources.mirror import candidates, parse_mirrored
from sources.origins import NAME as ORIGINS
from sources.origins import read_origins, unpinned
from sources.places import Place
from sources.snapshot import fetch_snapshot
from sources.source import RawSource


class Filling:
    """A mirror that is being filled. One at a time."""

    def __init__(
        self,
        place: Place,
        known: Mapping[str, Corpus] | None = None,
        languages: Mapping[str, Language] = LANGUAGES,
    ) -> None:
        self._place = place
        self._corpora = known or corpora()
        self._languages = languages
        self._sums = dict(checksums.Checksums(place).promised)
        self._origins = dict(read_origins(place))

    @property
    def unpinned(self) -> list[str]:
        """A sentence for each data set that was read without a pin, with its revision."""
        return sorted({said for files in self._origins.values() if (said := unpinned(files))})

    def add_split(self, source: RawSource, task: str, language: str, split: str) -> str | None:
        """Copy one split; its path, or None when it is there. Raises what the source raises, and
        `SourceError` when the rows cannot be written in the mirror's format.
        """
        corpus, record = corpus_named(task, self._corpora), lookup(language, registry=self._languages)
        path = candidates(corpus, record, split)[0] + ".gz"
        if path in self._sums:
            return None
        dataset = source.read(task, language, split)
        data = gzip.compress("".join(f"{line}\n" for line in _lines(dataset)).encode(), mtime=0)
        if not parse_mirrored(corpus, data, path, record).table.equals(dataset.table):
            problem = "holds a tab or a line break within a token or text"
            raise SourceError(dataset.name, problem, "A mirror's files cannot; read it from the hub.")
        self._put(path, data)
        self._list(path, sha256(data), dataset.files)
        return path

    def add_model(self, model: str, revision: str) -> list[str]:
        """Copy a snapshot; the paths of the files that were not there. Raises as `fetch_snapshot` does."""
        added = []
        with TemporaryDirectory(prefix="isogloss-mirror-") as folder:
            snapshot = fetch_snapshot(model, Path(folder), revision=revision)
            for file in snapshot.provenance:
                if self._sums.get(file.name) == file.sha256:
                    continue
                self._place.write(file.name, snapshot.files[file.name.rpartition("/")[2]])
                self._list(file.name, file.sha256, (file,))
                added.append(file.name)
        return added

    def _list(self, path: str, digest: str, origins: tuple[SourceFile, ...]) -> None:
        """Put a file on both lists; on the checksums last, since what is there is not looked at again."""
        self._origins[path] = [file.to_json() for file in origins]
        self._sums[path] = digest
        record = json.dumps(self._origins, indent=1, sort_keys=True, ensure_ascii=False)
        self._put(ORIGINS, f"{record}\n".encode())
        sums = "".join(f"{value}  {name}\n" for name, value in sorted(self._sums.items()))
        self._put(checksums.NAME, sums.encode())

    def _put(self, path: str, data: bytes) -> None:
        with TemporaryDirectory(prefix="isogloss-mirror-") as folder:
            local = Path(folder, "file")
            local.write_bytes(data)
            self._place.write(path, local)


def _lines(dataset: Dataset) -> Iterator[str]:
    """The rows as `tagged`, `pairs` and `lines` read them."""
    for row in dataset.rows:
        if "tokens" in row:
            yield from map("\t".join, zip(row["tokens"], row["labels"], strict=True))
            yield ""
        else:
            yield "\t".join(row.values())
