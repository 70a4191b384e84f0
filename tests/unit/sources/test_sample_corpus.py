"""The sample corpus: the same bytes each time, well-formed, in its scripts, not solved by counting words."""

from __future__ import annotations

import itertools
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from sources.sample import baselines
from sources.sample.generate import generate

SAMPLE = baselines.ROOT
SPLITS = baselines.SPLITS
TOKEN_LANGUAGES = ("eng", "rus", "kor", "hin")
PAIR_LANGUAGES = ("eng", "swa", "urd")
DEVTESTS = ("eng_Latn", "rus_Cyrl", "kor_Hang", "hin_Deva", "swh_Latn", "urd_Arab")
LETTERS = {
    "eng": "LATIN", "swa": "LATIN", "rus": "CYRILLIC", "kor": "HANGUL", "hin": "DEVANAGARI", "urd": "ARABIC",
}  # fmt: skip
UPOS = {
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT",
    "SCONJ", "SYM", "VERB", "X",
}  # fmt: skip
BIO = {"O", *(f"{edge}-{kind}" for edge in "BI" for kind in ("PER", "ORG", "LOC"))}

Rows = list[tuple[str, ...]]


def token_sentences(folder: str, lang: str, split: str) -> list[Rows]:
    text = (SAMPLE / folder / lang / f"{split}.tsv").read_text(encoding="utf-8")
    assert text.endswith("\n\n"), "a blank line follows every sentence"
    return [[tuple(line.split("\t")) for line in block.split("\n")] for block in text[:-2].split("\n\n")]


def pairs(lang: str, split: str) -> Rows:
    lines = (SAMPLE / "xnli" / f"{lang}.{split}.tsv").read_text(encoding="utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines]


def devtest(name: str) -> list[str]:
    return (SAMPLE / "flores" / f"{name}.devtest").read_text(encoding="utf-8").splitlines()


def corpus_files(root: Path) -> dict[str, bytes]:
    folders = ("ud", "wikiann", "xnli", "flores")
    return {
        str(path.relative_to(root)): path.read_bytes()
        for folder in folders
        for path in (root / folder).rglob("*")
        if path.is_file()
    }


def test_generating_again_gives_the_same_bytes(tmp_path: Path) -> None:
    generate(tmp_path)
    assert corpus_files(tmp_path) == corpus_files(SAMPLE)


def test_the_corpus_is_small() -> None:
    assert sum(map(len, corpus_files(SAMPLE).values())) < 1_000_000


@pytest.mark.parametrize("folder", ["ud/pos", "wikiann"])
@pytest.mark.parametrize("lang", TOKEN_LANGUAGES)
def test_no_sentence_stands_twice_within_or_across_splits(folder: str, lang: str) -> None:
    sentences = [
        tuple(row[0].lower() for row in sentence)
        for split in SPLITS
        for sentence in token_sentences(folder, lang, split)
    ]
    assert len(sentences) == 460
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("lang", TOKEN_LANGUAGES)
@pytest.mark.parametrize("split", SPLITS)
def test_parts_of_speech_are_upos_and_most_of_them_occur(lang: str, split: str) -> None:
    rows = list(itertools.chain.from_iterable(token_sentences("ud/pos", lang, split)))
    assert all(len(row) == 2 and row[0] and not any(map(str.isspace, row[0])) for row in rows)
    tags = {row[1] for row in rows}
    assert tags <= UPOS
    assert len(tags) >= 12


@pytest.mark.parametrize("lang", TOKEN_LANGUAGES)
@pytest.mark.parametrize("split", SPLITS)
def test_entities_are_well_formed_bio(lang: str, split: str) -> None:
    for sentence in token_sentences("wikiann", lang, split):
        previous = "O"
        for _, tag in sentence:
            assert tag in BIO
            if tag.startswith("I-"):
                assert previous[2:] == tag[2:], f"{tag} after {previous} in {sentence}"
            previous = tag
        assert any(tag != "O" for _, tag in sentence), f"no entity in {sentence}"


@pytest.mark.parametrize("lang", TOKEN_LANGUAGES)
def test_some_words_have_more_than_one_tag(lang: str) -> None:
    for folder in ("ud/pos", "wikiann"):
        tags: dict[str, set[str]] = {}
        for split in SPLITS:
            for form, tag in itertools.chain.from_iterable(token_sentences(folder, lang, split)):
                tags.setdefault(form.lower(), set()).add(tag)
        assert sum(len(found) > 1 for found in tags.values()) >= 5


@pytest.mark.parametrize(("folder", "most"), [("ud/pos", 30), ("wikiann", 70)])
@pytest.mark.parametrize("lang", TOKEN_LANGUAGES)
def test_counting_tags_does_not_solve_the_token_tasks(folder: str, most: float, lang: str) -> None:
    train, test = (baselines.tokens(SAMPLE / folder / lang / f"{split}.tsv") for split in ("train", "test"))
    assert baselines.majority(train, test) < most
    assert baselines.majority(train, test) < baselines.word_tag(train, test) < 95
    assert {form for form, _ in test} - {form for form, _ in train}, "test has words that train never shows"


@pytest.mark.parametrize("lang", PAIR_LANGUAGES)
def test_labels_are_balanced_and_no_premise_crosses_splits(lang: str) -> None:
    premises: list[set[str]] = []
    for split, size in zip(SPLITS, (360, 120, 120), strict=True):
        rows = pairs(lang, split)
        assert len(set(rows)) == len(rows) == size
        assert Counter(row[2] for row in rows) == dict.fromkeys(
            ("entailment", "neutral", "contradiction"), size // 3
        )
        assert len({row[:2] for row in rows}) == size, "one pair, one label"
        premises.append({row[0] for row in rows})
    assert not any(a & b for a, b in itertools.combinations(premises, 2))


@pytest.mark.parametrize("split", SPLITS)
def test_pairs_are_parallel(split: str) -> None:
    labels = [[row[2] for row in pairs(lang, split)] for lang in PAIR_LANGUAGES]
    assert labels[0] == labels[1] == labels[2]


@pytest.mark.parametrize("lang", PAIR_LANGUAGES)
def test_a_bag_of_words_finds_something_but_not_all(lang: str) -> None:
    train, test = (
        baselines.pair_features(SAMPLE / "xnli" / f"{lang}.{split}.tsv", premise=True)
        for split in ("train", "test")
    )
    assert 40 < baselines.bag_of_words(train, test) < 75


def test_the_readme_s_figures_are_those_of_the_files(capsys: pytest.CaptureFixture[str]) -> None:
    baselines.report()
    assert capsys.readouterr().out in (SAMPLE / "README.md").read_text(encoding="utf-8")


def test_devtest_is_parallel_without_repetition() -> None:
    columns = [devtest(name) for name in DEVTESTS]
    assert {len(column) for column in columns} == {120}
    for column in columns:
        assert len(set(column)) == 120
        assert all(line == line.strip() for line in column)


def texts(lang: str) -> str:
    """All that the corpus says in a language."""
    lines: list[str] = []
    for folder in ("ud/pos", "wikiann"):
        if lang in TOKEN_LANGUAGES:
            lines += [row[0] for split in SPLITS for s in token_sentences(folder, lang, split) for row in s]
    if lang in PAIR_LANGUAGES:
        lines += [text for split in SPLITS for row in pairs(lang, split) for text in row[:2]]
    [name] = [name for name in DEVTESTS if name.startswith({"swa": "swh"}.get(lang, lang))]
    return "\n".join(lines + devtest(name))


@pytest.mark.parametrize("lang", LETTERS)
def test_letters_belong_to_the_language_s_script(lang: str) -> None:
    foreign = {c for c in texts(lang) if c.isalpha() and not unicodedata.name(c).startswith(LETTERS[lang])}
    assert not foreign


@pytest.mark.parametrize("lang", LETTERS)
def test_text_is_nfc_and_free_of_unfilled_slots(lang: str) -> None:
    text = texts(lang)
    assert not set("{}") & set(text)
    assert unicodedata.is_normalized("NFC", text)


HARMONY = {"은": True, "는": False, "을": True, "를": False, "과": True, "와": False}


@pytest.mark.parametrize("split", SPLITS)
def test_korean_particles_fit_the_sound_before_them(split: str) -> None:
    """은, 을, 과 follow a final consonant, 는, 를, 와 a vowel (common nouns: a bare name may end so)."""
    checked = 0
    for form, tag in itertools.chain.from_iterable(token_sentences("ud/pos", "kor", split)):
        if tag in {"NOUN", "CCONJ"} and len(form) > 2 and form[-1] in HARMONY:
            assert ((ord(form[-2]) - 0xAC00) % 28 != 0) == HARMONY[form[-1]], form
            checked += 1
    assert checked > 30


@pytest.mark.parametrize("split", SPLITS)
def test_russian_prepositions_gain_a_vowel_before_two_consonants(split: str) -> None:
    """Во Франции, во вторник, со студентом; but в Вене, с соседом."""
    rows = [
        [form.lower() for form, _ in sentence]
        for folder in ("ud/pos", "wikiann")
        for sentence in token_sentences(folder, "rus", split)
    ]
    checked = 0
    for preposition, word in itertools.chain.from_iterable(map(itertools.pairwise, rows)):
        if preposition in {"в", "во", "с", "со"}:
            clusters = ("вт", "вл", "вь", "фр") if preposition[0] == "в" else ("ст",)
            assert (len(preposition) == 2) == word.startswith(clusters), f"{preposition} {word}"
            checked += 1
    assert checked > 50
