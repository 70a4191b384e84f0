"""Writes isogloss/languages.tsv, the table of languages: `python tools/languages.py` (`--check` compares).

One row per language that G2P converts, and per script where it has several. Each column has one origin:

- code, script, epitran: Epitran's maps, English, the dictionaries, and what espeak-ng alone reads (then
  backend says so), which are what G2P converts; a map
  without a variant (`fra-Latn`) before one with (`fra-Latn-p`), else the first (`ood-Latn-alv`)
- name: CLDR's English (babel), else ISO 639-3's (python-iso639)
- family: the outermost family of Glottolog (CC BY 4.0), by way of qwanqwa; a macrolanguage has that of its
  members
- treebank, repository, wikiann, xnli, flores, ntrex: the names in the resources' own lists, which are in
  language_resources.json with their origin. A name belongs to the language whose ISO code it is; the others
  are in `ALIASES`.
"""

import json
import sys
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel import Locale
from iso639 import ALL_LANGUAGES
from iso639 import Language as Iso639
from qq import Database, IdType, Languoid

from isogloss.g2p.engine import epitran_data, espeak
from isogloss.g2p.engine.dictionary import SOURCES as DICTIONARIES
from isogloss.languages import FIELDS, TABLE

RESOURCES: dict[str, Any] = json.loads(Path(__file__).with_name("language_resources.json").read_text())

# Epitran's `generic-Latn` is no language.
NO_LANGUAGES = {"generic"}

# Epitran's codes of reconstructed languages; ISO 639-3 has no uew, and gives pii to Pini.
RECONSTRUCTED = {"pii": ("Proto-Indo-Iranian", "Indo-European"), "uew": ("Proto-Uralic", "Uralic")}

# Where a language has several scripts, the one that resources mean which name a language without a script.
MAIN_SCRIPT = {
    "aze": "Latn", "cmn": "Hans", "got": "Latn", "jpn": "Jpan", "kaz": "Cyrl", "kir": "Cyrl", "srp": "Cyrl",
    "tuk": "Latn", "uzb": "Latn", "yue": "Hant",
}  # fmt: skip

# What a resource calls a language by something else than its ISO code: the code of a macrolanguage's main
# member (arb for ara), of the macrolanguage itself (ne for npi), or the resource's own. None: the resource's
# name that would fit is of another language (WikiAnn's als is Alemannic).
ALIASES: dict[str, dict[str, str | None]] = {
    "flores": {
        "ara": "arb_Arab", "aze-Latn": "azj_Latn", "cmn-Hans": "zho_Hans", "cmn-Hant": "zho_Hant",
        "fas": "pes_Arab", "ful": "fuv_Latn", "lav": "lvs_Latn", "mon": "khk_Cyrl", "msa": "zsm_Latn",
        "ori": "ory_Orya", "orm": "gaz_Latn", "sqi": "als_Latn", "swa": "swh_Latn", "uzb-Latn": "uzn_Latn",
    },
    "ntrex": {
        "ara": "arb", "aze-Latn": "aze-Latn", "ckb": "ckb-Arab", "cmn-Hans": "zho-CN", "cmn-Hant": "zho-TW",
        "ful": "fuc", "nep": None, "npi": "nep", "pbu": "pus", "sna": "sna-Latn", "srp-Cyrl": "srp-Cyrl",
        "srp-Latn": "srp-Latn", "tgk": "tgk-Cyrl", "tgl": "fil",
    },
    "wikiann": {
        "cmn-Hans": "zh", "kmr": "ku", "nan": "zh-min-nan", "nep": None,
        "nob": "no", "npi": "ne", "pbu": "ps", "que": None, "quy": "qu",
        "yue-Hant": "zh-yue",
    },
    "xnli": {"cmn-Hans": "zh"},
}  # fmt: skip

# Of several treebanks of UD 2.13 the paper's (section 3.2), else Stanza's default where that is one of them,
# else the one whose text is the language's own (not PUD's translations, not a test set).
TREEBANKS = {
    "ara": "ar_padt", "cmn-Hans": "zh_gsdsimp", "cmn-Hant": "zh_gsd", "ces": "cs_pdt", "deu": "de_gsd",
    "ell": "el_gdt", "eng": "en_ewt", "est": "et_edt", "fas": "fa_perdt", "fin": "fi_tdt", "fra": "fr_gsd",
    "gle": "ga_idt",
    "glg": "gl_ctg", "heb": "he_htb", "hin": "hi_hdtb", "hye": "hy_armtdp", "ind": "id_gsd",
    "isl": "is_icepahc", "ita": "it_isdt", "jpn-Jpan": "ja_gsd",
    "kor": "ko_kaist", "lat": "la_ittb", "lav": "lv_lvtb", "lit": "lt_alksnis", "nld": "nl_alpino",
    "nno": "no_nynorsk",
    "nob": "no_bokmaal",
    "pol": "pl_pdb", "por": "pt_bosque", "ron": "ro_rrt", "rus": "ru_taiga", "slv": "sl_ssj",
    "spa": "es_ancora", "sqi": "sq_tsa", "swe": "sv_talbanken", "tam": "ta_ttb", "tgl": "tl_trg",
    "tur": "tr_kenet",
}  # fmt: skip


def codes() -> Iterator[tuple[str, str, str, str]]:
    """Code, ISO 639-3, script and Epitran's code of each language, sorted by code."""
    by_language: dict[str, dict[str, list[str]]] = {}
    for code in sorted({*epitran_data.codes(), "eng-Latn", *DICTIONARIES, *espeak.ONLY}):
        iso, _, rest = code.partition("-")
        if iso not in NO_LANGUAGES:
            script = rest[:4].capitalize() or "Latn"  # `pii-latn_Wiktionary`, `uew`
            by_language.setdefault(iso, {}).setdefault(script, []).append(code)
    for iso, scripts in by_language.items():
        for script, variants in scripts.items():
            yield iso if len(scripts) == 1 else f"{iso}-{script}", iso, script, min(variants, key=_plainness)


def _plainness(code: str) -> tuple[int, str]:
    return code.count("-"), code


def name_of(iso: str) -> str:
    """The English name."""
    if iso in RECONSTRUCTED:
        return RECONSTRUCTED[iso][0]
    record, names = Iso639.match(iso), Locale("en").languages
    name = names.get(record.part1 or iso) or names.get(iso) or record.name.partition(" (")[0]
    there = {known for _, known, _, _ in codes()}
    members = [item for item in ALL_LANGUAGES if item.macrolanguage == iso and item.part3 in there]
    alike = any(item.name.partition(" (")[0] == name for item in members)
    return f"{name} (macrolanguage)" if alike else str(name)  # nep beside npi


def family_of(iso: str, database: Database) -> str:
    """Glottolog's outermost family; a language that is its own family is called by its name."""
    if iso in RECONSTRUCTED:
        return RECONSTRUCTED[iso][1]
    members = [item.part3 for item in ALL_LANGUAGES if item.macrolanguage == iso]
    families = set[str]()
    for code in (iso, *members):
        try:
            languoid: Languoid = database.get(code, id_type=IdType.ISO_639_3)
        except KeyError:
            continue
        if languoid.root_family is not None and languoid.root_family.name != "Bookkeeping":
            families.add(
                str(languoid.root_family.name)
            )  # Glottolog's "Bookkeeping" holds what it no longer counts
    return ", ".join(sorted(families)) or name_of(iso)  # an isolate has no family above it


def treebank_of(code: str, iso: str, script: str) -> tuple[str, str]:
    """Code and repository of the treebank of UD 2.13, or nothing."""
    treebanks = RESOURCES["ud"]["treebanks"]
    if code in TREEBANKS:
        fitting = [item for item in treebanks if item["code"] == TREEBANKS[code]]
    else:
        scripts = {"Hani"} if script == "Hant" else {script}
        written = [item for item in treebanks if scripts & {*item["scripts"]} and "_pud" not in item["code"]]
        fitting = [item for item in written if item["iso639_3"] == iso]
    if len(fitting) > 1:
        raise SystemExit(f"{code}: choose one of {[item['code'] for item in fitting]} in TREEBANKS")
    return (fitting[0]["code"], fitting[0]["repository"]) if fitting else ("", "")


def called(resource: str, code: str, iso: str, script: str) -> str:
    """What a resource calls a language, or nothing."""
    names = RESOURCES[resource]["names"]
    if code in ALIASES[resource]:
        name = ALIASES[resource][code] or ""
        if name and name not in names:
            raise SystemExit(f"{resource} has no {name}: mend ALIASES")
        return name
    if resource == "flores":
        guesses = [f"{iso}_{script}"]
    elif MAIN_SCRIPT.get(iso, script) != script:
        guesses = []
    elif resource == "ntrex":
        guesses = [iso]
    else:
        guesses = [_part1(iso), iso]
    return next((guess for guess in guesses if guess in names), "")


def _part1(iso: str) -> str:
    return "" if iso in RECONSTRUCTED else Iso639.match(iso).part1 or ""


def rows() -> Iterator[dict[str, str]]:
    """The table."""
    warnings.simplefilter("ignore")  # codes that ISO has given up, among the members of macrolanguages
    database = Database.load()
    for code, iso, script, epitran in sorted(codes()):
        treebank, repository = treebank_of(code, iso, script)
        names = {name: called(name, code, iso, script) for name in ALIASES}
        yield {
            "code": code, "iso639_3": iso, "name": name_of(iso), "family": family_of(iso, database),
            "script": script, "epitran": epitran, "backend": espeak.NAME if epitran in espeak.ONLY else "",
            "treebank": treebank, "repository": repository, **names,
        }  # fmt: skip


def written(table: Iterable[dict[str, str]]) -> str:
    """As the file holds it."""
    lines = [
        "# Written by tools/languages.py. Families: Glottolog, CC BY 4.0 (glottolog.org).",
        "\t".join(FIELDS),
    ]
    return "\n".join([*lines, *("\t".join(row[field] for field in FIELDS) for row in table)]) + "\n"


if __name__ == "__main__":
    text = written(rows())
    if "--check" in sys.argv:
        sys.exit(
            0 if text == TABLE.read_text() else "isogloss/languages.tsv is not what tools/languages.py writes"
        )
    TABLE.write_text(text)
