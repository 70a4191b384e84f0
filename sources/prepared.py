"""Limits and substitutes, the same for every source.

Nothing is substituted unless the profile names it; every substitution leaves a note that the report prints.
"""

from collections.abc import Hashable, Sequence

from isogloss.languages import language as lookup
from sources.dataset import SPLITS, Dataset, SourceFile, check_task
from sources.errors import MissingSplit, SourceError
from sources.options import ReadOptions, Substitute
from sources.selection import sample, split_in_two
from sources.source import Provenance, RawSource

_SUBSTITUTE = {"train": Substitute.TRAIN_FROM_DEV, "test": Substitute.TEST_FROM_DEV}


class PreparedSource:
    """A `Source` over a raw one."""

    def __init__(self, raw: RawSource, options: ReadOptions) -> None:
        self._raw = raw
        self._options = options
        self._files: dict[str, SourceFile] = {}

    def read(self, task: str, language: str, split: str) -> Dataset:
        """See `Source.read`."""
        wanted = SPLITS[check_task(task)]
        lookup(language)
        if split not in wanted:
            raise SourceError("split", f"{task} has no split {split!r}", f"Use one of: {', '.join(wanted)}.")
        at_hand = self._raw.splits(task, language)
        missing = self._missing(task, language, at_hand)
        if split in missing or (split == "dev" and missing):
            dataset = self._carve(task, language, split, missing)
        elif split in at_hand:
            dataset = self._read_raw(task, language, split)
        else:
            raise self._absent(task, language, split, at_hand)
        return self._limited(dataset)

    def splits(self, task: str, language: str) -> tuple[str, ...]:
        """See `Source.splits`."""
        lookup(language)
        at_hand = self._raw.splits(check_task(task), language)
        there = {*at_hand, *self._missing(task, language, at_hand)}
        return tuple(split for split in SPLITS[task] if split in there)

    def describe(self) -> Provenance:
        """See `Source.describe`."""
        files = tuple(self._files[name] for name in sorted(self._files))
        return Provenance(self._raw.kind, self._raw.location, self._options, files)

    def _missing(self, task: str, language: str, at_hand: Sequence[str]) -> tuple[str, ...]:
        """The splits that are to be made of dev, since they are not at hand and the options allow it."""
        if task == "flores" or "dev" not in at_hand:
            return ()
        return tuple(
            split
            for split, name in _SUBSTITUTE.items()
            if split not in at_hand and name in self._options.substitutes
        )

    def _carve(self, task: str, language: str, split: str, missing: tuple[str, ...]) -> Dataset:
        """Split dev in two; sentences (premises) that are equal stay on one side."""
        if len(missing) > 1:
            raise MissingSplit(
                f"{task} {' and '.join(missing)} for {language}",
                [path for name in missing for path in self._raw.paths(task, language, name)],
                "One of them can be made of dev, not both: add the other to the data directory.",
            )
        (new,) = missing
        dev = self._read_raw(task, language, "dev")
        share = self._options.train_share if new == "train" else 0.5
        carved, rest = split_in_two(_groups(dev), share, self._options.seed)
        if not carved or not rest:
            raise SourceError(
                "data", f"{dev.name} is too small to be split ({dev.sentences} rows)", "Add sentences."
            )
        note = (
            f"{task}/{language}: no {new} at hand, so dev ({dev.sentences:,} rows) was split in two:"
            f" {len(carved):,} rows are {new}, the other {len(rest):,} are dev; equal ones stay on one side."
        )
        return dev.take(carved if split == new else rest, note, split)

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
        fix = "Add one of these files."
        name = _SUBSTITUTE.get(split)
        if task != "flores" and name and "dev" in at_hand:
            fix += f" Or set `substitutes: allowed` (or `[{name.value}]`) to make {split} of a part of dev."
        return MissingSplit(f"{task} {split} for {language}", tried, fix)


def _groups(dataset: Dataset) -> list[Hashable]:
    if dataset.task == "xnli":
        return list(dataset.table["premise"].to_pylist())
    return [tuple(tokens) for tokens in dataset.table["tokens"].to_pylist()]
