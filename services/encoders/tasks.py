"""The three tasks of the paper (section 3.2): their classes, in the order of the model's outputs."""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Task:
    """What is classified, and into what."""

    name: str
    classes: tuple[str, ...]
    per_word: bool  # one label a word (NER, POS), or one a pair of sentences (XNLI)
    primary: str  # the name of the score that the paper prints for it


UPOS = (
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT",
    "SCONJ", "SYM", "VERB", "X",
)  # fmt: skip
BIO = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
NLI = ("entailment", "neutral", "contradiction")

TASKS = MappingProxyType(
    {
        "pos": Task("pos", UPOS, per_word=True, primary="accuracy"),
        "ner": Task("ner", BIO, per_word=True, primary="span_f1"),
        "xnli": Task("xnli", NLI, per_word=False, primary="accuracy"),
    }
)
