"""Hindi sentences, tagged as UD Hindi-HDTB tags (postpositions ADP, weekdays and months PROPN, नहीं PART,
place words PRON).

With ने the verb agrees with its object, elsewhere with its subject; adjectives and का/की follow their noun.
"""

from __future__ import annotations

from . import cldr
from .template import Entry, Grammar

_MEN = "अमित राहुल विजय सुनील अर्जुन मोहन रवि सागर दीपक प्रकाश आनंद करण"
_WOMEN = "प्रिया अनीता सीता मीना सुनीता राधा आशा ज्योति पूजा किरण कविता लता"
_FAMILY = "शर्मा वर्मा सिंह गुप्ता मिश्रा यादव चौधरी मेहता जोशी पटेल"
_COUNTRIES = "RU KE IN FR IT JP EG ES DE AF IR IQ PK PL CU PE AT GR NP UG SY GH CA CN TH BR VN"
_ZONES = (
    "Europe/Moscow Europe/Paris Europe/Rome Asia/Tokyo Africa/Cairo Europe/Madrid Europe/Berlin "
    "Asia/Kabul Asia/Tehran "
    "Europe/London Asia/Karachi America/Lima Europe/Vienna Africa/Nairobi America/Toronto Asia/Dhaka "
    "Asia/Dubai"
)
_TOWNS = "दिल्ली मुंबई लखनऊ पटना जयपुर भोपाल आगरा चेन्नई"
# direct singular/plural, by gender
_THINGS = {
    "m": "घर/घर फल/फल पत्र/पत्र चित्र/चित्र ताला/ताले कपड़ा/कपड़े दरवाज़ा/दरवाज़े जूता/जूते बर्तन/बर्तन आम/आम दीपक/दीपक",
    "f": "किताब/किताबें कुर्सी/कुर्सियाँ घड़ी/घड़ियाँ मेज़/मेज़ें गाड़ी/गाड़ियाँ तस्वीर/तस्वीरें "
    "खिड़की/खिड़कियाँ कविता/कविताएँ रोटी/रोटियाँ साड़ी/साड़ियाँ",
}
# direct/oblique singular, by gender
_ROLES = {
    "m": "लड़का/लड़के किसान/किसान शिक्षक/शिक्षक डॉक्टर/डॉक्टर गायक/गायक लेखक/लेखक राजा/राजा दर्ज़ी/दर्ज़ी धोबी/धोबी",
    "f": "लड़की/लड़की शिक्षिका/शिक्षिका गायिका/गायिका लेखिका/लेखिका रानी/रानी महिला/महिला बहन/बहन",
}
# masculine singular/masculine plural and oblique/feminine
_ADJECTIVES = (
    "नया/नए/नई पुराना/पुराने/पुरानी बड़ा/बड़े/बड़ी छोटा/छोटे/छोटी अच्छा/अच्छे/अच्छी काला/काले/काली महँगा/महँगे/महँगी "
    "सुंदर/सुंदर/सुंदर लाल/लाल/लाल साफ़/साफ़/साफ़"
)
# perfective m sg, f sg, f pl (= m pl with another vowel)/habitual stem/infinitive
_VERBS = (
    "देखा/देखे/देखी/देखीं/देख/देखना ख़रीदा/ख़रीदे/ख़रीदी/ख़रीदीं/ख़रीद/ख़रीदना बेचा/बेचे/बेची/बेचीं/बेच/बेचना "
    "चुना/चुने/चुनी/चुनीं/चुन/चुनना माँगा/माँगे/माँगी/माँगीं/माँग/माँगना तोड़ा/तोड़े/तोड़ी/तोड़ीं/तोड़/तोड़ना "
    "छोड़ा/छोड़े/छोड़ी/छोड़ीं/छोड़/छोड़ना ढूँढा/ढूँढे/ढूँढी/ढूँढीं/ढूँढ/ढूँढना उठाया/उठाए/उठाई/उठाईं/उठा/उठाना"
)


def _people() -> list[Entry]:
    family = _FAMILY.split()
    rows: list[Entry] = []
    for gender, names in (("m", _MEN), ("f", _WOMEN)):
        for i, name in enumerate(names.split()):
            rows.append({"_": f"{name}/PROPN/B-PER", "agree": gender})
            rows.append({"_": f"{name}/PROPN/B-PER {family[i % 10]}/PROPN/I-PER", "agree": gender})
    return rows


def _organizations(places: list[str]) -> list[Entry]:
    heads = ["विश्वविद्यालय", "बैंक", "संग्रहालय", "अस्पताल", "रेडियो"]
    return [{"_": f"{p}/PROPN/B-ORG {heads[i % 5]}/PROPN/I-ORG"} for i, p in enumerate(places[::2])]


def _verb(row: str) -> Entry:
    m, m_pl, f, f_pl, stem, infinitive = row.split("/")
    return {
        "past.m": f"{m}/VERB",
        "past.f": f"{f}/VERB",
        "pasts.m": f"{m_pl}/VERB",
        "pasts.f": f"{f_pl}/VERB",
        "hab.m": f"{stem}ता/VERB",
        "hab.f": f"{stem}ती/VERB",
        "stem": f"{stem}/VERB",
        "inf.m": f"{infinitive}/VERB",
        "inf.f": f"{infinitive[:-1]}ी/VERB",
        "kar": f"{stem}कर/VERB",
    }


def _agreeing(masculine: str, feminine: str) -> Entry:
    return {"a.m": masculine, "a.f": feminine}


def grammar() -> Grammar:
    """The Hindi lexicon and templates."""
    countries = cldr.territories("hi", _COUNTRIES)
    cities = [*cldr.cities("hi", _ZONES), *_TOWNS.split()]
    roles = {
        gender: [
            {"_": f"{d}/NOUN", "obl": f"{o}/NOUN", "agree": gender}
            for d, o in (r.split("/") for r in rows.split())
        ]
        for gender, rows in _ROLES.items()
    }
    lexicon = {
        "per": _people(),
        "loc": [{"_": f"{n}/PROPN/B-LOC"} for n in countries + cities],
        "country": [{"_": f"{n}/PROPN/B-LOC"} for n in countries],
        "city": [{"_": f"{n}/PROPN/B-LOC"} for n in cities],
        "team": [{"_": f"{n}/PROPN/B-ORG"} for n in cities],
        "org": _organizations(cities + countries),
        "thing": [
            {"_": f"{d}/NOUN", "pl": f"{pl}/NOUN", "agree": gender}
            for gender, rows in _THINGS.items()
            for d, pl in (row.split("/") for row in rows.split())
        ],
        "role": roles["m"] + roles["f"],
        "mrole": roles["m"],
        "frole": roles["f"],
        "mper": [p for p in _people() if p["agree"] == "m"],
        "fper": [p for p in _people() if p["agree"] == "f"],
        "he": [{"_": "वह/PRON", "agree": gender} for gender in "mf"],
        "took": [_agreeing("लिए/VERB", "लीं/VERB")],
        "adj": [
            {"a.m": f"{m}/ADJ", "a.f": f"{f}/ADJ", "pl.m": f"{pl}/ADJ", "pl.f": f"{f}/ADJ"}
            for m, pl, f in (row.split("/") for row in _ADJECTIVES.split())
        ],
        "verb": [_verb(row) for row in _VERBS.split()],
        "live": [_agreeing("रहता/VERB", "रहती/VERB")],
        "go": [_agreeing("गया/VERB", "गई/VERB")],
        "do": [_agreeing("करता/VERB", "करती/VERB")],
        "read": [_agreeing("पढ़ता/VERB", "पढ़ती/VERB")],
        "ing": [_agreeing("रहा/AUX", "रही/AUX")],
        "can": [_agreeing("सकता/AUX", "सकती/AUX")],
        "of": [_agreeing("का/ADP", "की/ADP")],
        "was": [_agreeing("था/AUX", "थी/AUX")],
        "existed": [_agreeing("था/VERB", "थी/VERB")],
        "mine": [_agreeing(f"{stem}ा/PRON", f"{stem}ी/PRON") for stem in ("मेर", "उसक", "हमार")],
        "lang": [
            {"_": f"{n}/PROPN"} for n in cldr.languages("hi", "ru sw ko hi fr it ja ar es de fa ur pl tr")
        ],
        "day": [{"_": f"{n}/PROPN"} for n in cldr.weekdays("hi")],
        "month": [{"_": f"{n}/PROPN"} for n in cldr.months("hi")],
        "num": [{"_": f"{n}/NUM"} for n in ["दो", "तीन", "चार", "पाँच", "छह", "सात", "दस"]],
        "adv": [{"_": f"{w}/ADV"} for w in ["अक्सर", "हमेशा", "रोज़", "फिर", "जल्दी", "ज़रूर"]],
    }
    return Grammar(lexicon, _TEMPLATES.strip().splitlines())


_TEMPLATES = """
{per} {loc} में/ADP {live.a@per} है/AUX ।/PUNCT
{per} {loc} से/ADP {loc#2} {go.a@per} ।/PUNCT
{per} {day} को/ADP {loc} {go.a@per} {was.a@per} ।/PUNCT
{per} ने/ADP {loc} में/ADP {adj.a@thing} {thing} {verb.past@thing} ।/PUNCT
{per} {org} में/ADP {read.a@per} है/AUX ।/PUNCT
{org} {loc} में/ADP है/VERB ।/PUNCT
{team} ने/ADP {team#2} को/ADP {month} में/ADP हराया/VERB ।/PUNCT
{per} {team} के/ADP लिए/ADP खेलने/VERB {go.a@per} ।/PUNCT
{city} {country} से/ADP दूर/ADV है/AUX ।/PUNCT
{mper} और/CCONJ {fper} {loc} में/ADP मिले/VERB ।/PUNCT
{per} {of.a@thing} {thing} {loc} में/ADP है/VERB ।/PUNCT
{org} ने/ADP {per} को/ADP {day} को/ADP बुलाया/VERB ।/PUNCT
{per} (/PUNCT {loc} )/PUNCT
{loc} {of.a@role} {role} {org} में/ADP काम/NOUN {do.a@role} है/AUX ।/PUNCT
{per} ने/ADP कहा/VERB कि/SCONJ {loc} दूर/ADV है/AUX ।/PUNCT
{month} के/ADP बाद/ADP {per} {loc} {go.a@per} ।/PUNCT
{per} {loc} में/ADP {lang} {read.a@per} है/AUX ।/PUNCT
{role.obl} ने/ADP {num} {adj.pl@thing} {thing.pl} {verb.pasts@thing} ।/PUNCT
{role.obl} को/ADP {loc} में/ADP आशा/NOUN है/VERB ।/PUNCT
सागर/NOUN {loc} से/ADP दूर/ADV है/AUX ।/PUNCT
पूजा/NOUN के/ADP बाद/ADP {role} {loc} {go.a@role} ।/PUNCT
{role.obl} ने/ADP एक/NUM {adj.a@thing} {thing} {verb.past@thing} ।/PUNCT
यह/DET {thing} {adj.a@thing} है/AUX ।/PUNCT
यह/PRON {mine.a@thing} {thing} है/AUX ।/PUNCT
{he} {thing} {verb.stem} {ing.a@he} है/AUX ।/PUNCT
वह/DET {role} {thing} {verb.hab@role} है/AUX ।/PUNCT
क्या/PRON {role} {thing} {verb.stem} {can.a@role} है/AUX ?/PUNCT
{role} {adv} {thing} {verb.hab@role} है/AUX ।/PUNCT
{role.obl} ने/ADP {thing} नहीं/PART {verb.past@thing} ।/PUNCT
{role.obl} को/ADP और/DET {thing.pl} चाहिए/VERB ।/PUNCT
{mrole} और/CCONJ {frole} यहाँ/PRON काम/NOUN करते/VERB हैं/AUX ।/PUNCT
{thing} बहुत/ADV {adj.a@thing} {was.a@thing} ।/PUNCT
यहाँ/PRON बहुत/DET {thing.pl} हैं/VERB ।/PUNCT
वहाँ/PRON एक/NUM {thing} {existed.a@thing} ।/PUNCT
{role.obl} ने/ADP बात/NOUN की/VERB और/CCONJ {thing} {verb.past@thing} ।/PUNCT
{role.obl} की/ADP बात/NOUN {role#2.obl} ने/ADP भी/PART सुनी/VERB ।/PUNCT
{role} {role#2.obl} के/ADP लिए/ADP {thing} {verb.hab@role} है/AUX ।/PUNCT
{role.obl} ने/ADP {num} {thing.pl} {took.a@thing} ।/PUNCT
बाद/ADV में/ADP {role.obl} ने/ADP {thing} {verb.past@thing} ।/PUNCT
{mine.a@mrole} सोना/NOUN {adj.a@mrole} है/AUX ।/PUNCT
{role.obl} को/ADP यहाँ/PRON सोना/VERB है/AUX ।/PUNCT
आम/ADJ आदमी/NOUN {thing} {verb.hab@mrole} है/AUX ।/PUNCT
{role.obl} को/ADP {thing} {verb.inf@thing} चाहिए/AUX ।/PUNCT
अगर/SCONJ {thing} {adj.a@thing} है/AUX तो/SCONJ {role} ख़ुश/ADJ है/AUX ।/PUNCT
{role} {thing} {verb.kar} घर/NOUN {go.a@role} ।/PUNCT
{role.obl} ने/ADP पूछा/VERB कि/SCONJ {thing} कहाँ/PRON है/AUX ।/PUNCT
अरे/INTJ ,/PUNCT {thing} {adj.a@thing} है/AUX !/PUNCT
{thing} या/CCONJ {thing#2} ही/PART यहाँ/PRON है/VERB ।/PUNCT
"""
