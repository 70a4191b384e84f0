"""Speech-ready text: what is written in digits, signs and abbreviations, as the words that are said.

    $5.50 → five dollars fifty cents      1st → first           1999 → nineteen ninety nine
    12:30 → twelve thirty                 10% → ten percent     Dr. → doctor, FBI → letters

Numbers are num2words2's, names of currencies, units, months and per cent CLDR's (Babel); signs of ordinals,
titles and names of letters, for which there is no library, are small tables of our own (`spoken/`). What a
language has is `Speech.kinds`, what it lacks `Speech.missing`; both stand in the answer.

A token is read by itself: a number does not know the noun that it counts, so that genders and cases are
those of counting, and `3.` at the end of a word is a number and a full stop."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from isogloss.code_version import library_versions
from isogloss.errors import InvalidInput
from isogloss.g2p.engine import cldr, numbers
from isogloss.g2p.engine.catalog import Entry

DIGITS = ("numbers", "decimals", "ordinals", "years", "currency", "times", "percent", "units")
LETTERS = ("abbreviations", "acronyms")
_TABLES = Path(__file__).parent / "spoken"

# What follows digits in an ordinal; `ke-` and `제` go before.
_ORDINALS = {
    "eng": "(?:st|nd|rd|th)", "fra": "(?:ères?|res?|ers?|i?[eè]mes?|ndes?|nds?|es?)", "spa": r"\.?[ºª°]",
    "por": r"\.?[ºª°]", "ita": "[ºª°]", "cat": "(?:r|n|t|è|a)", "nld": "(?:ste|de|e)", "swe": ":[ae]",
    "rus": "-?(?:ый|ий|ой|й|ая|я|ое|е|ого|го|ому|му)", "ukr": "-?(?:ий|й|а|е|ого|го|ому|му)",
    "tur": "'?[ıiuü]?nc[ıiuü]", "hin": "(?:वाँ|वां|वीं|वें)", "kor": "번째",
}  # fmt: skip
_ROMAN = re.compile("(?=[IVX]{2,}$)X{0,3}(?:IX|IV|V?I{0,3})")
_ROMAN_DIGITS = {"I": 1, "V": 5, "X": 10}
_EDGES = re.compile(r"(?s)^([^\w.]*)(.*?)([^\w.]*)$")
_CAPITALS = re.compile(r"(?<![^\W\d_])[^\W\d_]{2,6}(?![^\W\d_])")
_HOUR = {
    "deu": "{0} Uhr {1}"
}  # what stands between hours and minutes, where it is not CLDR's name of an hour
_HOURS_BY_NAME = frozenset(("fra", "rus", "ita", "por", "ron", "cat"))


class Speech:
    """One language. Thread-safe.

    With `letters`, abbreviations and acronyms too. `InvalidInput` for a language whose numbers cannot be
    spelled, `BackendMissingError` where num2words2 is not installed.
    """

    def __init__(self, entry: Entry, letters: bool = False) -> None:
        name = numbers.name_of(entry.code)
        if not name:
            problem = f"numbers cannot be spelled out in {entry.code}"
            fix = f"There are numbers for: {', '.join(code[:3] for code in numbers.languages())}."
            raise InvalidInput("options.spell_digits", problem, fix)
        self._iso = entry.code[:3]
        self._numbers = numbers.Numbers(entry.code)
        self._names = cldr.names(name)
        self._short = _abbreviations(self._iso, self._names) if letters else {}
        self._letters = _letter_names().get(self._iso, {}) if letters else {}
        point, group = (self._names.decimal_sign, self._names.group_sign) if self._names else (".", ",")
        self._point, self._group = ("," if point == "٫" else point), ("," if group == "٬" else group)
        self._read = self._reader()
        has_names = self._names is not None
        here = {
            "numbers": True,
            "decimals": True,
            "ordinals": self._iso in _ORDINALS and bool(self._numbers.ordinal("3")),
            "years": True,
            "currency": has_names,
            "times": True,
            "percent": self._names is not None and bool(self._names.percent(2, "x")),
            "units": self._names is not None and bool(self._names.unit(2, "km", "x")),
            "abbreviations": bool(self._short),
            # English has a layer for them, on or off by `layers`.
            "acronyms": bool(self._letters) or self._iso == "eng",
        }
        asked = DIGITS + LETTERS if letters else DIGITS
        self.kinds = tuple(kind for kind in asked if here[kind])
        self.missing = tuple(kind for kind in asked if not here[kind])

    @property
    def version(self) -> str:
        """Of the libraries whose words these are."""
        return ", ".join(
            f"{name} {number}" for name, number in library_versions(("babel", "num2words2")).items()
        )

    def say(self, token: str) -> str:
        """A token as words, by spaces; one that has nothing to be said is given back."""
        if self._short and (said := self._expanded(token)) is not None:
            return said
        if self._letters:
            token = _CAPITALS.sub(lambda match: self._acronym(match[0]), token)
        return self._read(token)

    def _expanded(self, token: str) -> str | None:
        before, core, after = _EDGES.fullmatch(token).groups()  # type: ignore[union-attr]  # matches anything
        said = self._short.get(core) or self._short.get(core.lower())
        if not said and len(core) > 1 and self._names is not None and core in self._names.units:
            said = self._names.unit(10, core, "").strip()  # `5 kg` is two tokens
        return f"{before}{said}{after}" if said else None

    def _acronym(self, word: str) -> str:
        if not word.isupper():
            return word
        if _ROMAN.fullmatch(word) and (value := _roman(word)):
            return self._numbers.cardinal(str(value))
        names = [self._letters.get(letter, "") for letter in word]
        spelled = all(names) and not any(letter in self._letters["vowels"] for letter in word)
        return " ".join(names) if spelled else word

    def _reader(self) -> Callable[[str], str]:
        """A function that replaces all that is written in digits, the first pattern that fits."""
        group, point = re.escape(self._group), re.escape(self._point)
        # Groups of three by the language's sign, then a fraction by its; a sign before it where nothing is.
        number = rf"(?:\d{{1,3}}(?:{group}\d{{3}})+(?!\d)|\d+)(?:{point}\d+)?"
        signs = "".join(map(re.escape, cldr.CURRENCIES))
        named = self._names.units if self._names else {}
        units = "|".join(map(re.escape, sorted(named, key=len, reverse=True))) or "(?!)"
        ordinal = _ORDINALS.get(self._iso)
        patterns: list[tuple[str, Callable[[re.Match[str]], str]]] = [
            (rf"(?!\d{{1,3}}(?:{group}\d{{3}})+(?!\d))\d+(?:[.:]\d+){{2,}}", self._dotted),
            (r"(?<![\d:.,])(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?![\d:])", self._time),
            (rf"(?P<sign>[{signs}])(?P<amount>{number})", self._money),
            (rf"(?P<amount>{number})(?P<sign>[{signs}])", self._money),
            (rf"(?P<parts>{number})[%٪]", self._percent),
            (rf"[%٪](?P<parts>{number})", self._percent),
            (rf"(?P<measured>{number})(?P<unit>{units})(?![^\W\d_])", self._unit),
            (r"(?<!\d)(?P<decade>(?:1[1-9]|20)\d0)s(?!\w)" if self._iso == "eng" else "(?!)", self._decade),
            (rf"(?P<place>\d+)(?P<ending>{ordinal})(?![^\W\d_])" if ordinal else "(?!)", self._ordinal),
            (r"(?<![\d.,])(?P<year>1[1-9]\d\d|20\d\d)(?![\d]|[.,:]\d)", self._year),
            (rf"(?P<number>(?<![\w.,])[-−](?={number})|)(?P<digits>{number})", self._number),
        ]
        compiled = [(re.compile(pattern), say) for pattern, say in patterns]

        def read(token: str) -> str:
            if not any(map(str.isdigit, token)):
                return self._lone_sign(token)
            token = "".join(str(int(c)) if c.isdecimal() and not c.isascii() else c for c in token)
            out, at = [], 0
            while at < len(token):
                for pattern, say in compiled:
                    match = pattern.match(token, at)
                    if match and match.end() > at:
                        out.append(f" {say(match)} ")
                        at = match.end()
                        break
                else:
                    out.append(token[at])
                    at += 1
            return "".join(out)

        return read

    def _lone_sign(self, token: str) -> str:
        """`10 %` and `5 €` are two tokens."""
        sign = token.strip("().,;:!?")
        if self._names is None or len(sign) != 1:
            return token
        if sign in "%٪":
            return self._names.percent(10, "").strip() or token
        return self._names.currency(10, sign) or token if sign in cldr.CURRENCIES else token

    def _plain(self, number: str) -> str:
        """Digits with a decimal point, as every library writes them."""
        return number.replace(self._group, "").replace(self._point, ".")

    def _counted(self, number: str) -> tuple[float, str]:
        plain = self._plain(number)
        value = float(plain)
        return (int(value) if value.is_integer() else value), self._numbers.cardinal(plain)

    def _time(self, match: re.Match[str]) -> str:
        hour, minute = str(int(match["hour"])), int(match["minute"])
        said = self._numbers.cardinal(hour)
        if self._iso in _HOUR:
            return _HOUR[self._iso].format("ein" if hour == "1" else said, self._minute(minute)).strip()
        if self._iso == "eng":
            return f"{said} {self._minute(minute) or 'o clock'}"
        if self._names is not None and (self._iso in _HOURS_BY_NAME or not minute):
            said = self._names.hours(int(hour), "une" if (self._iso, hour) == ("fra", "1") else said) or said
        return f"{said} {self._minute(minute)}".strip()

    def _minute(self, minute: int) -> str:
        said = self._numbers.cardinal(str(minute)) if minute else ""
        return f"oh {said}" if self._iso == "eng" and 0 < minute < 10 else said

    def _money(self, match: re.Match[str]) -> str:
        amount = self._plain(match["amount"])
        if self._iso in _MONEY and (said := self._numbers.money(amount, cldr.CURRENCIES[match["sign"]])):
            return said
        value = float(amount)
        whole, cents = int(value), round(100 * value) % 100
        said = self._numbers.cardinal(str(whole))
        name = self._names.currency(whole, match["sign"]) if self._names else ""
        return " ".join(
            filter(None, (said, name or match["sign"], self._numbers.cardinal(str(cents)) if cents else ""))
        )

    def _percent(self, match: re.Match[str]) -> str:
        value, said = self._counted(match["parts"])
        return (self._names.percent(value, said) if self._names else "") or f"{said} %"

    def _unit(self, match: re.Match[str]) -> str:
        value, said = self._counted(match["measured"])
        return (
            self._names.unit(value, match["unit"], said) if self._names else ""
        ) or f"{said} {match['unit']}"

    def _decade(self, match: re.Match[str]) -> str:
        said = self._numbers.year(match["decade"])
        return f"{said[:-1]}ies" if said.endswith("y") else f"{said}s"

    def _ordinal(self, match: re.Match[str]) -> str:
        said = self._numbers.ordinal(match["place"])
        return _agreeing(self._iso, said, match["ending"]) if said else match[0]

    def _year(self, match: re.Match[str]) -> str:
        return self._numbers.year(match["year"])

    def _dotted(self, match: re.Match[str]) -> str:
        """Dates, times with seconds, versions, addresses: number by number."""
        return " ".join(self._read(part) for part in re.split("[.:]", match[0]))

    def _number(self, match: re.Match[str]) -> str:
        return self._numbers.cardinal(("-" if match["number"] else "") + self._plain(match["digits"]))


# Elsewhere num2words2 has few currencies, or their names in English: the name is CLDR's.
_MONEY = frozenset(
    ("eng", "fra", "deu", "spa", "ita", "nld", "rus", "ukr", "pol", "fin", "kor", "hin", "ell", "bul")
)
_FEMININE = re.compile(r"o\b")


def _agreeing(iso: str, ordinal: str, ending: str) -> str:
    """An ordinal with the ending that was written: 1ª is *primera*, 2-я *вторая*."""
    if iso in ("spa", "por", "ita") and "ª" in ending:
        return _FEMININE.sub("a", ordinal)
    if iso == "fra" and ordinal == "premier" and "re" in ending:
        return "première"
    written = ending.lstrip("-")
    if iso == "rus":
        soft = ordinal.endswith("ретий")
        endings = {"я": "ья" if soft else "ая", "е": "ье" if soft else "ое", "го": "ьего" if soft else "ого",
                   "му": "ьему" if soft else "ому"}  # fmt: skip
        new = endings.get(written[-2:]) or endings.get(written[-1:])
        return ordinal[:-2] + new if new else ordinal
    if iso == "ukr":
        new = {"а": "а", "е": "е", "го": "ого", "му": "ому"}.get(written[-2:]) or {"а": "а", "е": "е"}.get(
            written[-1:]
        )
        return ordinal[:-2] + new if new else ordinal
    return ordinal


def _roman(word: str) -> int:
    values = [_ROMAN_DIGITS[letter] for letter in word]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-value if value < after else value for value, after in pairs)


def _abbreviations(iso: str, names: "cldr.Names | None") -> Mapping[str, str]:
    """Titles and the like by our table, months and weekdays by CLDR; as written, with their full stop."""
    own = {}
    for line in (_TABLES / "abbreviations.tsv").read_text(encoding="utf-8").splitlines():
        language, _, rest = line.partition("\t")
        if language == iso:
            short, _, said = rest.partition("\t")
            own[short] = said
    return {**(names.short_dates if names else {}), **own}


@cache
def _letter_names() -> Mapping[str, Mapping[str, str]]:
    """By language, the name of each letter as it is written; "vowels" are those that make a word of
    capitals."""
    found = {}
    for line in (_TABLES / "letters.tsv").read_text(encoding="utf-8").splitlines():
        language, _, rest = line.partition("\t")
        vowels, _, names = rest.partition("\t")
        pairs = (pair.partition("=")[::2] for pair in names.split())
        found[language] = {letter: name.replace("_", " ") for letter, name in pairs} | {"vowels": vowels}
    return found
