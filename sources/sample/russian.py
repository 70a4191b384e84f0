"""Russian sentences, tagged as UD Russian-Taiga tags (months and weekdays NOUN, modal words such as можно
VERB).

CLDR gives nominatives; place names are declined by ending (`place`), every other case is written out by hand.
"""

from __future__ import annotations

from . import cldr
from .template import Entry, Grammar

_MEN = "Иван Пётр Сергей Виктор Олег Павел Антон Максим Борис Юрий Андрей Лев Владимир"
_WOMEN = "Анна Мария Ольга Елена Ирина Дарья Вера Надежда Любовь Роза София Нина Тамара"
_SURNAMES = "Иванов Петров Смирнов Волков Орлов Соколов Морозов Лебедев Козлов Новиков"
_COUNTRIES = "RU KE IN FR IT JP ES DE AF IR IQ PK PL CU PE AT UG GH CA CN PT LY TR MX VN NO SE TZ"
_ZONES = (
    "Europe/Moscow Asia/Seoul Europe/Paris Europe/Rome Asia/Tokyo Africa/Cairo Europe/Madrid "
    "Europe/Berlin Asia/Kabul "
    "Asia/Tehran Asia/Baghdad Europe/London Asia/Karachi Europe/Warsaw America/Havana America/Lima "
    "Europe/Vienna "
    "Africa/Kampala Asia/Damascus Africa/Accra America/Toronto Asia/Shanghai Europe/Lisbon "
    "Europe/Oslo Asia/Beirut"
)
_TEAMS = "Спартак Динамо Зенит Торпедо Локомотив Барселона Реал Милан Ювентус Арсенал"
# nominative/accusative/genitive, by gender
_THINGS = {
    "m": "дом/дом/дома стол/стол/стола роман/роман/романа мост/мост/моста сад/сад/сада журнал/журнал/журнала "
    "стул/стул/стула ключ/ключ/ключа портрет/портрет/портрета",
    "f": "книга/книгу/книги песня/песню/песни картина/картину/картины машина/машину/машины лампа/лампу/лампы "
    "газета/газету/газеты дорога/дорогу/дороги печь/печь/печи лодка/лодку/лодки",
    "n": "письмо/письмо/письма окно/окно/окна озеро/озеро/озера зеркало/зеркало/зеркала кресло/кресло/кресла "
    "стекло/стекло/стекла",
}
# nominative/instrumental
_ROLES = {
    "m": "учитель/учителем врач/врачом студент/студентом певец/певцом сосед/соседом водитель/водителем "
    "инженер/инженером художник/художником рабочий/рабочим больной/больным",
    "f": "учительница/учительницей студентка/студенткой певица/певицей соседка/соседкой актриса/актрисой "
    "художница/художницей",
}
# stem + endings: masculine, feminine, neuter nominative, feminine accusative
_ADJECTIVES = {
    "ый ая ое ую": "нов стар красив странн известн красн зелён",
    "ой ая ое ую": "больш дорог прост чуж",
    "ий ая ое ую": "маленьк русск",
    "ий ая ее ую": "хорош",
}
# past stem (with л for all but нашёл)/infinitive/present 3sg
_VERBS = (
    "видел/видеть/видит купил/купить/покупает продал/продать/продаёт рисовал/рисовать/рисует "
    "потерял/потерять/теряет показал/показать/показывает забыл/забыть/забывает искал/искать/ищет"
)


def place(name: str) -> Entry:
    """Singular declension of a place name by its ending; names in other vowels do not decline."""
    if name.endswith("ия"):
        gen, prep, acc = name[:-1] + "и", name[:-1] + "и", name[:-1] + "ю"
    elif name.endswith("а"):
        gen = name[:-1] + ("и" if name[-2] in "гкхжшчщ" else "ы")
        prep, acc = name[:-1] + "е", name[:-1] + "у"
    elif name.endswith("й"):
        gen, prep, acc = name[:-1] + "я", name[:-1] + "е", name
    elif name[-1] in "оуие":
        gen = prep = acc = name
    else:
        gen, prep, acc = name + "а", name + "е", name
    preposition = "во" if name[0] in "ВФ" and name[1] not in "аеиоуыэюя" else "в"
    return {
        "_": f"{name}/PROPN/B-LOC",
        "gen": f"{gen}/PROPN/B-LOC",
        "in": f"{preposition}/ADP {prep}/PROPN/B-LOC",
        "into": f"{preposition}/ADP {acc}/PROPN/B-LOC",
        "from": f"из/ADP {gen}/PROPN/B-LOC",
        "team": f"{name}/PROPN/B-ORG",
        "team_acc": f"{acc}/PROPN/B-ORG",
    }


def _people() -> list[Entry]:
    rows = []
    surnames = _SURNAMES.split()
    for gender, names in (("m", _MEN), ("f", _WOMEN)):
        for i, name in enumerate(names.split()):
            family = surnames[i % len(surnames)] + ("а" if gender == "f" else "")
            rows.append({"_": f"{name}/PROPN/B-PER", "agree": gender})
            rows.append({"_": f"{name}/PROPN/B-PER {family}/PROPN/I-PER", "agree": gender})
    return rows


def _organizations(places: list[Entry]) -> list[Entry]:
    heads = (("Банк", "Банке"), ("Университет", "Университете"), ("Музей", "Музее"), ("Театр", "Театре"))
    rows = []
    for i, owner in enumerate(places[::2]):
        nom, prep = heads[i % 4]
        of = owner["gen"].replace("B-LOC", "I-ORG")
        rows.append({"_": f"{nom}/NOUN/B-ORG {of}", "in": f"в/ADP {prep}/NOUN/B-ORG {of}"})
    return rows


def _with(instrumental: str) -> str:
    """The preposition с, or со before с and another consonant (со студентом, с соседом)."""
    return "со" if instrumental[0] == "с" and instrumental[1] not in "аеиоуыэюя" else "с"


def _gendered(past: str) -> dict[str, str]:
    return {
        "past.m": f"{past}/VERB",
        "past.f": f"{past}а/VERB",
        "past.n": f"{past}о/VERB",
        "past.pl": f"{past}и/VERB",
    }


def _adjectives() -> list[Entry]:
    return [
        {
            "nom.m": f"{stem}{m}/ADJ",
            "nom.f": f"{stem}{f}/ADJ",
            "nom.n": f"{stem}{n}/ADJ",
            "acc.m": f"{stem}{m}/ADJ",
            "acc.f": f"{stem}{acc}/ADJ",
            "acc.n": f"{stem}{n}/ADJ",
        }
        for endings, stems in _ADJECTIVES.items()
        for m, f, n, acc in [endings.split()]
        for stem in stems.split()
    ]


def weekday(name: str) -> Entry:
    """On a weekday: в + accusative (во вторник)."""
    accusative = name[:-1] + {"а": "у"}.get(name[-1], name[-1])
    return {"_": f"{name}/NOUN", "on": f"{'во' if name == 'вторник' else 'в'}/ADP {accusative}/NOUN"}


def month_prepositional(name: str) -> str:
    """In a month: январь → январе, март → марте, май → мае."""
    return (name[:-1] if name[-1] in "ьй" else name) + "е"


def grammar() -> Grammar:
    """The Russian lexicon and templates."""
    countries = [place(name) for name in cldr.territories("ru", _COUNTRIES)]
    cities = [place(name) for name in [*cldr.cities("ru", _ZONES), "Владимир", "София"]]
    places = countries + cities
    roles = {
        gender: [
            {"_": f"{nom}/NOUN", "with": f"{_with(ins)}/ADP {ins}/NOUN", "agree": gender}
            for nom, ins in (row.split("/") for row in rows.split())
        ]
        for gender, rows in _ROLES.items()
    }
    lexicon = {
        "per": _people(),
        "country": countries,
        "city": cities,
        "loc": places,
        "org": _organizations(places),
        "team": [{"_": f"{n}/PROPN/B-ORG"} for n in _TEAMS.split()],
        "thing": [
            {"_": f"{nom}/NOUN", "acc": f"{acc}/NOUN", "gen": f"{gen}/NOUN", "agree": gender}
            for gender, rows in _THINGS.items()
            for nom, acc, gen in (row.split("/") for row in rows.split())
        ],
        "role": roles["m"] + roles["f"],
        "mrole": roles["m"],
        "adj": _adjectives(),
        "verb": [
            {**_gendered(past), "inf": f"{inf}/VERB", "s": f"{present}/VERB"}
            for past, inf, present in (row.split("/") for row in _VERBS.split())
        ],
        "was": [{"past.m": "был/AUX", "past.f": "была/AUX", "past.n": "было/AUX"}],
        "this": [
            {
                "nom.m": "этот/DET",
                "nom.f": "эта/DET",
                "nom.n": "это/DET",
                "acc.m": "этот/DET",
                "acc.f": "эту/DET",
                "acc.n": "это/DET",
            }
        ],
        "my": [{"nom.m": "мой/DET", "nom.f": "моя/DET", "nom.n": "моё/DET"}],
        "it": [{"acc.m": "его/PRON", "acc.f": "её/PRON", "acc.n": "его/PRON"}],
        "go": [{"past.m": "приехал/VERB", "past.f": "приехала/VERB"}],
        "two": [
            {"gen.m": "два/NUM", "gen.f": "две/NUM", "gen.n": "два/NUM"},
            *({f"gen.{g}": f"{n}/NUM" for g in "mfn"} for n in ("три", "четыре")),
        ],
        "day": [weekday(name) for name in cldr.weekdays("ru")],
        "month": [{"in": f"{month_prepositional(name)}/NOUN"} for name in cldr.months("ru")],
        "lang": [
            {"_": f"{n}/ADJ"} for n in cldr.languages("ru", "ru ko fr it ja ar es de fa pl el tr pt zh vi")
        ],
        "his": [{"_": "его/DET"}, {"_": "её/DET"}, {"_": "их/DET"}],
        "him": [{"_": "его/PRON"}, {"_": "её/PRON"}, {"_": "их/PRON"}],
        "adv": [{"_": f"{w}/ADV"} for w in ["вчера", "сегодня", "снова", "опять", "давно"]],
        "manner": [{"_": f"{w}/ADV"} for w in ["медленно", "часто", "быстро", "редко", "тихо"]],
        "num": [{"_": f"{n}/NUM"} for n in ["5", "7", "12", "18", "30", "45", "60"]],
    }
    return Grammar(lexicon, _TEMPLATES.strip().splitlines())


_TEMPLATES = """
{per} живёт/VERB {loc.in} ./PUNCT
{per} {verb.past@per} {thing.acc} {loc.in} ./PUNCT
{per} работает/VERB {org.in} ./PUNCT
{per} {go.past@per} {loc.from} {loc#2.into} {day.on} ./PUNCT
{org} находится/VERB {loc.in} ./PUNCT
{city.team} обыгрывает/VERB {city#2.team_acc} в/ADP {month.in} ./PUNCT
«/PUNCT {team} »/PUNCT играет/VERB {loc.in} {day.on} ./PUNCT
{per} играет/VERB за/ADP «/PUNCT {team} »/PUNCT ./PUNCT
{loc.from} {loc#2.into} едет/VERB {per} ./PUNCT
столица/NOUN {country.gen} —/PUNCT большой/ADJ город/NOUN ./PUNCT
{per} и/CCONJ {per#2} работают/VERB {org.in} ./PUNCT
{per} изучает/VERB {lang} язык/NOUN {loc.in} ./PUNCT
{per} (/PUNCT {loc} )/PUNCT
президент/NOUN {country.gen} приехал/VERB {city.into} ./PUNCT
{per} знает/VERB ,/PUNCT что/SCONJ {org} закрыт/ADJ ./PUNCT
в/ADP {month.in} {per} {go.past@per} {loc.into} ./PUNCT
{adj.nom@role} {role} {verb.past@role} {adj.acc@thing} {thing.acc} ./PUNCT
{role} {verb.s} {this.acc@thing} {thing.acc} ./PUNCT
это/PRON {adj.nom@thing} {thing} ./PUNCT
{this.nom@thing} {thing} {adj.nom@thing} ,/PUNCT а/CCONJ не/PART {adj#2.nom@thing} ./PUNCT
что/PRON {verb.past@role} {role} ?/PUNCT
я/PRON знаю/VERB ,/PUNCT что/SCONJ {thing} здесь/ADV ./PUNCT
{my.nom@thing} {thing} {was.past@thing} {adj.nom@thing} ./PUNCT
мой/VERB {thing.acc} каждый/DET день/NOUN !/PUNCT
{his} {thing} стоит/VERB {num} рублей/NOUN ./PUNCT
{role} {adv} {verb.past@role} {him} ./PUNCT
и/PART {role} {verb.past@role} это/PRON ./PUNCT
у/ADP меня/PRON есть/VERB {two.gen@thing} {thing.gen} ./PUNCT
мы/PRON хотим/VERB есть/VERB и/CCONJ пить/VERB ./PUNCT
здесь/ADV нет/VERB {thing.gen} ./PUNCT
нет/PART ,/PUNCT {role} {manner} {verb.s} {thing.acc} ./PUNCT
здесь/ADV можно/VERB {verb.inf} {thing.acc} ./PUNCT
надо/VERB {verb.inf} {adj.acc@thing} {thing.acc} ./PUNCT
когда/SCONJ {role} {verb.past@role} {thing.acc} ,/PUNCT мы/PRON спали/VERB ./PUNCT
когда/ADV {role} {verb.past@role} {thing.acc} ?/PUNCT
если/SCONJ {thing} {adj.nom@thing} ,/PUNCT {role} {verb.s} {it.acc@thing} ./PUNCT
ах/INTJ ,/PUNCT как/ADV {manner} {role} {verb.s} {thing.acc} !/PUNCT
{role} ,/PUNCT как/SCONJ и/PART {role#2} ,/PUNCT {verb.s} {thing.acc} ./PUNCT
{mrole} ,/PUNCT который/PRON {manner} говорит/VERB ,/PUNCT {verb.s} {thing.acc} ./PUNCT
{role} говорит/VERB {role#2.with} {manner} ./PUNCT
печь/VERB хлеб/NOUN {manner} трудно/ADJ ./PUNCT
{role} {verb.s} рабочий/ADJ стол/NOUN {manner} ./PUNCT
больной/ADJ {mrole} {verb.past@mrole} {thing.acc} ./PUNCT
надежда/NOUN и/CCONJ любовь/NOUN живут/VERB {loc.in} ./PUNCT
красивая/ADJ роза/NOUN растёт/VERB {loc.in} ./PUNCT
старый/ADJ лев/NOUN живёт/VERB {country.in} ./PUNCT
дом/NOUN №/SYM {num} {adv} продал/VERB {mrole} ./PUNCT
"""
