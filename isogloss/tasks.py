"""Tasks: what is classified, into what, and how it is scored. One record each (docs/guides/task.md adds one).

Nothing else spells a task's labels, kind or score: services get the record in the request, sources check
labels against it, the report takes its titles from it.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Literal, get_args

from isogloss.errors import InvalidInput

Kind = Literal["tokens", "text", "pair"]
Scheme = Literal["plain", "bio", "iobes"]
Score = Literal["accuracy", "macro_f1", "span_f1"]

MOST_LABELS = 1_000
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_LONGEST_LABEL = 200  # characters, of a title, too
OUTSIDE = "O"
# What a label of a scheme may begin with; each is followed by a hyphen and the type of the span.
_PREFIXES: Mapping[str, frozenset[str]] = {"bio": frozenset("BI"), "iobes": frozenset("IBES")}


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
        if not _NAME.fullmatch(self.name):
            fix = "Use lower-case letters, digits, '_', '.' and '-', 64 at most."
            raise InvalidInput(f"tasks.{self.name}.name", f"not a name: {self.name!r}", fix)
        if not (self.title.isprintable() and len(self.title) <= _LONGEST_LABEL):
            fix = f"Use one line of {_LONGEST_LABEL} characters at most."
            raise InvalidInput(f"tasks.{self.name}.title", f"not a title: {self.title[:40]!r}", fix)
        for field, choices in (("kind", Kind), ("scheme", Scheme), ("score", Score)):
            value, known = getattr(self, field), get_args(choices)
            if value not in known:
                raise InvalidInput(f"tasks.{self.name}.{field}", f"{value!r}", f"Use {', '.join(known)}.")
        if self.score == "span_f1" and self.scheme == "plain":
            fix = "Set scheme to bio or iobes, or score to accuracy or macro_f1."
            raise InvalidInput(f"tasks.{self.name}.score", "span_f1 needs labels that mark spans", fix)
        if self.scheme != "plain" and self.kind != "tokens":
            raise InvalidInput(f"tasks.{self.name}.scheme", "spans are of words", "Use plain.")
        self._check_labels()

    @property
    def per_word(self) -> bool:
        """Whether each word has a label, and not the text or the pair."""
        return self.kind == "tokens"

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON, as a trained model and its predictions carry it."""
        return {**asdict(self), "labels": list(self.labels)}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "Task":
        """Read what `to_json` wrote."""
        return cls(**{**record, "labels": tuple(record["labels"])})

    def _check_labels(self) -> None:
        field = f"tasks.{self.name}.labels"
        if not 2 <= len(self.labels) <= MOST_LABELS or len(set(self.labels)) != len(self.labels):
            fix = f"List each label once, {MOST_LABELS} at most."
            raise InvalidInput(field, f"{len(self.labels)} labels, {len(set(self.labels))} different", fix)
        prefixes = _PREFIXES.get(self.scheme)
        for label in self.labels:
            if not label.isprintable() or label != label.strip() or not 0 < len(label) <= _LONGEST_LABEL:
                fix = f"Use 1 to {_LONGEST_LABEL} characters of one line, without blanks around them."
                raise InvalidInput(field, f"not a label: {label!r}", fix)
            if prefixes is None or label == OUTSIDE:
                continue
            prefix, hyphen, kind = label.partition("-")
            if prefix not in prefixes or not hyphen or not kind:
                known = ", ".join(f"{item}-…" for item in sorted(prefixes))
                fix = f"Use {OUTSIDE} and {known}, or the scheme plain."
                raise InvalidInput(field, f"{label!r} is no label of the scheme {self.scheme}", fix)


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
