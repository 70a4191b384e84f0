"""What is read: the corpus of a task, or a parallel text. One record each; readers check data against it.

corpora()["pos"].labels                      # the seventeen tags, from the record of the task
corpora([Task("mood", "Mood", "text", ("good", "bad"))])["mood"].kind     # text
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import pyarrow as pa

from isogloss.languages import Language
from isogloss.tasks import TASKS, Task
from sources.errors import UnknownTask

Kind = Literal["tokens", "text", "pair", "parallel"]

LABELED = ("train", "dev", "test")

_STRINGS = pa.list_(pa.string())
SCHEMAS: Mapping[str, pa.Schema] = MappingProxyType(
    {
        "tokens": pa.schema([("tokens", _STRINGS), ("labels", _STRINGS)]),
        "pair": pa.schema([("premise", pa.string()), ("hypothesis", pa.string()), ("label", pa.string())]),
        "text": pa.schema([("text", pa.string()), ("label", pa.string())]),
        "parallel": pa.schema([("text", pa.string())]),
    }
)
"""The columns of a dataset, by kind: one row a sentence, a pair, a text, or a sentence of a parallel text."""

LICENSES: Mapping[str, str] = MappingProxyType(
    {
        "ud": "as each treebank's LICENSE.txt says",
        "wikiann": "none stated; the text is Wikipedia's (CC BY-SA)",
        "xnli": "CC BY-NC 4.0",
        "flores": "CC BY-SA 4.0",
        "ntrex": "CC BY-SA 4.0",
    }
)
"""Of the resources; a source of one's own says its own."""


@dataclass(frozen=True)
class Corpus:
    """One corpus in every language.

    - name: of the task, or of the parallel text
    - labels: that rows may have; none for a parallel text
    - resource: where a mirror and the hub have it (ud, wikiann, xnli, flores, ntrex); "" for one's own data
    - splits: that it can have, in this order
    """

    name: str
    kind: Kind
    labels: frozenset[str] = frozenset()
    resource: str = ""
    splits: tuple[str, ...] = LABELED

    @property
    def schema(self) -> pa.Schema:
        """The columns of its datasets."""
        return SCHEMAS[self.kind]

    def called(self, language: Language) -> str | None:
        """What its resource calls a language; None where it has none of it."""
        field = {"ud": "treebank"}.get(self.resource, self.resource)
        return getattr(language, field) if field else language.code


PARALLEL: Mapping[str, Corpus] = MappingProxyType(
    {
        corpus.name: corpus
        for corpus in (
            Corpus("flores", "parallel", resource="flores", splits=("dev", "devtest")),
            Corpus("ntrex", "parallel", resource="ntrex", splits=("test",)),
        )
    }
)


def corpora(tasks: Iterable[Task] = (), parallel: Iterable[str] = ()) -> Mapping[str, Corpus]:
    """All that can be read, by name: those of `isogloss.tasks`, more tasks (or others of the same name), the
    parallel texts, and more of these by name.
    """
    records = {**TASKS, **{task.name: task for task in tasks}}
    own = {name: Corpus(name, "parallel", splits=("train", "dev", "test", "devtest")) for name in parallel}
    of_tasks = {
        name: Corpus(name, task.kind, frozenset(task.labels), task.corpus) for name, task in records.items()
    }
    return MappingProxyType({**of_tasks, **own, **PARALLEL})


def corpus_named(name: str, known: Mapping[str, Corpus]) -> Corpus:
    """The record; `UnknownTask` when there is none."""
    if name not in known:
        problem, fix = f"unknown task {name[:40]!r}", f"Use one of: {', '.join(known)}."
        raise UnknownTask("task", problem, f"{fix} `tasks:` of an experiment file brings more.")
    return known[name]
