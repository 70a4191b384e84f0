"""Text becomes units and units become text again, and every word knows where it lies among them."""

import gzip
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import BPE

from isogloss.errors import InvalidInput
from isogloss.g2p.engine.converter import load
from isogloss.g2p.engine.options import Options
from isogloss.inputs import INPUTS
from isogloss.languages import LANGUAGES
from services.encoders.subwords import Subwords
from services.encoders.tokenizer_files import load_units
from services.encoders.units import (
    NO_WORD,
    CodePoints,
    Encoded,
    Units,
    Vocabulary,
    encode,
)
from services.encoders.vocabulary import build_word_level, build_word_piece
from tests.paper_languages import PAPER_LANGUAGES

CHARACTERS = INPUTS["character"]
PHONEMES = INPUTS["phoneme"]

LETTERS = "abcdeéñжщ한국हिन्دیаʃŋəː"
words = st.lists(st.text(LETTERS, min_size=1, max_size=12), min_size=1, max_size=20)


def characters(known: str = LETTERS) -> Vocabulary:
    return Vocabulary(build_word_level(known, CHARACTERS, 5000), CHARACTERS, "test")


def respell(units: Units, encoded: Encoded, count: int) -> list[str]:
    """The words again, from ids alone and the owners of positions."""
    return [
        units.reading(
            [unit for unit, owner in zip(encoded.ids, encoded.owners, strict=True) if owner == word]
        )
        for word in range(count)
    ]


@given(words)
def test_characters_and_code_points_spell_the_words_again(sentence: list[str]) -> None:
    for units in (characters(), CodePoints(CHARACTERS)):
        encoded = encode(units, [sentence], 10_000)
        assert respell(units, encoded, len(sentence)) == sentence


@given(
    st.lists(
        st.lists(st.sampled_from(["t͡ʃ", "aː", "n̪", "k", "ʰ"]), min_size=1, max_size=9), min_size=1, max_size=9
    )
)
def test_phonemes_are_never_cut_apart(sentence: list[list[str]]) -> None:
    readings = [" ".join(phonemes) for phonemes in sentence]
    vocabulary = Vocabulary(build_word_level(readings, PHONEMES, 500), PHONEMES, "test")
    for units in (vocabulary, CodePoints(PHONEMES)):
        encoded = encode(units, [readings], 10_000)
        assert respell(units, encoded, len(readings)) == readings
        assert sum(owner != NO_WORD for owner in encoded.owners) == sum(map(len, sentence))


@given(words, words, st.integers(8, 80))
def test_every_kept_word_points_at_its_first_unit(
    first: list[str], second: list[str], max_length: int
) -> None:
    units = characters()
    encoded = encode(units, [first, second], max_length)
    assert len(encoded.ids) == len(encoded.owners) == len(encoded.content) <= max_length
    for word, place in enumerate(encoded.firsts):
        owned = [position for position, owner in enumerate(encoded.owners) if owner == word]
        assert place == (owned[0] if owned else NO_WORD)
    assert encoded.cut == (len(encoded.ids) < len(encode(units, [first, second], 10_000).ids))


@given(words, st.integers(8, 40))
def test_what_is_too_long_is_cut_from_the_end(sentence: list[str], max_length: int) -> None:
    units = CodePoints(CHARACTERS)
    whole, cut = encode(units, [sentence], 10_000), encode(units, [sentence], max_length)
    assert cut.ids[:-1] == whole.ids[: len(cut.ids) - 1]
    assert cut.ids[-1] == whole.ids[-1], "the closing special stays"


@pytest.mark.parametrize("code", PAPER_LANGUAGES)
def test_real_text_becomes_units_and_words_again(shared_data: Path, code: str) -> None:
    """FLORES in every language: characters, code points and subwords spell the words again, and the units of
    their phonemes the phonemes; each word has units of its own, and its label a place.
    """
    path = next(shared_data.glob(f"flores/{LANGUAGES[code].flores}.devtest*"))
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    sentences = [[visible(word) for word in line.split()] for line in data.decode().splitlines()[:60]]
    words = [word for sentence in sentences for word in sentence]
    phonemes_of = load(code, Options("none")).phonemes_of
    heard = [[phonemes_of(word) for word in sentence] for sentence in sentences]
    phonemes = build_word_level([word for sentence in heard for word in sentence], PHONEMES, 5000)
    for units, readings in (
        (characters("".join(words)), sentences),
        (CodePoints(CHARACTERS), sentences),
        (Subwords(build_word_piece(words, 3000), "test"), sentences),
        (Vocabulary(phonemes, PHONEMES, "test"), heard),
        (CodePoints(PHONEMES), heard),
    ):
        for sentence in readings:
            encoded = encode(units, [sentence], 10_000)
            assert NO_WORD not in encoded.firsts
            spoken = [word or units.reading([units.unknown]) for word in sentence]  # some have no phonemes
            assert respell(units, encoded, len(sentence)) == spoken


def visible(word: str) -> str:
    """Without characters of no width, which BERT's normalization drops."""
    return "".join(char for char in word if category(char) != "Cf")


def ids(units: Units, sentence: Sequence[str]) -> list[int]:
    return encode(units, [sentence], 100).ids


def test_words_are_separated_for_characters_too() -> None:
    units = characters("ab")
    separator = units.frame.separator[0]
    assert ids(units, ["a", "b"])[2] == separator


def test_a_word_without_units_is_one_unknown_unit() -> None:
    units = Vocabulary(build_word_level(["a b"], PHONEMES, 50), PHONEMES, "test")
    assert units.word_ids("") == [units.unknown]
    assert len(CodePoints(CHARACTERS).word_ids("")) == 1
    assert len(Subwords(build_word_piece(["ab", "ab"], 100), "test").word_ids("\u200b")) == 1


def test_a_text_cannot_smuggle_in_specials() -> None:
    """A sentence that contains the specials' own spelling is only text."""
    units = Vocabulary(build_word_level(["a <s> </s> <pad>"], PHONEMES, 50), PHONEMES, "test")
    assert units.word_ids("<s> </s> <pad>") == [units.unknown] * 3
    assert set(CodePoints(CHARACTERS).word_ids("\ue000\ue001\0")) == {0xFFFD}


def test_a_tokenizer_that_is_not_word_level_is_refused(tmp_path: Path) -> None:
    """What AutoTokenizer makes of XPhoneBERT's files in transformers 5."""
    Tokenizer(BPE()).save(str(tmp_path / "tokenizer.json"))
    config = SimpleNamespace(model_type="roberta", type_vocab_size=1)
    with pytest.raises(InvalidInput, match="cuts subwords, and no symbols") as caught:
        load_units(tmp_path, config, PHONEMES, "encoder.snapshot")
    assert caught.value.field == "encoder.snapshot"


def test_a_vocabulary_without_its_specials_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no '<s>'"):
        Vocabulary(
            Tokenizer.from_str(build_word_level(["a"], PHONEMES, 50).to_str().replace("<s>", "<x>")),
            PHONEMES,
            "t",
        )


def test_the_same_corpus_gives_the_same_vocabulary() -> None:
    corpus = ["kala", "kalan", "kalat", "talo", "talon", "talot", "vene", "veneen"] * 3
    for build in (
        lambda: build_word_level(corpus, CHARACTERS, 40),
        lambda: build_word_piece(corpus, 80),
    ):
        vocabularies = [build().get_vocab() for _ in range(5)]
        assert all(vocabulary == vocabularies[0] for vocabulary in vocabularies)


def test_borders_of_words_are_the_same_where_a_word_has_spaces_inside() -> None:
    """A Vietnamese word of two syllables reads as two words do, in every input: none shows gold words."""
    written, phonemes = ["việt nam", "đẹp"], ["v i ə t ▁ n a m", "d ɛ p"]
    apart = ["việt", "nam", "đẹp"], ["v i ə t", "n a m", "d ɛ p"]
    for units, together, single in (
        (CodePoints(CHARACTERS), written, apart[0]),
        (CodePoints(PHONEMES), phonemes, apart[1]),
        (characters("".join(written)), written, apart[0]),
        (Vocabulary(build_word_level(phonemes, PHONEMES, 50), PHONEMES, "test"), phonemes, apart[1]),
        (Subwords(build_word_piece([*written, *written], 200), "test"), written, apart[0]),
    ):
        assert encode(units, [together], 64).ids == encode(units, [single], 64).ids


def test_a_word_of_1500_characters_is_cut_and_named_by_no_error() -> None:
    """It takes its units; what lies beyond the maximum length has no place, and counts as an error."""
    words = ["ab", "a" * 1500, "ba"]
    encoded = encode(characters("ab"), [words], 64)
    assert len(encoded.ids) == 64
    assert encoded.cut
    assert [place == NO_WORD for place in encoded.firsts] == [False, False, True]
    pieces = Subwords(build_word_piece(["ab", "ab", "ba", "ba"], 100), "test")
    assert len(encode(pieces, [words], 64).ids) == 2 + sum(len(pieces.word_ids(word)) for word in words)
