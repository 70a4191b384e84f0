"""A mirror: data as plain files, in a directory or an S3 prefix; each file plain or `.gz`.

    ud/pos/<lang>/<split>.tsv                FORM<TAB>UPOS, an empty line after each sentence
    ud/conllu/<treebank>-ud-<split>.conllu   CoNLL-U; read where ud/pos has no file for the split
    wikiann/<lang>/<split>.tsv               TOKEN<TAB>BIO tag
    xnli/<lang>.<split>.tsv                  premise<TAB>hypothesis<TAB>label
    flores/<lang>_<Script>.<split>           one sentence a line; splits dev, devtest
    ntrex/<lang>_<Script>.txt                the same; the split is test
    <task>/<lang>/<split>.<format>           a task of one's own: tsv, conllu, conll, csv, jsonl, parquet
    models/<id>/<revision>/<file>            model snapshots, see `snapshot`
    SHA256SUMS, ORIGINS.json                 optional, see `checksums` and `origins`

Languages are the codes of `isogloss.languages`, but for flores, which has its own (swh_Latn).
"""

from collections.abc import Mapping
from functools import cached_property

from isogloss.languages import LANGUAGES, Language
from isogloss.languages import language as lookup
from sources import origins
from sources.checksums import Checksums
from sources.corpus import LICENSES, Corpus, corpora, corpus_named
from sources.dataset import Dataset, Parsed, SourceFile, sha256
from sources.errors import MissingSplit
from sources.formats import parse
from sources.places import Place

OWN_FORMATS = ("tsv", "conllu", "conll", "csv", "jsonl", "parquet")


class MirrorSource:
    """A `RawSource` over a place. Thread-safe."""

    def __init__(
        self,
        place: Place,
        other_treebanks: Mapping[str, str] | None = None,
        kind: str = "mirror",
        known: Mapping[str, Corpus] | None = None,
        languages: Mapping[str, Language] = LANGUAGES,
    ) -> None:
        self._place = place
        self._other_treebanks = dict(other_treebanks or {})
        self._corpora = known or corpora()
        self._languages = languages
        self.kind = kind
        self.location = place.location
        self._sums = Checksums(place)

    def splits(self, task: str, language: str) -> tuple[str, ...]:
        """See `RawSource`."""
        splits = corpus_named(task, self._corpora).splits
        return tuple(split for split in splits if self._find(task, language, split))

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
        corpus, record = corpus_named(task, self._corpora), lookup(language, registry=self._languages)
        parsed = parse_mirrored(corpus, data, self._place.label(path), record)
        unpinned = origins.unpinned(self._origins.get(path, []))
        notes = (*parsed.notes, *self._notes(corpus, language, split, path), *filter(None, [unpinned]))
        return Dataset(task, language, split, parsed.table, (file,), notes, LICENSES.get(corpus.resource, ""))

    def made_of(self, task: str, language: str, split: str) -> list[dict[str, str | int]]:
        """What `isogloss mirror` made the split's file of; empty where there is none, or nobody knows."""
        path = self._find(task, language, split)
        return self._origins.get(path, []) if path else []

    @cached_property
    def _origins(self) -> origins.Origins:
        return origins.read_origins(self._place)

    def _candidates(self, task: str, language: str, split: str) -> list[str]:
        """Paths without and with `.gz`, best first."""
        corpus = corpus_named(task, self._corpora)
        plain = candidates(corpus, lookup(language, registry=self._languages), split)
        if corpus.resource == "ud" and split == "train" and language in self._other_treebanks:
            plain.append(f"ud/pos/{language}/{self._other_treebanks[language]}.tsv")
        return [path + ending for path in plain for ending in ("", ".gz")]

    def _find(self, task: str, language: str, split: str) -> str | None:
        candidates = self._candidates(task, language, split)
        return next((path for path in candidates if self._place.exists(path)), None)

    def _notes(self, corpus: Corpus, language: str, split: str, path: str) -> tuple[str, ...]:
        other = self._other_treebanks.get(language)
        if other is None or not path.startswith(f"ud/pos/{language}/{other}.tsv") or split != "train":
            return ()
        return (f"{corpus.name}/{language}: train is of another treebank than dev and test ({path}).",)


def candidates(corpus: Corpus, language: Language, split: str) -> list[str]:
    """Where a split is in the layout, less the ending `.gz`; best first."""
    code = language.code
    match corpus.resource:
        case "ud":
            conllu = [f"ud/conllu/{language.treebank}-ud-{split}.conllu"] if language.treebank else []
            return [f"ud/pos/{code}/{split}.tsv", *conllu]
        case "wikiann":
            return [f"wikiann/{code}/{split}.tsv"]
        case "xnli":
            return [f"xnli/{code}.{split}.tsv"]
        case "flores":
            name = language.flores or f"{language.iso639_3}_{language.script}"
            return [f"flores/{name}.{split}"]
        case "ntrex":
            return [f"ntrex/{language.iso639_3}_{language.script}.txt"]
    if corpus.kind == "parallel":
        return [f"{corpus.name}/{code}.{split}.txt", f"{corpus.name}/{code}.txt"]
    return [f"{corpus.name}/{code}/{split}.{ending}" for ending in OWN_FORMATS]


def parse_mirrored(corpus: Corpus, data: bytes, path: str, language: Language) -> Parsed:
    """The rows of a file of the layout; `path` names it in errors."""
    return parse(corpus, data, path, language, "lines" if corpus.kind == "parallel" else None)
