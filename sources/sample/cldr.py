"""Names from the Unicode CLDR, through Babel: nominative forms as the locale data spells them.

Babel 2.18 resolves the stand-alone names that a locale inherits through one shared alias, so whichever
locale was read first lends its weekdays to the next: we read `format` names, and `stand-alone` only where
a locale has its own that differ.
"""

from __future__ import annotations

from babel import Locale


def territories(locale: str, codes: str) -> list[str]:
    """Country names for ISO 3166 codes separated by spaces."""
    return [str(Locale.parse(locale).territories[code]) for code in codes.split()]


def languages(locale: str, codes: str) -> list[str]:
    """Language names for CLDR language codes separated by spaces."""
    return [str(Locale.parse(locale).languages[code]) for code in codes.split()]


def weekdays(locale: str) -> list[str]:
    """Seven weekday names, Monday first."""
    days = Locale.parse(locale).days["format"]["wide"]
    return [str(days[i]) for i in range(7)]


def months(locale: str) -> list[str]:
    """Twelve month names, January first (Russian: the nominative, where `format` would be the genitive)."""
    names = Locale.parse(locale).months["stand-alone" if locale == "ru" else "format"]["wide"]
    return [str(names[i]) for i in range(1, 13)]


def cities(locale: str, zones: str) -> list[str]:
    """Exemplar cities of IANA time zones separated by spaces; where CLDR has none the zone's own name is
    the city's."""
    known = Locale.parse(locale).time_zones
    return [str(known.get(zone, {}).get("city") or zone.split("/")[-1]) for zone in zones.split()]
