"""Units: what a model reads one by one, and where each word lies among them.

Three kinds, one interface. A word is cut into units by itself, so that text → units → words is exact by
construction:

    Subwords     pieces of a fast tokenizer: WordPiece, BPE, Unigram (mBERT, RoBERTa, XLM-R, DeBERTa, …)
    CodePoints   Unicode code points, no vocabulary (CANINE)
    Vocabulary   characters or symbols in a word-level vocabulary, words separated by ` ▁ ` (XPhoneBERT)

`save` writes what `AutoTokenizer` of transformers loads, with the same ids for the same text.
"""

import hashlib
import json
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from tokenizers import Tokenizer

from isogloss.errors import InvalidInput
from isogloss.inputs import Input
from services.encoders.corpus import WORD_SEPARATOR

_AS_ROBERTA = MappingProxyType(
    {"cls_token": "<s>", "pad_token": "<pad>", "sep_token": "</s>", "unk_token": "<unk>"}
)
_AS_BERT = MappingProxyType(
    {"cls_token": "[CLS]", "pad_token": "[PAD]", "sep_token": "[SEP]", "unk_token": "[UNK]"}
)
NO_WORD = -1  # the owner of specials and separators; the place of a word that was cut off


@dataclass(frozen=True)
class Frame:
    """The specials around the segments of a sequence."""

    start: tuple[int, ...]
    middle: tuple[int, ...]  # between two segments; the second one's type begins after it
    end: tuple[int, ...]
    separator: tuple[int, ...]  # between words
    pad: int
    two_types: bool  # whether the second segment has token type 1 (BERT, CANINE) or none (RoBERTa)


@dataclass(frozen=True)
class Encoded:
    """One example as ids, in arrays of a few bytes a unit, since a corpus is held whole. Words are numbered
    through all segments.
    """

    ids: "array[int]"
    owners: "array[int]"  # per position: its word, or NO_WORD for specials and separators
    firsts: "array[int]"  # per word: the position of its first unit, or NO_WORD when it was cut off
    content: "array[int]"  # per position: 1 but for the specials
    second: int  # where the second segment begins; the length when there is none
    cut: bool  # whether anything was cut off

    @classmethod
    def of(
        cls,
        ids: Sequence[int],
        owners: Sequence[int],
        firsts: Sequence[int],
        content: Sequence[int],
        second: int,
        cut: bool,
    ) -> "Encoded":
        """The same from any sequences of numbers."""
        return cls(array("i", ids), array("i", owners), array("i", firsts), array("b", content), second, cut)


class Units(Protocol):
    """Cuts words into units. `size` is the number of ids, 0 where there is no table of them; `unknown` is the
    id of what has no other."""

    frame: Frame
    size: int
    unknown: int

    def word_ids(self, reading: str) -> list[int]:
        """Ids of one word's units; never empty: a word without units is one unknown unit."""
        ...

    def reading(self, ids: Sequence[int]) -> str:
        """The word that these units spell; exact for code points, and for a vocabulary that has all of its
        units.
        """
        ...

    def save(self, directory: Path, max_length: int) -> None:
        """Write tokenizer_config.json and, where there is a vocabulary, tokenizer.json."""
        ...


class CodePoints:
    """CANINE's units: one id a character, its code point; no vocabulary, since CANINE hashes whatever number
    it gets.

    So it can also read phonemes, one id each: a phoneme of one code point is that code point, one of several
    (`t͡ʃ`) gets a number beyond Unicode. CANINE keeps its specials in the private use area and pads with NUL,
    so these characters of a text must not be read as specials: they become U+FFFD.
    """

    size = 0
    unknown = 0xFFFD  # the replacement character
    _PAD, _CLS, _SEP = 0, 0xE000, 0xE001
    _RESERVED = frozenset([0, *range(0xE000, 0xE006)])
    _BEYOND = 0x110000  # the first number that is no code point

    def __init__(self, of: Input) -> None:
        self._symbols = of.symbols
        self._names: dict[int, str] = {}  # those beyond Unicode that were met
        self.frame = Frame((self._CLS,), (self._SEP,), (self._SEP,), (ord(" "),), self._PAD, two_types=True)

    def word_ids(self, reading: str) -> list[int]:
        units = reading.split() if self._symbols else reading
        return [self._id(unit) for unit in units] or [self.unknown]

    def reading(self, ids: Sequence[int]) -> str:
        names = (self._names[item] if item >= self._BEYOND else chr(item) for item in ids)
        return (" " if self._symbols else "").join(names)

    def _id(self, unit: str) -> int:
        if self._symbols and unit == WORD_SEPARATOR:
            return ord(" ")  # a border inside of a word (Vietnamese) is one like those between words
        if len(unit) == 1:
            return self.unknown if ord(unit) in self._RESERVED else ord(unit)
        digest = hashlib.sha256(unit.encode()).digest()
        number = self._BEYOND + int.from_bytes(digest[:4], "big") % 2**24
        self._names[number] = unit
        return number

    def save(self, directory: Path, max_length: int) -> None:
        """Transformers' own tokenizer for CANINE; for symbols there is none that gives the same ids."""
        if not self._symbols:
            write_config(directory, {"tokenizer_class": "CanineTokenizer", "model_max_length": max_length})


class Vocabulary:
    """XPhoneBERT's units and those of our own small models: whole characters or phonemes, looked up in a
    list.

    The lookup is ours and not the tokenizer's: `AutoTokenizer` rebuilds XPhoneBERT's files as byte-pair
    encoding and silently drops most phonemes, and a sentence of phonemes is already cut at its spaces.
    """

    def __init__(self, tokenizer: Tokenizer, of: Input, field: str, two_types: bool = False) -> None:
        """Raises `InvalidInput` on `field` when the tokenizer is not word-level or lacks a special."""
        self._tokenizer = tokenizer
        if not is_word_level(tokenizer):
            raise InvalidInput(field, "its tokenizer is not WordLevel", "Send the tokenizer of the snapshot.")
        self._symbols = of.symbols
        self._ids: dict[str, int] = tokenizer.get_vocab(with_added_tokens=True)
        self._names = {number: name for name, number in self._ids.items()}
        bert = "[CLS]" in self._ids
        self._names_of_specials = _AS_BERT if bert else _AS_ROBERTA
        start, pad, end, self.unknown = (
            _special(tokenizer, name, field) for name in self._names_of_specials.values()
        )
        self._specials = frozenset({start, pad, end, self.unknown, *tokenizer.get_added_tokens_decoder()})
        separator = _special(tokenizer, WORD_SEPARATOR, field)
        self._specials -= {separator}
        self.frame = Frame((start,), (end,) if bert else (end, end), (end,), (separator,), pad, two_types)
        self.size = 1 + max(self._ids.values())

    def word_ids(self, reading: str) -> list[int]:
        return [self._id(unit) for unit in units_of(reading, self._symbols)] or [self.unknown]

    def reading(self, ids: Sequence[int]) -> str:
        names = [self._names[item] for item in ids]
        return " ".join(names) if self._symbols else "".join(names).replace(WORD_SEPARATOR, " ")

    def save(self, directory: Path, max_length: int) -> None:
        self._tokenizer.save(str(directory / "tokenizer.json"))
        write_config(directory, fast_config(self._names_of_specials, max_length, self.frame.two_types))

    def _id(self, unit: str) -> int:
        number = self._ids.get(unit, self.unknown)
        return self.unknown if number in self._specials else number  # a text that says "<s>" is no special


def units_of(reading: str, symbols: bool) -> list[str]:
    """Symbols of a word, or its characters, where a space inside the word is the word separator."""
    if symbols:
        return reading.split()
    return [WORD_SEPARATOR if char.isspace() else char for char in reading]


def encode(units: Units, segments: Sequence[Sequence[str]], max_length: int) -> Encoded:
    """Words of one or two segments as one sequence of at most `max_length` ids, specials included.

    What is too long is cut from the end of the longer segment. A word whose first unit stays keeps its place.
    """
    frame = units.frame
    pieces = [_segment_units(units, words, frame.separator) for words in segments]
    budget = max_length - len(frame.start) - len(frame.end) - len(frame.middle) * (len(pieces) - 1)
    keep = _share(budget, [len(ids) for ids, _ in pieces])
    ids, owners, content = list(frame.start), [NO_WORD] * len(frame.start), [False] * len(frame.start)
    firsts: list[int] = []
    second = -1
    for number, ((segment_ids, segment_owners), length) in enumerate(zip(pieces, keep, strict=True)):
        if number:
            _extend_special(ids, owners, content, frame.middle)
            second = len(ids)
        base, offset = len(firsts), len(ids)
        firsts.extend(_firsts(segment_owners[:length], len(segments[number]), offset))
        ids.extend(segment_ids[:length])
        owners.extend(base + owner if owner != NO_WORD else NO_WORD for owner in segment_owners[:length])
        content.extend([True] * length)
    _extend_special(ids, owners, content, frame.end)
    cut = any(length < len(segment_ids) for (segment_ids, _), length in zip(pieces, keep, strict=True))
    return Encoded.of(ids, owners, firsts, content, second if second >= 0 else len(ids), cut)


def _segment_units(
    units: Units, words: Sequence[str], separator: tuple[int, ...]
) -> tuple[list[int], list[int]]:
    ids: list[int] = []
    owners: list[int] = []
    for number, word in enumerate(words):
        if number:
            ids.extend(separator)
            owners.extend([NO_WORD] * len(separator))
        own = units.word_ids(word)
        ids.extend(own)
        owners.extend([number] * len(own))
    return ids, owners


def _firsts(owners: list[int], words: int, offset: int) -> list[int]:
    firsts = [NO_WORD] * words
    for position, owner in enumerate(owners):
        if owner != NO_WORD and firsts[owner] == NO_WORD:
            firsts[owner] = offset + position
    return firsts


def _share(budget: int, lengths: list[int]) -> list[int]:
    """How much of each segment is kept: the longer one is cut first, as the common "longest first" does."""
    if len(lengths) == 1:
        return [min(budget, lengths[0])]
    first, second = lengths
    if first + second <= budget:
        return lengths
    half = budget // 2
    if second <= half:
        return [budget - second, second]
    if first <= budget - half:
        return [first, budget - first]
    return [budget - half, half]


def _extend_special(ids: list[int], owners: list[int], content: list[bool], special: tuple[int, ...]) -> None:
    ids.extend(special)
    owners.extend([NO_WORD] * len(special))
    content.extend([False] * len(special))


def _special(tokenizer: Tokenizer, name: str, field: str) -> int:
    number = tokenizer.token_to_id(name)
    if number is None:
        raise InvalidInput(
            field, f"the vocabulary has no {name!r}", "Send the tokenizer that belongs to the model."
        )
    return int(number)


def is_word_level(tokenizer: Tokenizer) -> bool:
    """Whether it looks up whole symbols, and cuts none."""
    return bool(json.loads(tokenizer.to_str())["model"].get("type") == "WordLevel")


def fast_config(specials: Mapping[str, str], max_length: int, two_types: bool) -> dict[str, Any]:
    """tokenizer_config.json beside a tokenizer.json that says everything else."""
    inputs = ["input_ids", *(["token_type_ids"] if two_types else []), "attention_mask"]
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": max_length,
        "model_input_names": inputs,
        "add_prefix_space": True,
        **specials,
    }


def write_config(directory: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, indent=1, ensure_ascii=False)
    (directory / "tokenizer_config.json").write_text(text, encoding="utf-8")
