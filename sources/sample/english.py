"""English sentences, tagged as UD English-EWT tags (months and weekdays PROPN, possessive 's PART, to
PART or ADP)."""

from __future__ import annotations

from . import cldr
from .template import Entry, Grammar

_GIVEN = (
    "Anna John Mary Peter Grace Daniel Helen Samuel Ruth Victor "
    "Laura Martin Nora Oscar Clara Hugo Irene Felix"
)
_FAMILY = "Brown Smith Miller Taylor Carter Evans Hill Rivers Stone Young Woods Baker King Fields Cook Green"
# Names that are a person here and a place there: only the words around them tell.
_TWICE = "Washington Jordan Chelsea Georgia Lincoln Sydney Paris Victoria Austin Florence"
_COUNTRIES = "RU KE IN FR IT JP EG ES DE IR PK PL CU PE AT GR NP UG GH CA CN PT LY MX BR VN NO SE TZ"
_LANGUAGES = "ru sw ko fr it ja ar es de pl el pt zh vi"
_CITIES = (
    "Moscow Seoul Rome Tokyo Cairo Madrid Berlin Kabul Tehran London Karachi Warsaw Havana Lima "
    "Vienna Athens "
    "Nairobi Kampala Accra Toronto Oslo Beirut Prague Lisbon Delhi Dublin Boston Chicago"
)
_ROLES = "teacher doctor farmer student singer writer neighbor driver lawyer baker painter sailor nurse"
_THINGS = (
    "book letter house bridge garden table window picture boat river song story road machine garage lamp"
)
_ADJECTIVES = (
    "new small large green beautiful strange heavy cheap famous empty dark old"  # of things and places
)
_TRAITS = "young careful quiet famous strange happy tired polite old"  # of people
# Words that are both noun and verb.
_BOTH = "plan walk answer change dream drink paint promise report run dance travel"
_VERBS = (
    "see/saw/seen buy/bought/bought write/wrote/written find/found/found sell/sold/sold draw/drew/drawn "
    "break/broke/broken build/built/built lose/lost/lost paint/painted/painted watch/watched/watched"
)


def _tagged(names: str, upos: str) -> list[Entry]:
    return [{"_": f"{name}/{upos}"} for name in names.split()]


def _people() -> list[Entry]:
    family = _FAMILY.split()
    full = [
        f"{name}/PROPN/B-PER {family[i % len(family)]}/PROPN/I-PER" for i, name in enumerate(_GIVEN.split())
    ]
    twice = [f"{name}/PROPN/B-PER" for name in _TWICE.split()]
    single = [f"{name}/PROPN/B-PER" for name in _GIVEN.split()[:6] + family[-4:]]
    titled = [
        f"{t}/PROPN/O {n}/PROPN/B-PER" for t, n in zip(["Dr.", "Mr.", "Mrs."] * 3, family, strict=False)
    ]
    return [{"_": words} for words in full + twice + single + titled]


def _organizations() -> list[Entry]:
    of_place = ["University", "Bank", "Museum", "Port"]
    after_place = ["Radio", "Airlines", "Books", "Motors"]
    cities = _CITIES.split()
    places = [
        f"the/DET {of_place[i // 2 % 4]}/PROPN/B-ORG of/ADP/I-ORG {c}/PROPN/I-ORG"
        if i % 2
        else f"{c}/PROPN/B-ORG {after_place[i // 2 % 4]}/PROPN/I-ORG"
        for i, c in enumerate(cities[:20])
    ]
    people = [
        f"{n}/PROPN/B-ORG and/CCONJ/I-ORG {m}/PROPN/I-ORG"
        for n, m in zip(_FAMILY.split()[:5], _FAMILY.split()[5:10], strict=True)
    ]
    return [{"_": words} for words in places + people]


def _verbs() -> list[Entry]:
    rows = [row.split("/") for row in _VERBS.split()]
    return [
        {
            "base": f"{base}/VERB",
            "s": f"{base}s/VERB" if not base.endswith("ch") else f"{base}es/VERB",
            "past": f"{past}/VERB",
            "part": f"{part}/VERB",
        }
        for base, past, part in rows
    ]


def grammar() -> Grammar:
    """The English lexicon and templates."""
    countries = cldr.territories("en", _COUNTRIES)
    places = [{"_": f"{n}/PROPN/B-LOC"} for n in [*countries, *_CITIES.split(), *_TWICE.split()]]
    teams = [
        {"_": f"{n}/PROPN/B-ORG"} for n in [*_CITIES.split()[::2], *_TWICE.split()[::2], *countries[::3]]
    ]
    lexicon = {
        "per": _people(),
        "loc": places,
        "team": teams,
        "org": _organizations(),
        "role": [{"_": f"{n}/NOUN", "pl": f"{n}s/NOUN"} for n in _ROLES.split()],
        "thing": [{"_": f"{n}/NOUN", "pl": f"{_plural(n)}/NOUN"} for n in _THINGS.split()],
        "adj": _tagged(_ADJECTIVES, "ADJ"),
        "trait": _tagged(_TRAITS, "ADJ"),
        "verb": _verbs(),
        "both": [{"n": f"{w}/NOUN", "v": f"{w}/VERB"} for w in _BOTH.split()],
        "lang": [{"_": f"{n}/PROPN", "adj": f"{n}/ADJ"} for n in cldr.languages("en", _LANGUAGES)],
        "day": _tagged(" ".join(cldr.weekdays("en")), "PROPN"),
        "month": _tagged(" ".join(cldr.months("en")), "PROPN"),
        "num": _tagged("two three four five six seven eight nine ten 12 40", "NUM"),
        "digit": _tagged("5 8 12 15 20 40 75 300", "NUM"),
        "adv": _tagged("slowly quickly quietly early again together alone here there", "ADV"),
        "pron": _tagged("he she", "PRON"),
    }
    return Grammar(lexicon, _TEMPLATES.strip().splitlines())


def _plural(noun: str) -> str:
    return noun[:-1] + "ies" if noun == "story" else noun + "s"


_TEMPLATES = """
{per} lives/VERB in/ADP {loc} ./PUNCT
{per} {verb.past} the/DET {adj} {thing} in/ADP {loc} ./PUNCT
{per} works/VERB for/ADP {org} ./PUNCT
{org} opened/VERB an/DET office/NOUN in/ADP {loc} ./PUNCT
{team} beat/VERB {team#2} on/ADP {day} ./PUNCT
{team} lost/VERB to/ADP {team#2} in/ADP {month} ./PUNCT
{per} plays/VERB for/ADP {team} ./PUNCT
{per} flew/VERB from/ADP {loc} to/ADP {loc#2} ./PUNCT
{per} and/CCONJ {per#2} met/VERB near/ADP {loc} ./PUNCT
{per} may/AUX go/VERB to/ADP {loc} in/ADP {month} ./PUNCT
{per} said/VERB that/SCONJ {loc} is/AUX {adj} ./PUNCT
{loc} ,/PUNCT {loc#2} and/CCONJ {loc#3} signed/VERB the/DET paper/NOUN ./PUNCT
{per} ,/PUNCT a/DET {role} from/ADP {loc} ,/PUNCT joined/VERB {org} ./PUNCT
{per} 's/PART {thing} is/AUX in/ADP {loc} ./PUNCT
{org} thanked/VERB {per} yesterday/NOUN ./PUNCT
in/ADP {month} {per} left/VERB {org} ./PUNCT
the/DET {role.pl} of/ADP {loc} trust/VERB {per} ./PUNCT
{loc} is/AUX far/ADV from/ADP {loc#2} ./PUNCT
{per} (/PUNCT {loc} )/PUNCT
where/ADV did/AUX {per} {verb.base} that/DET {thing} ?/PUNCT
that/PRON is/AUX the/DET {thing} that/PRON {per} {verb.past} ./PUNCT
the/DET {role} {verb.past} {num} {adj} {thing.pl} ./PUNCT
the/DET {role} wants/VERB to/PART {verb.base} a/DET {thing} ./PUNCT
the/DET {role.pl} {both.v} every/DET {day} ./PUNCT
the/DET {both.n} was/AUX {adj} and/CCONJ long/ADJ ./PUNCT
they/PRON {both.v} because/SCONJ the/DET {thing} is/AUX {adj} ./PUNCT
her/PRON {both.n} surprised/VERB the/DET {role} ./PUNCT
we/PRON have/AUX {verb.part} the/DET {thing} {adv} ./PUNCT
we/PRON have/VERB {num} {thing.pl} and/CCONJ a/DET {thing#2} ./PUNCT
do/AUX you/PRON {both.v} with/ADP the/DET {role} ?/PUNCT
do/VERB it/PRON {adv} ,/PUNCT please/INTJ !/PUNCT
oh/INTJ ,/PUNCT the/DET {role} does/AUX not/PART {both.v} ./PUNCT
there/PRON is/AUX no/DET {thing} in/ADP this/DET {adj} {thing#2} ./PUNCT
the/DET {role} went/VERB there/ADV after/ADP {num} days/NOUN ./PUNCT
the/DET {role} left/VERB after/SCONJ the/DET {role#2} {verb.past} it/PRON ./PUNCT
the/DET {lang.adj} {role} speaks/VERB {lang#2} {adv} ./PUNCT
{per} teaches/VERB {lang} to/ADP the/DET {lang#2.adj} {role} ./PUNCT
I/PRON know/VERB that/SCONJ the/DET {thing} was/AUX {adj} ./PUNCT
that/DET {trait} {role} {verb.past} this/PRON on/ADP {day} ./PUNCT
this/PRON may/AUX change/VERB in/ADP May/PROPN ./PUNCT
the/DET {adj} light/NOUN falls/VERB on/ADP the/DET {thing} ./PUNCT
the/DET {thing} is/AUX light/ADJ but/CCONJ {adj} ./PUNCT
we/PRON need/VERB the/DET {both.n} now/ADV ./PUNCT
I/PRON want/VERB to/PART {both.v} {adv} ./PUNCT
{pron} likes/VERB the/DET {both.n} and/CCONJ the/DET {both#2.n} ./PUNCT
can/AUX we/PRON {both.v} here/ADV ?/PUNCT
the/DET {both.n} in/ADP {month} costs/VERB $/SYM {digit} ./PUNCT
{pron} {verb.s} {num} {thing.pl} if/SCONJ we/PRON pay/VERB ./PUNCT
the/DET {thing} costs/VERB $/SYM {digit} ./PUNCT
the/DET {role} is/AUX as/ADV {trait} as/ADP the/DET {role#2} ./PUNCT
"""
