"""Tasks: what is classified, into what, and how it is scored. One record each (docs/guides/task.md adds one).

Nothing else spells a task's labels, kind or score: services get the record in the request, sources check
labels against it, the report takes its titles from it.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

from isogloss.errors import InvalidInput

Kind = Literal["tokens", "text", "pair"]
Scheme = Literal["plain", "bio", "iobes"]
Score = Literal["accuracy", "macro_f1", "span_f1"]


@dataclass(frozen=True)
class Task:
    """One task. `labels` are the classes in the order of the model's outputs.

    - kind: `tokens`, one label a word; `text`, one a text; `pair`, one a pair of texts
    - scheme: how labels mark spans: `plain` does not, `bio` and `iobes` do (B-PER, I-PER, …)
    - score: the score that is reported, in percent; `span_f1` needs a scheme of spans
    - corpus: the resource that the paper and the profiles read it from, "" where an experiment brings its own
    """

    name: str
    title: str
    kind: Kind
    labels: tuple[str, ...]
    score: Score = "accuracy"
    scheme: Scheme = "plain"
    corpus: str = ""

    def __post_init__(self) -> None:
        """Raises `InvalidInput` naming the field that does not fit."""
        if self.kind not in get_args(Kind):
            raise InvalidInput(
                f"tasks.{self.name}.kind", f"unknown kind {self.kind!r}", "Use tokens, text or pair."
            )
        if len(self.labels) < 2 or len(set(self.labels)) != len(self.labels):
            raise InvalidInput(
                f"tasks.{self.name}.labels", "needs two different labels or more, each once", "List them all."
            )
        if self.score == "span_f1" and self.scheme == "plain":
            fix = "Set scheme to bio or iobes, or score to accuracy or macro_f1."
            raise InvalidInput(f"tasks.{self.name}.score", "span_f1 needs labels that mark spans", fix)
        if self.scheme != "plain" and self.kind != "tokens":
            raise InvalidInput(f"tasks.{self.name}.scheme", "spans are of words", "Use plain.")


# https://universaldependencies.org/u/pos/
_UPOS = (
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT",
    "SCONJ", "SYM", "VERB", "X",
)  # fmt: skip
_WIKIANN = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
_NLI = ("entailment", "neutral", "contradiction")

TASKS = MappingProxyType(
    {
        task.name: task
        for task in (
            Task("pos", "Part-of-speech tagging", "tokens", _UPOS, corpus="ud"),
            Task("ner", "Named entity recognition", "tokens", _WIKIANN, "span_f1", "bio", corpus="wikiann"),
            Task("xnli", "Natural language inference", "pair", _NLI, corpus="xnli"),
        )
    }
)
"""The paper's tasks (section 3.2). An experiment file may bring more."""
