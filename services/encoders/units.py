"""Units: what a model reads one by one, and where each word lies among them.

Three kinds, one interface. A word is cut into units by itself, so that text → units → words is exact by
construction:

    wordpiece    subwords of a WordPiece vocabulary (mBERT)
    code_point   Unicode code points, no vocabulary (CANINE)
    vocabulary   characters or phonemes in a word-level vocabulary, words separated by ` ▁ ` (XPhoneBERT)
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tokenizers import Tokenizer

from isogloss.errors import InvalidInput
from isogloss.inputs import Input
from services.encoders.corpus import WORD_SEPARATOR

NO_WORD = -1  # the owner of specials and separators; the place of a word that was cut off


@dataclass(frozen=True)
class Frame:
    """The specials around the segments of a sequence."""

    start: tuple[int, ...]
    middle: tuple[int, ...]  # between two segments; the second one's type begins after it
    end: tuple[int, ...]
    separator: tuple[int, ...]  # between words
    pad: int
    two_types: bool  # whether the second segment has token type 1 (BERT, CANINE) or 0 (RoBERTa)


@dataclass(frozen=True)
class Encoded:
    """One example as ids. Words are numbered through all segments."""

    ids: list[int]
    owners: list[int]  # per position: its word, or NO_WORD for specials and separators
    firsts: list[int]  # per word: the position of its first unit, or NO_WORD when it was cut off
    content: list[bool]  # per position: True but for the specials
    second: int  # where the second segment begins; the length when there is none
    cut: bool  # whether anything was cut off


class Units(Protocol):
    """Cuts words into units. `size` is the number of ids, 0 where there is no table of them; `unknown` is the
    id of what has no other."""

    kind: str
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

    def save(self, directory: Path) -> None:
        """Write tokenizer.json, where there is something to write."""
        ...


class CodePoints:
    """CANINE's units: one id a character, its code point; no vocabulary, since CANINE hashes whatever number
    it gets.

    So it can also read phonemes, one id each: a phoneme of one code point is that code point, one of several
    (`t͡ʃ`) gets a number beyond Unicode. CANINE keeps its specials in the private use area and pads with NUL,
    so these characters of a text must not be read as specials: they become U+FFFD.
    """

    kind = "code_point"
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
        if len(unit) == 1:
            return self.unknown if ord(unit) in self._RESERVED else ord(unit)
        digest = hashlib.sha256(unit.encode()).digest()
        number = self._BEYOND + int.from_bytes(digest[:4], "big") % 2**24
        self._names[number] = unit
        return number

    def save(self, directory: Path) -> None:
        """Nothing: code points need no vocabulary."""


class WordPieces:
    """mBERT's units, by the `tokenizers` library; each distinct word is cut once."""

    kind = "wordpiece"

    def __init__(self, tokenizer: Tokenizer, field: str) -> None:
        """Raises `InvalidInput` on `field` when the vocabulary lacks a special."""
        self._tokenizer = tokenizer
        tokenizer.no_padding()
        tokenizer.no_truncation()
        cls, sep, pad, self.unknown = (
            _special(tokenizer, name, field) for name in ("[CLS]", "[SEP]", "[PAD]", "[UNK]")
        )
        self.frame = Frame((cls,), (sep,), (sep,), (), pad, two_types=True)
        self.size = int(tokenizer.get_vocab_size())
        self._known: dict[str, list[int]] = {}

    def word_ids(self, reading: str) -> list[int]:
        ids = self._known.get(reading)
        if ids is None:
            ids = list(self._tokenizer.encode(reading, add_special_tokens=False).ids) or [self.unknown]
            self._known[reading] = ids
        return ids

    def reading(self, ids: Sequence[int]) -> str:
        pieces = [self._tokenizer.id_to_token(item) or "" for item in ids]
        return "".join(piece.removeprefix("##") for piece in pieces)

    def save(self, directory: Path) -> None:
        self._tokenizer.save(str(directory / "tokenizer.json"))


class Vocabulary:
    """XPhoneBERT's units and those of our own small models: whole characters or phonemes, looked up in a
    list.

    The lookup is ours and not the tokenizer's: `AutoTokenizer` rebuilds XPhoneBERT's files as byte-pair
    encoding and silently drops most phonemes, and a sentence of phonemes is already cut at its spaces.
    """

    kind = "vocabulary"

    def __init__(self, tokenizer: Tokenizer, of: Input, field: str) -> None:
        """Raises `InvalidInput` on `field` when the tokenizer is not word-level or lacks a special."""
        self._tokenizer = tokenizer
        _check_word_level(tokenizer, field)
        self._symbols = of.symbols
        self._ids: dict[str, int] = tokenizer.get_vocab(with_added_tokens=True)
        self._names = {number: name for name, number in self._ids.items()}
        start, pad, end, self.unknown = (
            _special(tokenizer, name, field) for name in ("<s>", "<pad>", "</s>", "<unk>")
        )
        self._specials = frozenset({start, pad, end, self.unknown, *tokenizer.get_added_tokens_decoder()})
        separator = _special(tokenizer, WORD_SEPARATOR, field)
        self._specials -= {separator}
        self.frame = Frame((start,), (end, end), (end,), (separator,), pad, two_types=False)
        self.size = 1 + max(self._ids.values())

    def word_ids(self, reading: str) -> list[int]:
        return [self._id(unit) for unit in units_of(reading, self._symbols)] or [self.unknown]

    def reading(self, ids: Sequence[int]) -> str:
        names = [self._names[item] for item in ids]
        return " ".join(names) if self._symbols else "".join(names).replace(WORD_SEPARATOR, " ")

    def save(self, directory: Path) -> None:
        self._tokenizer.save(str(directory / "tokenizer.json"))

    def _id(self, unit: str) -> int:
        number = self._ids.get(unit, self.unknown)
        return self.unknown if number in self._specials else number  # a text that says "<s>" is no special


def units_of(reading: str, symbols: bool) -> list[str]:
    """Symbols of a word, or its characters, where a space inside the word is the word separator."""
    if symbols:
        return reading.split()
    return [WORD_SEPARATOR if char.isspace() else char for char in reading]


def load_units(directory: Path, kind: str, of: Input, field: str) -> Units:
    """The units of a snapshot or of a trained model. Raises `InvalidInput` on `field`."""
    if kind == CodePoints.kind:
        return CodePoints(of)
    path = directory / "tokenizer.json"
    if not path.exists():
        raise InvalidInput(field, "tokenizer.json is missing", "Send the snapshot's fast tokenizer.")
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises plain Exception
        raise InvalidInput(
            field, f"tokenizer.json cannot be read ({error})", "Fetch the snapshot again."
        ) from error
    if kind == WordPieces.kind:
        return WordPieces(tokenizer, field)
    return Vocabulary(tokenizer, of, field)


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
    return Encoded(ids, owners, firsts, content, second if second >= 0 else len(ids), cut)


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


def _check_word_level(tokenizer: Tokenizer, field: str) -> None:
    model = json.loads(tokenizer.to_str())["model"].get("type")
    if model != "WordLevel":
        raise InvalidInput(
            field, f"its tokenizer is {model}, not WordLevel", "Send the tokenizer of the snapshot."
        )
