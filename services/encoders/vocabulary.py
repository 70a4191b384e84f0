"""Vocabularies read off corpora, for encoders that start from random weights.

Deterministic: the same corpora give the same ids, by frequency and then by code point.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokenizers import Regex, Tokenizer, normalizers
from tokenizers.models import WordLevel, WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer, Split, WhitespaceSplit
from tokenizers.processors import TemplateProcessing
from tokenizers.trainers import WordPieceTrainer

from isogloss.errors import InvalidInput
from isogloss.inputs import Input
from services.encoders.corpus import WORD_SEPARATOR, read_words
from services.encoders.families import FAMILIES
from services.encoders.subwords import Subwords
from services.encoders.units import CodePoints, Units, Vocabulary, units_of

if TYPE_CHECKING:
    from services.encoders.models import Scratch

_WORD_LEVEL_SPECIALS = ("<s>", "<pad>", "</s>", "<unk>", WORD_SEPARATOR)  # ids 0 to 2 as in XPhoneBERT
_WORD_PIECE_SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_FIELD = "encoder.scratch.vocabulary_size"


def build_units(architecture: str, of: Input, words: Iterable[str], size: int, field: str) -> Units:
    """The units of an encoder from scratch; `words` are read only where there is a vocabulary to build."""
    if architecture == "canine":
        return CodePoints(of)
    if FAMILIES[architecture].scratch == ("subword",):
        return Subwords(build_word_piece(words, size), field)
    return Vocabulary(build_word_level(words, of, size), of, field)


# All models of a comparison share one vocabulary: read it off the corpora once per process.
_known: dict[tuple[Any, ...], Units] = {}


def units_of_corpora(scratch: "Scratch", of: Input, corpora: Sequence[tuple[str, Path]], field: str) -> Units:
    """The units of an encoder from scratch, read off Parquet files, each with its sha256."""
    name = (scratch.architecture, of.name, scratch.vocabulary_size, tuple(sha256 for sha256, _ in corpora))
    if name not in _known:
        place = f"{field}.vocabulary_corpora"
        words = chain.from_iterable(
            read_words(path, of, f"{place}[{number}]") for number, (_, path) in enumerate(corpora)
        )
        _known[name] = build_units(scratch.architecture, of, words, scratch.vocabulary_size, place)
    return _known[name]


def build_word_level(words: Iterable[str], of: Input, size: int) -> Tokenizer:
    """The `size` most frequent characters or symbols and the specials, in XPhoneBERT's tokenizer format."""
    counts: Counter[str] = Counter()
    for word, times in Counter(words).items():
        for unit in units_of(word, of.symbols):
            counts[unit] += times
    for special in _WORD_LEVEL_SPECIALS:
        counts.pop(special, None)
    room = size - len(_WORD_LEVEL_SPECIALS)
    if room < 1:
        raise InvalidInput(_FIELD, f"{size} leaves no room for units", "Use at least some dozens.")
    units = sorted(counts, key=lambda unit: (-counts[unit], unit))[:room]
    ids = {unit: number for number, unit in enumerate((*_WORD_LEVEL_SPECIALS, *units))}
    tokenizer = Tokenizer(WordLevel(ids, unk_token="<unk>"))
    if of.symbols:
        tokenizer.pre_tokenizer = WhitespaceSplit()
    else:  # any text becomes the same units through the tokenizer alone
        tokenizer.normalizer = normalizers.Sequence(
            [normalizers.Strip(), normalizers.Replace(Regex(r"\s+"), WORD_SEPARATOR)]
        )
        tokenizer.pre_tokenizer = Split(Regex("."), "isolated")
    tokenizer.post_processor = TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def build_word_piece(words: Iterable[str], size: int) -> Tokenizer:
    """A cased WordPiece vocabulary of at most `size`, in mBERT's tokenizer format.

    Trained by the `tokenizers` library, whose ids of `##x` letters depend on the order of a hash table. So
    they get theirs beforehand, as if they were specials, and the vocabulary then goes into a fresh tokenizer.
    A quarter of the vocabulary at most goes into letters; a word with a rarer one is unknown.
    """
    if size < 64:
        raise InvalidInput(
            _FIELD, f"{size} is too small for subwords", "Use at least 64, better some thousands."
        )
    counts = Counter(_pieces_to_cut(words))
    letters = _most_frequent_letters(counts, size // 4)
    reserved = [*_WORD_PIECE_SPECIALS, *letters, *(f"##{letter}" for letter in letters)]
    trained = Tokenizer(WordPiece(unk_token="[UNK]"))
    trained.pre_tokenizer = WhitespaceSplit()
    trainer = WordPieceTrainer(vocab_size=size, special_tokens=reserved, show_progress=False, min_frequency=2)
    known = set(letters)
    spelled = (word for word in sorted(counts.elements()) if known.issuperset(word))
    trained.train_from_iterator(spelled, trainer)
    return _word_piece_tokenizer(trained.get_vocab())


def _word_piece_tokenizer(ids: dict[str, int]) -> Tokenizer:
    tokenizer = Tokenizer(WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = BertNormalizer(lowercase=False, strip_accents=False)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.add_special_tokens(list(_WORD_PIECE_SPECIALS))
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])],
    )
    return tokenizer


def _pieces_to_cut(words: Iterable[str]) -> Iterable[str]:
    """Words as BERT sees them before it cuts them up: normalized, and split at punctuation."""
    normalizer, splitter = BertNormalizer(lowercase=False, strip_accents=False), BertPreTokenizer()
    for word, times in Counter(words).items():
        for piece, _ in splitter.pre_tokenize_str(normalizer.normalize_str(word)):
            yield from [piece] * times


def _most_frequent_letters(counts: Counter[str], most: int) -> list[str]:
    letters: Counter[str] = Counter()
    for word, times in counts.items():
        for letter in word:
            letters[letter] += times
    return sorted(letters, key=lambda letter: (-letters[letter], letter))[:most]
