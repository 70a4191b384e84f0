"""Names that CLDR has by language, through Babel: currencies, per cent, units, months, weekdays, and which
sign begins a fraction.
"""

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any

# What Babel finds no pattern for in these.
_PERCENT = {
    "ko": "{0} 퍼센트", "vi": "{0} phần trăm", "sw": "asilimia {0}", "ar": "{0} بالمئة", "th": "{0} เปอร์เซ็นต์",
    "id": "{0} persen", "ms": "{0} peratus",
}  # fmt: skip
CURRENCIES = {
    "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₽": "RUB", "₩": "KRW", "₺": "TRY",
    "₴": "UAH",
    "₫": "VND", "₪": "ILS", "₸": "KZT", "₾": "GEL", "₦": "NGN", "₱": "PHP", "฿": "THB",
}  # fmt: skip
_UNITS = {
    "km": "length-kilometer", "m": "length-meter", "cm": "length-centimeter", "mm": "length-millimeter",
    "kg": "mass-kilogram", "g": "mass-gram", "mg": "mass-milligram", "l": "volume-liter",
    "ml": "volume-milliliter",
    "ha": "area-hectare", "km²": "area-square-kilometer", "m²": "area-square-meter",
    "m³": "volume-cubic-meter",
    "°C": "temperature-celsius", "°F": "temperature-fahrenheit", "kW": "power-kilowatt",
    "MW": "power-megawatt",
    "Hz": "frequency-hertz", "kHz": "frequency-kilohertz", "MHz": "frequency-megahertz",
    "GHz": "frequency-gigahertz",
    "GB": "digital-gigabyte", "MB": "digital-megabyte", "kB": "digital-kilobyte", "V": "electric-volt",
    "km/h": "speed-kilometer-per-hour",
}  # fmt: skip
_HOURS = "duration-hour"
Number = int | float


class Names:
    """CLDR's names in one language, by its ISO 639-1 name. What it has not is ""."""

    def __init__(self, name: str) -> None:
        from babel import Locale

        self._locale = Locale.parse({"tgl": "fil"}.get(name, name))
        symbols: Any = self._locale.number_symbols
        latin = symbols.get("latn", symbols)
        self.decimal_sign, self.group_sign = str(latin["decimal"]), str(latin["group"])

    def percent(self, number: Number, words: str) -> str:
        """So many per cent, the number in words."""
        if pattern := _PERCENT.get(self._locale.language):
            return pattern.format(words)
        return self._measured(number, "concentr-percent", words)

    @cached_property
    def units(self) -> Mapping[str, str]:
        """CLDR's units by their sign: the international ones, and the language's own (*км*)."""
        from babel.units import format_unit

        found = dict(_UNITS)
        for unit in _UNITS.values():
            text = format_unit(5, unit, "short", locale=self._locale)
            if unit not in text and text.startswith("5"):
                found.setdefault(text[1:].replace("\xa0", " ").strip(), unit)
        return found

    def unit(self, number: Number, sign: str, words: str) -> str:
        """So many of a unit of `units`."""
        return self._measured(number, self.units[sign], words)

    def hours(self, number: Number, words: str) -> str:
        """So many hours."""
        return self._measured(number, _HOURS, words)

    def currency(self, number: Number, sign: str) -> str:
        """The name of a currency of `CURRENCIES`, as it stands beside a number."""
        from babel.numbers import get_currency_name

        name = get_currency_name(CURRENCIES[sign], number, self._locale)
        return "" if name == CURRENCIES[sign] else name

    @property
    def short_dates(self) -> Mapping[str, str]:
        """Months and weekdays by their abbreviation, which ends in a full stop."""
        found = {}
        for kinds in (self._locale.months, self._locale.days):
            for form in ("format", "stand-alone"):
                short, wide = kinds[form]["abbreviated"], kinds[form]["wide"]
                found |= {short[key]: wide[key] for key in short if short[key] != wide[key]}
        return {short if short.endswith(".") else f"{short}.": wide for short, wide in found.items()}

    def _measured(self, number: Number, unit: str, words: str) -> str:
        from babel.numbers import format_decimal
        from babel.units import format_unit

        text = format_unit(number, unit, "long", locale=self._locale)
        numeral = format_decimal(number, locale=self._locale)
        if unit in text or numeral not in text or not any(map(str.isalpha, text)):
            return ""
        return text.replace(numeral, words).replace("\xa0", " ").replace("%", "").strip()


@cache
def names(name: str) -> Names | None:
    """CLDR's names in a language; None where Babel has not the language, or is not installed."""
    try:
        from babel import UnknownLocaleError
    except ModuleNotFoundError:
        return None
    try:
        return Names(name)
    except (UnknownLocaleError, ValueError):
        return None
