"""Speech-ready text: digits, signs, abbreviations and acronyms as words, by language."""

import unicodedata

import pytest
import regex

from isogloss import phonemize
from isogloss.errors import InvalidInput
from isogloss.g2p import convert
from isogloss.g2p.engine import catalog, numbers
from isogloss.g2p.engine.speech import Speech
from isogloss.g2p.v1 import g2p_pb2 as pb


def said(language: str, token: str, letters: bool = True) -> str:
    return " ".join(Speech(catalog.resolve(language), letters).say(token).split())


@pytest.mark.parametrize(
    ("language", "token", "words"),
    [
        ("eng", "1999", "nineteen ninety nine"),
        ("eng", "2,500", "two thousand five hundred"),
        ("eng", "3.14", "three point one four"),
        ("eng", "1st", "first"),
        ("eng", "23rd", "twenty third"),
        ("eng", "1990s", "nineteen nineties"),
        ("eng", "$5.50", "five dollars fifty cents"),
        ("eng", "12:05", "twelve oh five"),
        ("eng", "9:00", "nine o clock"),
        ("eng", "10%", "ten percent"),
        ("eng", "-5", "minus five"),
        ("eng", "5km", "five kilometers"),
        ("eng", "0049", "zero zero four nine"),
        ("eng", "192.168.1.1", "one hundred and ninety two one hundred and sixty eight one one"),
        ("eng", "1.234.567", "one two hundred and thirty four five hundred and sixty seven"),
        ("deu", "1.234.567", "eine Million zweihundertvierunddreißigtausendfünfhundertsiebenundsechzig"),
        ("deu", "3.5.1999", "drei fünf neunzehnhundertneunundneunzig"),
        ("fra", "1er", "premier"),
        ("fra", "1re", "première"),
        ("fra", "5,50€", "cinq euros et cinquante centimes"),
        ("fra", "12:30", "douze heures trente"),
        ("fra", "XIV", "quatorze"),
        ("fra", "SNCF", "esse enne cé effe"),
        ("deu", "1999", "neunzehnhundertneunundneunzig"),
        ("deu", "13:05", "dreizehn Uhr fünf"),
        ("deu", "2.500", "zweitausendfünfhundert"),
        ("deu", "z.B.", "zum Beispiel"),
        ("deu", "BMW", "be em we"),
        ("rus", "2-я", "вторая"),
        ("rus", "3-го", "третьего"),
        ("rus", "5км", "пять километров"),
        ("rus", "$5", "пять долларов"),
        ("ukr", "$5", "п'ять доларів"),
        ("ita", "1ª", "prima"),
        ("spa", "1º", "primero"),
        ("hin", "१९९९", "एक हज़ार नौ सौ निन्यानवे"),
        ("hin", "10%", "दस प्रतिशत"),
        ("swa", "10%", "asilimia kumi"),
        ("urd", "1947", "ایک ہزار نو سو سینتالیس"),
        ("urd", "3.5", "تین اعشاریہ پانچ"),
        ("kor", "3번째", "세 번째"),
        ("tur", "%10", "yüzde on"),
        ("hun", "10%", "tíz százalék"),
        ("fin", "5€", "viisi euroa"),
        ("swe", "1984", "nittonhundraåttiofyra"),
        ("vie", "25", "hai mươi lăm"),
        ("pol", "10%", "dziesięć procent"),
    ],
)  # fmt: skip
def test_what_is_written_in_signs_becomes_words(language: str, token: str, words: str) -> None:
    assert said(language, token) == words


@pytest.mark.parametrize(
    ("language", "token"),
    [("eng", "NASA"), ("eng", "word"), ("eng", "½"), ("deu", "USA"), ("fra", "Paris,"), ("rus", "США")],
)
def test_what_is_a_word_already_stays(language: str, token: str) -> None:
    assert said(language, token) == token


def test_signs_apart_from_their_number_are_said_too() -> None:
    assert phonemize("10 %", "fra", spell_digits=True) == phonemize("dix pour cent", "fra")
    assert phonemize("5 kg", "deu", speech_ready=True) == phonemize("fünf Kilogramm", "deu")


def test_abbreviations_and_acronyms_are_asked_for_apart() -> None:
    assert said("fra", "SNCF", letters=False) == "SNCF"
    assert phonemize("Dr. No", "eng", speech_ready=True) == phonemize("doctor No", "eng")
    assert phonemize("FBI", "eng") == "ɛfbiaj"


@pytest.mark.parametrize("text", ["1999", "1st", "$5.50", "12:30", "10%", "1,234,567"])
def test_no_punctuation_comes_that_the_text_has_not(text: str) -> None:
    ipa = phonemize(text, "eng", spell_digits=True)
    assert all(character == " " or unicodedata.category(character)[0] in "LM" for character in ipa)


@pytest.mark.parametrize("code", numbers.languages())
def test_numbers_are_in_the_language_and_its_script(code: str) -> None:
    """The library answers in a neighbour's language where it lacks one; ours are those that it has."""
    script = {"Hang": "Hangul"}.get(code[4:], code[4:])
    speech = Speech(next(entry for entry in catalog.entries().values() if entry.code.startswith(code)))
    seen = {" ".join(speech.say(str(number)).split()) for number in (*range(101), 1999, 1_000_000)}
    assert len(seen) == 103
    assert all(
        regex.fullmatch(rf"[\p{{Script={script}}}\p{{M}}\p{{Script=Common}}]+", words) for words in seen
    )
    assert not any(regex.search(r"[\d,\-]", words) for words in seen)


def test_the_answer_says_what_a_language_lacks() -> None:
    request = pb.ConvertRequest(
        language="swa", texts=["Mwaka 1999"], options=pb.ConvertOptions(speech_ready=True)
    )
    provenance = convert.respond(request, lambda: None).provenance
    assert "years" in provenance.spelled
    assert list(provenance.not_spelled) == ["ordinals", "acronyms"]
    with pytest.raises(InvalidInput, match="cannot be spelled out in jpn-Hira"):
        phonemize("5", "jpn-Hira", spell_digits=True)
