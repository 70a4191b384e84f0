"""Korean sentences, tagged eojeol by eojeol as UD Korean-Kaist tags.

There the particle decides: a noun with 은/는, 이/가, 을/를 or 의 is NOUN (a name PROPN), with 에, 에서,
로 or 도 it is ADV, with 과/와 CCONJ, with the copula VERB; -고 is CCONJ, -면 and -어서 SCONJ, 있다 is ADJ
but AUX after another verb.
"""

from __future__ import annotations

from . import cldr
from .template import Entry, Grammar

_FAMILY = "김 이 박 최 정 강 조 윤 장 임"
_GIVEN = "민수 지훈 서연 영희 철수 수빈 현우 은지 동현 미영 하늘 보라 나라 가을 이슬"
_COUNTRIES = "KR RU KE IN FR IT JP EG ES DE IR PK PL CU PE AT GR NP UG GH CA CN PT MX BR VN NO SE TR TH"
_ZONES = (
    "Asia/Seoul Europe/Moscow Europe/Paris Europe/Rome Asia/Tokyo Africa/Cairo Europe/Madrid "
    "Europe/Berlin Asia/Kabul "
    "Asia/Tehran Europe/London Asia/Karachi Europe/Warsaw America/Lima Europe/Vienna Africa/Nairobi "
    "Africa/Accra "
    "America/Toronto Asia/Shanghai Europe/Oslo Asia/Beirut Europe/Prague"
)
_TOWNS = "부산 대구 광주 제주 인천 대전 수원 강릉"
_ROLES = "선생님 의사 학생 농부 가수 작가 기자 요리사 군인 화가 간호사 변호사"
_THINGS = "책 편지 그림 사진 노래 가방 의자 모자 꽃 시계 신문 우산 자전거 컴퓨터 열쇠 옷 칼 문"
_NATURE = "하늘 나라 가을 이슬 바다 산 강 도시 방 길"
# attributive/predicative
_ADJECTIVES = (
    "예쁜/예쁘다 작은/작다 큰/크다 좋은/좋다 아름다운/아름답다 "
    "깨끗한/깨끗하다 높은/높다 넓은/넓다 조용한/조용하다 어두운/어둡다"
)
# plain present/past/-고/-아서 or -어서/-으면/-지/future attributive
_VERBS = (
    "산다/샀다/사고/사서/사면/사지/살 본다/보았다/보고/보아서/보면/보지/볼 "
    "판다/팔았다/팔고/팔아서/팔면/팔지/팔 "
    "그린다/그렸다/그리고/그려서/그리면/그리지/그릴 찾는다/찾았다/찾고/찾아서/찾으면/찾지/찾을 "
    "만든다/만들었다/만들고/만들어서/만들면/만들지/만들 잃는다/잃었다/잃고/잃어서/잃으면/잃지/잃을 "
    "고른다/골랐다/고르고/골라서/고르면/고르지/고를 빌린다/빌렸다/빌리고/빌려서/빌리면/빌리지/빌릴 "
    "버린다/버렸다/버리고/버려서/버리면/버리지/버릴"
)


def _final(word: str) -> int:
    """Index of the last syllable's final consonant: 0 for none, 8 for ㄹ (Unicode's composition of Hangul
    syllables)."""
    return (ord(word[-1]) - 0xAC00) % 28


def particle(word: str, role: str) -> str:
    """The particle of a role in the shape that the word's last sound asks for: 은 or 는, 으로 or 로 …"""
    closed = _final(word) != 0
    return {
        "top": "은" if closed else "는",
        "subj": "이" if closed else "가",
        "obj": "을" if closed else "를",
        "gen": "의",
        "to": "에",
        "in": "에서",
        "toward": "으로" if _final(word) not in (0, 8) else "로",
        "also": "도",
        "with": "과" if closed else "와",
        "is": "이다" if closed else "다",
    }[role]


def _noun(noun: str, upos: str = "NOUN", bio: str = "O", prefix: str = "") -> Entry:
    """A noun with its particles; `prefix` is words before it in the same name ("서울/PROPN/B-ORG")."""
    tags = dict.fromkeys(("top", "subj", "obj", "gen"), upos) | dict.fromkeys(
        ("to", "in", "toward", "also"), "ADV"
    )
    tags |= {"with": "CCONJ", "is": "VERB"}
    forms = {role: f"{noun}{particle(noun, role)}/{tag}/{bio}" for role, tag in tags.items()} | {
        "_": f"{noun}/{upos}/{bio}"
    }
    return {role: f"{prefix} {form}".strip() for role, form in forms.items()}


def _people() -> list[Entry]:
    family = _FAMILY.split()
    full = [family[(3 * i) % len(family)] + name for i, name in enumerate(_GIVEN.split())]
    return [_noun(name, "PROPN", "B-PER") for name in [*full, *_GIVEN.split()]]


def _organizations(places: list[str]) -> list[Entry]:
    heads = ["대학교", "은행", "병원", "방송", "신문", "박물관"]
    return [
        _noun(heads[i % 6], "NOUN", "I-ORG", f"{place}/PROPN/B-ORG") for i, place in enumerate(places[::2])
    ]


def grammar() -> Grammar:
    """The Korean lexicon and templates."""
    countries = cldr.territories("ko", _COUNTRIES)
    cities = [*cldr.cities("ko", _ZONES), *_TOWNS.split()]
    verbs = [row.split("/") for row in _VERBS.split()]
    lexicon = {
        "per": _people(),
        "loc": [_noun(n, "PROPN", "B-LOC") for n in countries + cities],
        "country": [_noun(n, "PROPN", "B-LOC") for n in countries],
        "city": [_noun(n, "PROPN", "B-LOC") for n in cities],
        "team": [_noun(n, "PROPN", "B-ORG") for n in cities],
        "org": _organizations(cities + countries),
        "role": [_noun(n) for n in _ROLES.split()],
        "thing": [_noun(n) for n in _THINGS.split()],
        "nature": [_noun(n) for n in _NATURE.split()],
        "adj": [
            {"_": f"{a}/ADJ", "is": f"{b}/ADJ"} for a, b in (row.split("/") for row in _ADJECTIVES.split())
        ],
        "verb": [
            {
                "_": f"{s}/VERB",
                "past": f"{past}/VERB",
                "and": f"{go}/CCONJ",
                "ing": f"{go}/VERB",
                "so": f"{so}/SCONJ",
                "if": f"{cond}/SCONJ",
                "not": f"{ji}/VERB",
                "can": f"{can}/VERB",
            }
            for s, past, go, so, cond, ji, can in verbs
        ],
        "day": [_noun(n) for n in cldr.weekdays("ko")],
        "month": [_noun(n) for n in cldr.months("ko")],
        "lang": [_noun(n) for n in cldr.languages("ko", "ru ko fr it ja ar es de pl el tr pt zh vi en hi")],
        "num": [{"_": f"{n}/NUM"} for n in ["한", "두", "세", "네", "다섯", "여섯", "일곱"]],
        "digit": [{"_": f"{n}/NUM"} for n in ["5", "10", "15", "20", "30", "40", "60"]],
        "pron": [
            {"top": f"{p}는/PRON", "gen": g, "also": f"{p}도/PRON"}
            for p, g in (
                ("나", "내/PRON"),
                ("그", "그의/PRON"),
                ("그녀", "그녀의/PRON"),
                ("우리", "우리/PRON"),
            )
        ],
        "this": [{"_": "이/DET"}, {"_": "그/DET"}, {"_": "저/DET"}],
        "deg": [{"_": f"{w}/ADV"} for w in ["매우", "아주", "정말", "더", "가장"]],
        "adv": [
            {"_": f"{w}/ADV"} for w in ["빨리", "다시", "자주", "천천히", "조용히", "이미", "먼저", "함께"]
        ],
    }
    return Grammar(lexicon, _TEMPLATES.strip().splitlines())


_TEMPLATES = """
{per.top} {loc.in} 일한다/VERB ./PUNCT
{per.top} {loc.to} 산다/VERB ./PUNCT
{per.subj} {loc.in} {thing.obj} {verb.past} ./PUNCT
{per.top} {org.in} 공부한다/VERB ./PUNCT
{org.top} {loc.to} 있다/ADJ ./PUNCT
{team.subj} {day.to} {team#2.obj} 이겼다/VERB ./PUNCT
{team.top} {month.to} {team#2.to} 졌다/VERB ./PUNCT
{per.top} {loc.in} {loc#2.toward} 갔다/VERB ./PUNCT
{per.with} {per#2.top} {loc.in} 만났다/VERB ./PUNCT
{city.in} {country.toward} 비행기가/NOUN 떠난다/VERB ./PUNCT
{city.top} {deg} {adj.is} ./PUNCT
{per.top} {org.gen} 대표이다/VERB ./PUNCT
{country.with} {country#2.top} {month.to} 만난다/VERB ./PUNCT
{per.also} {loc.to} 가고/VERB 싶다/AUX ./PUNCT
{per} {role.top} {org.to} 전화했다/VERB ./PUNCT
{per} (/PUNCT {loc} )/PUNCT
{per.gen} {thing.top} {loc.to} 있다/ADJ ./PUNCT
{per.top} {loc.in} {lang.obj} 배운다/VERB ./PUNCT
{org.subj} {per.obj} 불렀다/VERB ./PUNCT
{nature.top} {adj.is} ./PUNCT
{loc.gen} {nature.top} {deg} {adj.is} ./PUNCT
{pron.top} {adj} {thing.obj} {verb.past} ./PUNCT
{this} {role.top} {thing.obj} {verb.ing} 있다/AUX ./PUNCT
{role.top} {thing.obj} {verb.and} {thing#2.obj} {verb#2} ./PUNCT
{role.subj} {thing.obj} {verb.not} 않았다/AUX ./PUNCT
{role.top} {thing.obj} {verb.can} 수/NOUN 있다/ADJ ./PUNCT
{thing.obj} {verb.if} {role.subj} 웃는다/VERB ./PUNCT
{thing.obj} {verb.so} {role.top} 울었다/VERB ./PUNCT
새/ADJ {thing.subj} {nature.to} 있다/ADJ ./PUNCT
새가/NOUN {nature.in} {adv} 운다/VERB ./PUNCT
하늘을/NOUN 나는/VERB 새를/NOUN {role.subj} {verb.past} ./PUNCT
나는/PRON {role.is} ./PUNCT
이는/PRON {adj} {thing.is} ./PUNCT
한/NUM {role.subj} {thing.obj} {verb.past} ./PUNCT
{role.subj} 한/VERB 일은/NOUN {adj.is} ./PUNCT
네/INTJ ,/PUNCT {pron.top} {thing.obj} {verb} ./PUNCT
네/PRON {thing.top} {adj.is} ./PUNCT
{role} {num} 명이/NOUN {adv} {thing.obj} {verb.past} ./PUNCT
{role.with} {role#2.top} {adv} {verb} ./PUNCT
{role.also} {adv} {thing.obj} {verb.can} 수/NOUN 없다/ADJ ./PUNCT
그러나/CCONJ {role.top} {adv} {verb.not} 못했다/AUX ./PUNCT
그리고/CCONJ {this} {thing.top} {role.gen} 것이다/VERB ./PUNCT
{thing.subj} {adj.is} ,/PUNCT 그러나/CCONJ {thing#2.top} 없다/ADJ ./PUNCT
가격은/NOUN {digit} %/SYM 올랐다/VERB ./PUNCT
{pron.gen} {thing.top} 어디에/ADV 있는가/ADJ ?/PUNCT
아/INTJ ,/PUNCT {this} {nature.subj} {deg} {adj.is} !/PUNCT
오늘/NOUN {role.top} {lang.obj} {adv} 배웠다/VERB ./PUNCT
"""
