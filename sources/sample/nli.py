"""Parallel premise–hypothesis pairs in English, Swahili and Urdu, labelled by how they were built.

Every premise comes with one hypothesis of each label, as in XNLI. Whether "on Monday" or "did not buy" is
entailed, contradicted or open depends on the premise, so words alone tell less than the pair does. As in
SNLI, premise and hypothesis are about the same event: another day or another direction of travel is a
contradiction.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from . import cldr
from .nli_frames import FRAMES, LANGUAGES, Texts

LABELS = ("entailment", "neutral", "contradiction")
Context = dict[str, dict[str, str]]  # language → field → text


class Pair(NamedTuple):
    """One row of the three files."""

    premise: Texts
    hypothesis: Texts
    label: str


# Latin name, Urdu name, gender
_NAMES = [
    row.split("/")
    for row in [
        "Ahmed/احمد/m",
        "Ali/علی/m",
        "Salim/سلیم/m",
        "Yusuf/یوسف/m",
        "Hassan/حسن/m",
        "Bilal/بلال/m",
        "Karim/کریم/m",
        "Rashid/راشد/m",
        "Idris/ادریس/m",
        "Amina/آمنہ/f",
        "Fatima/فاطمہ/f",
        "Maryam/مریم/f",
        "Zainab/زینب/f",
        "Aisha/عائشہ/f",
        "Halima/حلیمہ/f",
        "Sara/سارہ/f",
        "Nadia/نادیہ/f",
        "Khadija/خدیجہ/f",
    ]
]
_ZONES = (
    "Africa/Nairobi Asia/Karachi Africa/Kampala Asia/Dubai Europe/London Europe/Berlin Europe/Paris "
    "Asia/Tokyo Asia/Dhaka "
    "Asia/Kabul America/Lima Europe/Oslo"
)
# English, Swahili, its noun class, Urdu, its gender; kinds in the last row's order below
_ITEMS = {
    "fruit": "apples/matufaa/ma/سیب/m oranges/machungwa/ma/سنگترے/m bananas/ndizi/n/کیلے/m "
    "mangoes/maembe/ma/آم/m",
    "furniture": "chairs/viti/vi/کرسیاں/f tables/meza/n/میزیں/f beds/vitanda/vi/پلنگ/m "
    "cupboards/makabati/ma/الماریاں/f",
    "animals": "dogs/mbwa/wa/کتے/m cats/paka/wa/بلیاں/f cows/ng'ombe/wa/گائیں/f goats/mbuzi/wa/بکریاں/f",
    "dishes": "cups/vikombe/vi/پیالیاں/f plates/sahani/n/پلیٹیں/f pots/vyungu/vi/ہانڈیاں/f "
    "bowls/mabakuli/ma/پیالے/m",
}
# Swahili; Urdu with the agreement of its verb (furniture is a mass noun: masculine singular)
_KINDS = {
    "fruit": ("matunda", "پھل", "m"),
    "furniture": ("samani", "فرنیچر", "s"),
    "animals": ("wanyama", "جانور", "m"),
    "dishes": ("vyombo", "برتن", "m"),
}
# English past and base, Swahili stem, Urdu past: masculine singular, masculine plural, feminine plural
_VERBS = [
    row.split("/")
    for row in [
        "bought/buy/nunua/خریدا/خریدے/خریدیں",
        "sold/sell/uza/بیچا/بیچے/بیچیں",
        "saw/see/ona/دیکھا/دیکھے/دیکھیں",
        "counted/count/hesabu/گنا/گنے/گنیں",
    ]
]
_NUMBERS = {  # two to eight
    "eng": ["two", "three", "four", "five", "six", "seven", "eight"],
    "urd": ["دو", "تین", "چار", "پانچ", "چھ", "سات", "آٹھ"],
    "vi": ["viwili", "vitatu", "vinne", "vitano", "sita", "saba", "vinane"],
    "ma": ["mawili", "matatu", "manne", "matano", "sita", "saba", "manane"],
    "n": ["mbili", "tatu", "nne", "tano", "sita", "saba", "nane"],
    "wa": ["wawili", "watatu", "wanne", "watano", "sita", "saba", "wanane"],
}
_WERE = {"vi": "vilikuwa", "ma": "yalikuwa", "n": "zilikuwa", "wa": "walikuwa"}

# English and Swahili: more, less, not more; Urdu: the scale
_SCALES = (
    (("older", "younger"), ("ana umri mkubwa", "ana umri mdogo", "hana umri mkubwa"), "عمر"),
    (("taller", "shorter"), ("ni mrefu", "ni mfupi", "si mrefu"), "قد"),
)


def _agree(gender: str, masculine: str, feminine: str) -> str:
    return masculine if gender == "m" else feminine


def context(rng: random.Random) -> Context:
    """Draw the people, things, number, cities, days and scale of one premise, in three languages."""
    (latin, arabic, gender), (latin2, arabic2, gender2) = rng.sample(_NAMES, 2)
    rows = [(kind, row.split("/")) for kind, row in ((k, r) for k, rs in _ITEMS.items() for r in rs.split())]
    kind, (eng, swa, noun_class, urd, thing) = rng.choice(rows)
    other_eng, other_swa, _, other_urd, other = rng.choice([r for k, r in rows if k != kind])
    past, base, stem, singular, masculine, feminine = rng.choice(_VERBS)
    number = rng.randrange(1, 6)  # three to seven, with a neighbor on either side
    city, city2 = rng.sample(range(len(_ZONES.split())), 2)
    day, day2 = rng.sample(range(7), 2)
    scale = rng.randrange(2)
    (more, fewer), (swa_more, swa_fewer, swa_not), axis = _SCALES[scale]
    kind_swa, kind_urd, kind_agree = _KINDS[kind]
    verbs = {"s": singular, "m": masculine, "f": feminine}
    fields: Context = {
        "eng": {
            "name": latin,
            "name2": latin2,
            "past": past,
            "base": base,
            "items": eng,
            "other": other_eng,
            "kind": kind,
            "more": more,
            "fewer": fewer,
            "more_other": _SCALES[1 - scale][0][0],
        },
        "swa": {
            "name": latin,
            "name2": latin2,
            "stem": stem,
            "items": swa,
            "other": other_swa,
            "kind": kind_swa,
            "were": _WERE[noun_class],
            "more": swa_more,
            "fewer": swa_fewer,
            "notmore": swa_not,
            "more_other": _SCALES[1 - scale][1][0],
        },
        "urd": {
            "name": arabic,
            "name2": arabic2,
            "items": urd,
            "other": other_urd,
            "kind": kind_urd,
            "verb": verbs[thing],
            "otherverb": verbs[other],
            "kindverb": verbs[kind_agree],
            "sgverb": singular,
            "was": _agree(gender, "تھا", "تھی"),
            "dear": _agree(thing, "مہنگے تھے", "مہنگی تھیں"),
            "went": _agree(gender, "گیا", "گئی"),
            "became": _agree(gender, "ہوا", "ہوئی"),
            "stayed": _agree(gender, "رکا", "رکی"),
            "lives": _agree(gender, "رہتا", "رہتی"),
            "knows": _agree(gender, "جانتا", "جانتی"),
            "knows2": _agree(gender2, "جانتا", "جانتی"),
            "scale": axis,
            "scale_other": _SCALES[1 - scale][2],
            "big": _agree(gender, "بڑا", "بڑی"),
            "big2": _agree(gender2, "بڑا", "بڑی"),
            "small": _agree(gender, "چھوٹا", "چھوٹی"),
            "small2": _agree(gender2, "چھوٹا", "چھوٹی"),
        },
    }
    for lang, locale in zip(LANGUAGES, ("en", "sw", "ur"), strict=True):
        numbers = _NUMBERS[noun_class if lang == "swa" else lang]
        cities, days = cldr.cities(locale, _ZONES), cldr.weekdays(locale)
        fields[lang] |= {
            "number": numbers[number],
            "less": numbers[number - 1],
            "next": numbers[number + 1],
            "city": cities[city],
            "city2": cities[city2],
            "day": days[day],
            "day2": days[day2],
        }
    return fields


def _fill(texts: Texts, fields: Context) -> Texts:
    eng, swa, urd = (text.format(**fields[lang]) for lang, text in zip(LANGUAGES, texts, strict=True))
    return eng, swa[0].upper() + swa[1:], urd


def pairs(premises: int, rng: random.Random) -> list[list[Pair]]:
    """Groups of three pairs, one of each label, for `premises` different premises."""
    groups: dict[str, list[Pair]] = {}
    while len(groups) < premises:
        frame, fields = FRAMES[len(groups) % len(FRAMES)], context(rng)
        premise = _fill(frame.premise, fields)
        if premise[0] in groups:
            continue
        choices = (frame.entailment, frame.neutral, frame.contradiction)
        group = [
            Pair(premise, _fill(rng.choice(texts), fields), label)
            for label, texts in zip(LABELS, choices, strict=True)
        ]
        groups[premise[0]] = rng.sample(group, 3)
    return list(groups.values())
