"""Limits and substitutes, the same for every source.

Nothing is substituted unless the profile names it; every substitution leaves a note that the report prints.
"""

from collections.abc import Hashable, Mapping, Sequence

from isogloss.languages import LANGUAGES, Language
from isogloss.languages import language as lookup
from sources.corpus import Corpus, corpora, corpus_named
from sources.dataset import Dataset, SourceFile
from sources.errors import MissingSplit, SourceError
from sources.options import ReadOptions, Substitute
from sources.selection import sample, split_in_parts
from sources.source import Provenance, RawSource

_SUBSTITUTE = {"train": Substitute.TRAIN_FROM_DEV, "test": Substitute.TEST_FROM_DEV}


class PreparedSource:
    """A `Source` over a raw one."""

    def __init__(
        self,
        raw: RawSource,
        options: ReadOptions,
        known: Mapping[str, Corpus] | None = None,
        languages: Mapping[str, Language] = LANGUAGES,
    ) -> None:
        self._raw = raw
        self._options = options
        self._corpora = known or corpora()
        self._languages = languages
        self._files: dict[str, SourceFile] = {}

    def read(self, task: str, language: str, split: str) -> Dataset:
        """See `Source.read`."""
        wanted = corpus_named(task, self._corpora).splits
        lookup(language, registry=self._languages)
        if split not in wanted:
            raise SourceError("split", f"{task} has no split {split!r}", f"Use one of: {', '.join(wanted)}.")
        at_hand = self._raw.splits(task, language)
        missing = self._missing(task, at_hand)
        if split in missing or (split == "dev" and missing):
            dataset = self._carve(task, language, split, missing)
        elif split in at_hand:
            dataset = self._read_raw(task, language, split)
        else:
            raise self._absent(task, language, split, at_hand)
        return self._limited(dataset)

    def splits(self, task: str, language: str) -> tuple[str, ...]:
        """See `Source.splits`."""
        wanted = corpus_named(task, self._corpora).splits
        lookup(language, registry=self._languages)
        at_hand = self._raw.splits(task, language)
        there = {*at_hand, *self._missing(task, at_hand)}
        return tuple(split for split in wanted if split in there)

    def describe(self) -> Provenance:
        """See `Source.describe`."""
        files = tuple(self._files[name] for name in sorted(self._files))
        return Provenance(self._raw.kind, self._raw.location, self._options, files)

    def _missing(self, task: str, at_hand: Sequence[str]) -> tuple[str, ...]:
        """The splits that are to be made of dev, since they are not at hand and the options allow it."""
        if not self._corpora[task].labels or "dev" not in at_hand:
            return ()
        return tuple(
            split
            for split, name in _SUBSTITUTE.items()
            if split not in at_hand and name in self._options.substitutes
        )

    def _carve(self, task: str, language: str, split: str, missing: tuple[str, ...]) -> Dataset:
        """Split dev in two or three; sentences (premises) that are equal stay on one side."""
        dev = self._read_raw(task, language, "dev")
        shares, left = list[float](), 1.0
        for new in missing:
            shares.append(left * (self._options.train_share if new == "train" else 0.5))
            left -= shares[-1]
        rows = split_in_parts(_groups(dev), shares, self._options.seed)
        parts = dict(zip((*missing, "dev"), rows, strict=True))
        if not all(parts.values()):
            problem = f"{dev.name} is too small to be split ({dev.sentences} rows)"
            raise SourceError("data", problem, "Add sentences.")
        sizes = ", ".join(f"{len(parts[name]):,} rows are {name}" for name in (*missing, "dev"))
        note = (
            f"{task}/{language}: no {' and no '.join(missing)} at hand, so dev ({dev.sentences:,} rows) was"
            f" split in {'two' if len(parts) == 2 else 'three'}: {sizes}; equal ones stay on one side."
        )
        return dev.take(parts[split], note, split)

    def _limited(self, dataset: Dataset) -> Dataset:
        limit = self._options.limit.get(dataset.split)
        if limit is None or limit >= dataset.sentences:
            return dataset
        seed = self._options.seed
        note = f"{dataset.name}: {limit:,} of {dataset.sentences:,} rows, sampled with seed {seed}."
        return dataset.take(sample(dataset.sentences, limit, seed), note)

    def _read_raw(self, task: str, language: str, split: str) -> Dataset:
        dataset = self._raw.read(task, language, split)
        self._files.update({file.name: file for file in dataset.files})
        return dataset

    def _absent(self, task: str, language: str, split: str, at_hand: Sequence[str]) -> MissingSplit:
        tried = self._raw.paths(task, language, split)
        fix = f"Add it, or name your own under `data.{task}` (with `splits` where they call it otherwise)."
        if self._corpora[task].kind == "parallel":
            fix = (
                "Add it, or name a parallel text of your own: `parallel: {corpus: mine, split: test}` and"
                " `data: {mine: {path: …}}`."
            )
        name = _SUBSTITUTE.get(split)
        if name and "dev" in at_hand:
            fix += f" Or set `substitutes: allowed` (or `[{name.value}]`) to make {split} of a part of dev."
        return MissingSplit(f"{task} {split} for {language}", tried, fix)


def _groups(dataset: Dataset) -> list[Hashable]:
    """What must stay on one side: sentences that are equal, pairs of one premise."""
    if dataset.kind == "pair":
        return list(dataset.table["premise"].to_pylist())
    return dataset.written
