"""A mirror: the paper's data as plain files, in a directory or an S3 prefix; each file plain or `.gz`.

    ud/pos/<lang>/<split>.tsv                FORM<TAB>UPOS, an empty line after each sentence
    ud/conllu/<treebank>-ud-<split>.conllu   CoNLL-U; read where ud/pos has no file for the split
    wikiann/<lang>/<split>.tsv               TOKEN<TAB>BIO tag
    xnli/<lang>.<split>.tsv                  premise<TAB>hypothesis<TAB>label
    flores/<lang>_<Script>.<split>           one sentence a line; splits dev, devtest
    models/<id>/<revision>/<file>            model snapshots, see `snapshot`
    SHA256SUMS                               optional, see `checksums`

Languages are ISO 639-3, but for flores, which has its own codes (swh_Latn).
"""

from collections.abc import Mapping

import pyarrow as pa

from isogloss.languages import language as lookup
from sources.checksums import Checksums
from sources.conllu import parse_conllu
from sources.dataset import SPLITS, Dataset, SourceFile, sha256
from sources.decode import decode_lines
from sources.errors import MissingSplit
from sources.lines import parse_text
from sources.pairs import parse_pairs
from sources.places import Place
from sources.tagged import parse_tagged


class MirrorSource:
    """A `RawSource` over a place. Thread-safe."""

    def __init__(
        self, place: Place, other_treebanks: Mapping[str, str] | None = None, kind: str = "mirror"
    ) -> None:
        self._place = place
        self._other_treebanks = dict(other_treebanks or {})
        self.kind = kind
        self.location = place.location
        self._sums = Checksums(place)

    def splits(self, task: str, language: str) -> tuple[str, ...]:
        """See `RawSource`."""
        return tuple(split for split in SPLITS[task] if self._find(task, language, split))

    def paths(self, task: str, language: str, split: str) -> tuple[str, ...]:
        """See `RawSource`."""
        return tuple(self._place.label(path) for path in self._candidates(task, language, split))

    def read(self, task: str, language: str, split: str) -> Dataset:
        """See `RawSource`."""
        path = self._find(task, language, split)
        if path is None:
            tried = self.paths(task, language, split)
            raise MissingSplit(f"{task} {split} for {language}", tried, "Add one of these files.")
        data = self._place.read(path)
        file = SourceFile(path, self._sums.revision, sha256(data), len(data))
        self._sums.verify(file)
        lines = decode_lines(data, self._place.label(path))
        table = parse(task, lines, path, self._place.label(path))
        return Dataset(task, language, split, table, (file,), self._notes(task, language, split, path))

    def _candidates(self, task: str, language: str, split: str) -> list[str]:
        """Paths without and with `.gz`, best first."""
        plain = candidates(task, language, split)
        if task == "pos" and split == "train" and language in self._other_treebanks:
            plain.append(f"ud/pos/{language}/{self._other_treebanks[language]}.tsv")
        return [path + ending for path in plain for ending in ("", ".gz")]

    def _find(self, task: str, language: str, split: str) -> str | None:
        candidates = self._candidates(task, language, split)
        return next((path for path in candidates if self._place.exists(path)), None)

    def _notes(self, task: str, language: str, split: str, path: str) -> tuple[str, ...]:
        other = self._other_treebanks.get(language)
        if other is None or not path.startswith(f"ud/pos/{language}/{other}.tsv") or split != "train":
            return ()
        return (f"{task}/{language}: train is of another treebank than dev and test ({path}).",)


def candidates(task: str, language: str, split: str) -> list[str]:
    """Where a split is in the layout, less the ending `.gz`; best first."""
    known = lookup(language)
    plain = {
        "pos": [f"ud/pos/{language}/{split}.tsv"],
        "ner": [f"wikiann/{language}/{split}.tsv"],
        "xnli": [f"xnli/{language}.{split}.tsv"],
        "flores": [f"flores/{known.flores}.{split}"],
    }[task]
    if task == "pos" and known.treebank:
        plain.append(f"ud/conllu/{known.treebank}-ud-{split}.conllu")
    return plain


def parse(task: str, lines: list[str], path: str, label: str) -> pa.Table:
    """The table of a file's lines; `label` names the file in errors."""
    if task == "flores":
        return parse_text(lines, label)
    if task == "xnli":
        return parse_pairs(lines, label)
    if path.removesuffix(".gz").endswith(".conllu"):
        return parse_conllu(lines, label)
    return parse_tagged(lines, label, task)
