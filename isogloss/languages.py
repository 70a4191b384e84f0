"""The twelve languages of the paper (sections 3.2 and 3.6), by their code in each resource.

Elsewhere a language is its ISO 639-3 code; only the readers of a resource translate it.
"""

import re
from dataclasses import dataclass
from types import MappingProxyType

from isogloss.errors import InvalidInput


@dataclass(frozen=True)
class Language:
    """One language and what each resource calls it; None where the resource does not have it or is not used
    for it.
    """

    iso639_3: str
    name: str
    script: str  # ISO 15924, of the orthography that the paper's models read
    epitran: str  # language-script code of the Epitran map
    treebank: str | None  # Universal Dependencies 2.13, as in the file names of the releases
    wikiann: str | None  # WikiAnn's ISO 639-1 code
    xnli: str | None  # XNLI's ISO 639-1 code
    flores: str  # FLORES-200 code


_TABLE = (
    Language("eng", "English", "Latn", "eng-Latn", "en_ewt", "en", "en", "eng_Latn"),
    Language("fra", "French", "Latn", "fra-Latn", "fr_gsd", "fr", "fr", "fra_Latn"),
    Language("rus", "Russian", "Cyrl", "rus-Cyrl", "ru_taiga", "ru", "ru", "rus_Cyrl"),
    Language("ita", "Italian", "Latn", "ita-Latn", "it_isdt", "it", None, "ita_Latn"),
    Language("hun", "Hungarian", "Latn", "hun-Latn", "hu_szeged", "hu", None, "hun_Latn"),
    Language("ukr", "Ukrainian", "Cyrl", "ukr-Cyrl", "uk_iu", "uk", None, "ukr_Cyrl"),
    Language("kor", "Korean", "Hang", "kor-Hang", "ko_kaist", "ko", None, "kor_Hang"),
    Language("tur", "Turkish", "Latn", "tur-Latn", "tr_kenet", "tr", "tr", "tur_Latn"),
    Language("fin", "Finnish", "Latn", "fin-Latn", "fi_tdt", "fi", None, "fin_Latn"),
    Language("hin", "Hindi", "Deva", "hin-Deva", "hi_hdtb", "hi", "hi", "hin_Deva"),
    Language("swa", "Swahili", "Latn", "swa-Latn", None, None, "sw", "swh_Latn"),
    Language("urd", "Urdu", "Arab", "urd-Arab", None, None, "ur", "urd_Arab"),
)

LANGUAGES = MappingProxyType({language.iso639_3: language for language in _TABLE})


def language(code: str, field: str = "language") -> Language:
    """Look up an ISO 639-3 code; `InvalidInput` on `field` when it is not one of ours."""
    try:
        return LANGUAGES[code]
    except KeyError:
        known = ", ".join(LANGUAGES)
        raise InvalidInput(
            field, f"unknown language {code!r}", f"Use an ISO 639-3 code of: {known}."
        ) from None


_CODE = re.compile(r"[a-z]{3}(-[A-Z][a-z]{3})?")


def check_code(code: str, field: str = "language") -> str:
    """A well-formed code: ISO 639-3, and ISO 15924 where a language has several scripts (`uzb-Cyrl`).

    For services, which know no language: what they need of one stands in the request.
    """
    if not _CODE.fullmatch(code):
        fix = "Use ISO 639-3, such as 'eng', with a script where needed, such as 'uzb-Cyrl'."
        raise InvalidInput(field, f"not a language code: {code!r}", fix)
    return code
