"""The cases that users of G2P found: each row, and others of its kind."""

import pytest

from isogloss import phonemize
from isogloss.errors import InvalidInput
from isogloss.g2p import convert
from isogloss.g2p.engine import catalog
from isogloss.g2p.engine.converter import load
from isogloss.g2p.engine.options import Options
from isogloss.g2p.v1 import g2p_pb2 as pb


@pytest.mark.parametrize(
    ("language", "text"),
    [("hrv", "dobar dan"), ("nya", "ndi moyo"), ("mri", "aroha"), ("kan", "ನಮಸ್ಕಾರ"), ("tok", "toki pona")],
)
def test_what_is_its_own_ipa_or_consumed_later_is_no_leak(language: str, text: str) -> None:
    expected = phonemize(text, language)
    assert phonemize(text, language, unmapped="error") == expected
    assert phonemize(text, language, unmapped="drop") == expected
    assert phonemize(text, language, unmapped="mark") == expected


def test_a_letter_that_no_rule_knows_still_is_a_leak() -> None:
    assert phonemize("niño", "hrv", unmapped="drop") == "nino"
    with pytest.raises(InvalidInput, match="ł"):
        phonemize("Łódź", "ita", unmapped="error")


def test_a_word_without_any_sound_is_told() -> None:
    with pytest.raises(InvalidInput, match="'est' has no sound"):
        phonemize("Elle est ici", "fra-Latn-p", normalization="none", unmapped="error")
    quality = convert.measure(
        [pb.MeasureQualityRequest(language="fra-Latn-p", texts=["Elle est ici"])], lambda: None
    ).quality
    assert quality.empty_tokens == 1
    assert "est" in quality.worst_words


def test_tones_are_kept_on_request() -> None:
    assert len(set(phonemize(["má", "mà", "mả"], "vie"))) == 1
    assert len(set(phonemize(["má", "mà", "mả"], "vie", tones=True))) == 3


@pytest.mark.parametrize("code", ["fr", "fr-FR", "FRA", "fra-latn", "fr_CA", "French", "fra"])
def test_a_language_is_known_by_any_of_its_names(code: str) -> None:
    assert catalog.resolve(code).code == "fra-Latn"


@pytest.mark.parametrize(
    ("code", "meant"), [("zh-Hant", "cmn-Hant"), ("sr-Latn", "srp-Latn"), ("no", "nob-Latn")]
)
def test_a_tag_with_a_script_names_that_script(code: str, meant: str) -> None:
    assert catalog.resolve(code).code == meant


@pytest.mark.parametrize("code", ["Frenc", "xq", "", "fra-Cyrl", "a" * 1000, "\ud800"])
def test_a_code_that_is_none_is_told_with_what_to_use(code: str) -> None:
    with pytest.raises(InvalidInput, match="language: unknown language"):
        catalog.resolve(code)


def test_letters_of_mathematics_are_letters() -> None:
    assert phonemize("𝐇𝐞𝐥𝐥𝐨 ℋ", "eng").split()[0] == phonemize("Hello", "eng")
    assert phonemize("ⓒⓐⓣ", "eng") == phonemize("cat", "eng")


def test_letters_of_another_script_are_left_alone_or_routed() -> None:
    assert phonemize("BTS는", "kor").startswith("BTS")
    assert phonemize("BTS는", "kor", routes={"Latn": "eng"}).startswith("bitiɛs")
    assert phonemize("слово word", "rus").split()[1] == "word"
    assert load("kor", Options("standard")).unmapped_in("BTS") == "BTS"
    with pytest.raises(InvalidInput, match="'B'"):
        phonemize("BTS", "kor", unmapped="error")
    assert phonemize("BTS", "kor", normalization="none") == "btt͈"  # Epitran's


def test_what_is_no_text_is_told() -> None:
    with pytest.raises(InvalidInput, match="NoneType, not text"):
        phonemize(None, "fra")  # type: ignore[call-overload]
    with pytest.raises(InvalidInput, match="NoneType, not text"):
        phonemize(["a", None], "fra")  # type: ignore[list-item]


def test_ones_own_lexicon_goes_first_in_any_notation() -> None:
    assert phonemize("le GIF", "fra", lexicon={"GIF": "dʒif"}) == "lə dʒif"
    assert phonemize("le gif", "fra", lexicon={"gif": "d_Zif"}, lexicon_notation="x-sampa") == "lə d͡ʒif"
    assert (
        phonemize("Siobhan", "eng", lexicon={"siobhan": "SH IH0 V AO1 N"}, lexicon_notation="arpabet")
        == "ʃɪvɔn"
    )
    assert phonemize("l'ONU", "fra", lexicon={"ONU": "ony"}) == "lony"
    (word,) = convert.respond(
        pb.ConvertRequest(
            language="fra",
            texts=["gif"],
            words=True,
            options=pb.ConvertOptions(lexicon=[pb.LexiconEntry(word="gif", pronunciation="ʒif")]),
        ),
        lambda: None,
    ).conversions[0].words  # fmt: skip
    assert (word.layer, word.ipa) == ("own", "ʒif")


@pytest.mark.parametrize(
    ("lexicon", "notation", "problem"),
    [
        ({"two words": "a"}, "ipa", "not one word"),
        ({"a": ""}, "ipa", "no pronunciation"),
        ({"a": "QQ"}, "arpabet", "no phone of ARPAbet"),
        ({"a": "a"}, "kirshenbaum", "no notation"),
    ],
)
def test_an_entry_that_cannot_be_used_is_named(lexicon: dict[str, str], notation: str, problem: str) -> None:
    with pytest.raises(InvalidInput, match=rf"options.lexicon\[0\].*{problem}"):
        phonemize("a", "fra", lexicon=lexicon, lexicon_notation=notation)


def test_layers_can_be_switched() -> None:
    assert phonemize("les", "fra") == "le"
    assert phonemize("les", "fra", layers=["folds", "epitran"]) == "ləs"
    for layers, problem in ((["magic"], "no layer"), (["mended"], "without epitran")):
        with pytest.raises(InvalidInput, match=problem):
            phonemize("les", "fra", layers=layers)
    with pytest.raises(InvalidInput, match="Epitran as it is"):
        phonemize("les", "fra", normalization="none", lexicon={"les": "le"})


def test_other_notations_of_the_same_phonemes() -> None:
    assert phonemize("bonjour", "fra", form="sequence", notation="x-sampa") == "b O~ Z u R\\"
    assert phonemize("we'll choose", "eng", form="sequence", notation="arpabet") == "W IY L ▁ CH UW Z"
    with pytest.raises(InvalidInput, match="ARPAbet has the sounds of English"):
        phonemize("bonjour", "fra", notation="arpabet")


def test_a_wrong_text_of_a_batch_is_named_or_answered_beside_the_rest() -> None:
    texts = ["bon"] * 700 + ["a" * 1001]
    for compact in (False, True):
        with pytest.raises(InvalidInput, match=r"texts\[700\]"):
            convert.respond(pb.ConvertRequest(language="fra", texts=texts, compact=compact), lambda: None)
    with pytest.raises(InvalidInput, match=r"texts\[700\]"):
        convert.respond(
            pb.ConvertRequest(language="fra", joined_texts="\n".join(texts).encode()), lambda: None
        )
    answer = convert.respond(pb.ConvertRequest(language="fra", texts=texts, partial=True), lambda: None)
    assert answer.conversions[0].ipa == "bɔ̃"
    assert answer.conversions[700].failure.field == "texts[700]"
    assert not answer.conversions[700].ipa


def test_many_languages_in_turn_do_not_forget_the_first() -> None:
    first = load("fra", Options("standard"))
    for entry in list(catalog.entries().values())[:60]:
        if catalog.has_map(entry):
            load(entry.code, Options("none"))
    assert load("fra", Options("standard")) is first


def test_hyphens_part_words() -> None:
    assert phonemize("peut-être", "fra") == "pø-ɛtʀ"
    assert phonemize("Где-то", "rus").count("-") == 1


def test_explanations_end_in_the_word() -> None:
    for language, word in (("fra", "longueur"), ("ita", "scienza"), ("hin", "दोस्त"), ("eng", "we'll")):
        converter = load(language, Options("standard"))
        assert converter.explain(word)[-1].after in converter.ipa_of(word)


def test_teh_marbuta_is_heard_as_a_vowel() -> None:
    assert phonemize("مدرسة", "ara").endswith("a")
    assert phonemize("مدرسة", "ara", normalization="none").endswith("ة")  # Epitran's
