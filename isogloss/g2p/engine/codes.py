"""Names of languages as callers write them: ISO 639-3, ISO 639-1, BCP 47, Epitran's codes, English names."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import cache

import langcodes

from isogloss.languages import LANGUAGES

# What a macrolanguage, or a code that was retired, stands for here.
_MEANT = {"zho": "cmn", "nor": "nob", "est": "est", "msa": "msa", "hbs": "srp", "tgl": "tgl", "fil": "tgl"}
_LONGEST = 80


def candidates(language: str) -> Iterator[str]:
    """Codes that a caller may mean, the likeliest first: as written, then as a tag, then as a name.

    A region says how a country speaks, which no converter here knows: `fr-FR` and `fr-CA` are `fra`.
    """
    yield language
    if len(language) > _LONGEST:
        return
    written = language.strip().replace("_", "-").lower()
    iso, _, rest = written.partition("-")
    script, _, variant = rest.partition("-")
    if script:
        yield "-".join(filter(None, (iso, script.title(), variant)))
    else:
        yield iso
    try:
        tag = langcodes.Language.get(written)
        alpha3 = tag.to_alpha3() if tag.language else ""
    except (langcodes.LanguageTagError, LookupError):
        alpha3, tag = "", None
    for code in filter(None, (alpha3, _MEANT.get(alpha3, ""), _MEANT.get(iso, ""))):
        if tag is not None and tag.script:
            yield f"{code}-{tag.script}"
        else:
            yield code
    if named := _names().get(written):
        yield named


def suggestion(language: str, known: Iterable[str]) -> str:
    """What to use instead of a code that is not known."""
    known = list(known)
    same = [code for code in known if len(language) >= 3 and code.startswith(language[:3].lower() + "-")]
    if same:
        return f"Use one of: {', '.join(same)}."
    near = get_close_matches(language.lower()[:_LONGEST], [*_names(), *known], n=3, cutoff=0.6)
    if near:
        return f"Did you mean {' or '.join(_names().get(name, name) for name in near)}?"
    return "ListLanguages names them all; eng, fra, rus are some."


@cache
def _names() -> dict[str, str]:
    """ISO 639-3 by name in lower case."""
    return {item.name.lower(): item.epitran or item.iso639_3 for item in LANGUAGES.values()}
