"""What is wrong with data, found before anything is trained: every finding, not the first one.

    options = ReadOptions(data={"mood": {"path": "mood/{language}.{split}.tsv"}})
    source = open_source("mirror", "my-data", options, tasks=[mood])
    for finding in check(source, "mood", ["fra", "tat"], needs=["train", "dev"]):
        print(finding)

prints, for a label that the task does not have and a dev set that was copied out of train:

    error: my-data/mood/tat.dev.tsv:17: 'ok' is no label of mood. Use one of: bad good. …
    note: mood/fra: 12 of 100 rows of dev (12.0%) stand in train, the first in row 4
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from isogloss.errors import DataLoss, InvalidInput
from sources.dataset import Dataset
from sources.errors import MalformedFile
from sources.overlap import overlaps
from sources.source import Source


@dataclass(frozen=True)
class Finding:
    """One thing found. `wrong`: a run would stop or lose cells; otherwise a note for the report.

    - field: of the experiment file, or the corpus and language (`pos/fra`)
    - file, row: where, as far as it is known: "" and 0 where it is not
    """

    wrong: bool
    task: str
    language: str
    field: str
    problem: str
    fix: str = ""
    file: str = ""
    row: int = 0

    def __str__(self) -> str:
        where = f"{self.file}:{self.row}" if self.row else self.file or self.field
        said = self.problem if self.problem.startswith(where) else f"{where}: {self.problem}"
        return f"{'error' if self.wrong else 'note'}: {said}{'.' if self.fix else ''} {self.fix}".rstrip()


def check(
    source: Source, task: str, languages: Sequence[str], needs: Iterable[str] = ("train", "dev")
) -> Iterator[Finding]:
    """All that can be known of a corpus in some languages without a model.

    Splits of `needs` that are missing; files that cannot be read (labels outside of the task, header rows,
    empty rows, words too long: the first of each file); rows of dev and test that stand in train; what
    readers noted; and parallel texts whose lines are not as many.

    Reads every split at hand, so ask it of the hub only where the data would be fetched anyway. Raises
    `Denied` and `Unavailable`, which are about access.
    """
    by_language: dict[str, Mapping[str, Dataset]] = {}
    for language in languages:
        datasets: dict[str, Dataset] = {}
        try:
            at_hand = source.splits(task, language)
        except InvalidInput as error:
            yield _wrong(task, language, error)
            continue
        for split in dict.fromkeys((*at_hand, *needs)):
            try:
                datasets[split] = source.read(task, language, split)
            except (InvalidInput, DataLoss) as error:
                yield _wrong(task, language, error)
        by_language[language] = datasets
        yield from _noted(task, language, datasets)
    yield from _parallel(task, by_language)


def _noted(task: str, language: str, datasets: Mapping[str, Dataset]) -> Iterator[Finding]:
    notes = [note for dataset in datasets.values() for note in dataset.notes]
    notes += [item.note for item in overlaps(datasets) if item.note]
    for note in dict.fromkeys(notes):
        yield Finding(False, task, language, f"{task}/{language}", note.rstrip("."))


def _wrong(task: str, language: str, error: InvalidInput | DataLoss) -> Finding:
    if isinstance(error, DataLoss):
        return Finding(True, task, language, f"{task}/{language}", error.message)
    file, row = (error.path, error.line or 0) if isinstance(error, MalformedFile) else ("", 0)
    return Finding(True, task, language, error.field, error.problem, error.fix, file, row)


def _parallel(task: str, by_language: Mapping[str, Mapping[str, Dataset]]) -> Iterator[Finding]:
    """Line i is the same sentence in every language, so all have as many as most have."""
    for split in dict.fromkeys(split for datasets in by_language.values() for split in datasets):
        texts = {code: datasets[split] for code, datasets in by_language.items() if split in datasets}
        texts = {code: dataset for code, dataset in texts.items() if dataset.kind == "parallel"}
        counts = [dataset.rows_at_source for dataset in texts.values()]
        usual = max(counts, key=lambda count: (counts.count(count), count), default=0)
        model = next((code for code, dataset in texts.items() if dataset.rows_at_source == usual), "")
        for code, dataset in texts.items():
            if dataset.rows_at_source != usual:
                file = dataset.files[0].name if dataset.files else ""
                other = texts[model].files[0].name if texts[model].files else model
                problem = f"{dataset.rows_at_source:,} lines, but {other} ({model}) has {usual:,}"
                fix = "Line i must be the same sentence in every language: find the line that is missing."
                yield Finding(True, task, code, f"{task}/{code}", problem, fix, file)
