"""The table of languages: whole, true to the resources' own lists, and easy to ask."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from isogloss.cli import build
from isogloss.errors import InvalidInput
from isogloss.g2p.engine import catalog, espeak
from isogloss.languages import FIELDS, LANGUAGES, Language, check_code, extended, language
from tests.conftest import ROOT

RESOURCES: dict[str, Any] = json.loads((ROOT / "tools" / "language_resources.json").read_text())


def test_all_that_g2p_converts_is_there() -> None:
    """Per language and script; variants of a map (fra-Latn-p) are no languages, nor is generic-Latn. Which of
    them only espeak-ng reads is said.
    """
    converted = {
        (code.partition("-")[0], entry.script.capitalize() or "Latn")
        for code, entry in catalog.entries().items()
    }
    assert {r.epitran for r in LANGUAGES.values() if r.backend == espeak.NAME} == {*espeak.ONLY}
    known = {(record.iso639_3, record.script) for record in LANGUAGES.values()}
    assert known == converted - {("generic", "Latn")}
    assert len({record.iso639_3 for record in LANGUAGES.values()}) == 155
    for code, record in LANGUAGES.items():
        assert code == record.code
        assert catalog.resolve(record.epitran or "").code == record.epitran


def test_no_two_languages_have_one_name() -> None:
    """Scripts of one language share its name; a macrolanguage beside its member says what it is."""
    codes: dict[str, set[str]] = {}
    for record in LANGUAGES.values():
        codes.setdefault(record.name, set()).add(record.iso639_3)
    assert {name: isos for name, isos in codes.items() if len(isos) > 1} == {}
    assert (LANGUAGES["nep"].name, LANGUAGES["npi"].name) == ("Nepali (macrolanguage)", "Nepali")


@pytest.mark.parametrize("resource", ["flores", "ntrex", "wikiann", "xnli"])
def test_names_are_in_the_resources_lists(resource: str) -> None:
    names = [name for record in LANGUAGES.values() if (name := getattr(record, resource))]
    assert set(names) <= set(RESOURCES[resource]["names"])
    assert len(names) == len(set(names)), "two languages with one name"


def test_treebanks_are_of_universal_dependencies_2_13() -> None:
    published = {item["code"]: item for item in RESOURCES["ud"]["treebanks"]}
    named = [record for record in LANGUAGES.values() if record.treebank]
    assert len(named) > 60
    for record in named:
        item = published[str(record.treebank)]
        assert record.repository == item["repository"]
        # UD gives both written forms of Norwegian the code of Norwegian.
        assert record.iso639_3 == item["iso639_3"] or record.code in ("nno", "nob")
        assert record.script in item["scripts"] or item["scripts"] in (["Hani"], ["Jpan"])


def test_no_language_of_a_resource_was_forgotten() -> None:
    """What has a row's ISO code in FLORES-200 or NTREX has that row's name."""
    by_place = {(record.iso639_3, record.script): record for record in LANGUAGES.values()}
    for name in RESOURCES["flores"]["names"]:
        iso, _, script = name.partition("_")
        if (iso, script) in by_place:
            assert by_place[iso, script].flores == name
    isos = {record.iso639_3 for record in LANGUAGES.values()}
    called = {record.ntrex for record in LANGUAGES.values()}
    assert {name for name in RESOURCES["ntrex"]["names"] if name in isos} <= called


def test_the_files_at_hand_are_found(shared_data: Path) -> None:
    flores = {path.name.partition(".")[0] for path in (shared_data / "flores").glob("*.devtest*")}
    assert flores <= {record.flores for record in LANGUAGES.values()}
    ntrex = {path.name.partition(".")[0] for path in (shared_data / "ntrex").glob("*.txt.gz")}
    assert ntrex <= {f"{record.iso639_3}_{record.script}" for record in LANGUAGES.values() if record.ntrex}
    for path in (shared_data / "wikiann").iterdir():
        assert LANGUAGES[path.name].wikiann
    treebanks = {path.name.partition("-ud-")[0] for path in (shared_data / "ud" / "conllu").iterdir()}
    assert treebanks <= {record.treebank for record in LANGUAGES.values()}


def test_the_table_is_what_the_tool_writes() -> None:
    command = [sys.executable, "tools/languages.py", "--check"]
    subprocess.run(command, cwd=ROOT, check=True, env={"PYTHONPATH": str(ROOT)})


def test_the_papers_languages_are_called_as_they_were() -> None:
    assert LANGUAGES["swa"].flores == "swh_Latn"
    treebanks = [LANGUAGES[code].treebank for code in ("eng", "fra", "rus", "tur", "kor")]
    assert treebanks == ["en_ewt", "fr_gsd", "ru_taiga", "tr_kenet", "ko_kaist"]


def test_every_language_has_a_family() -> None:
    assert all(record.family for record in LANGUAGES.values())
    assert LANGUAGES["fin"].family == LANGUAGES["hun"].family == "Uralic"
    assert LANGUAGES["kor"].family == "Koreanic"


@pytest.mark.parametrize(
    ("code", "record"),
    [("fra", "fra"), ("uzb-Cyrl", "uzb-Cyrl"), ("fra-Latn", "fra"), ("yue-Hant", "yue-Hant")],
)
def test_a_code_with_or_without_its_script(code: str, record: str) -> None:
    assert language(code).code == record


@pytest.mark.parametrize(
    ("code", "fix"),
    [
        ("uzb", "Use uzb-Cyrl or uzb-Latn."),
        ("uzb-Arab", "Use uzb-Cyrl or uzb-Latn."),
        ("fr", "Use fra."),
        ("French", "Use fra."),
        ("ENG", "Use eng."),
        ("swh_Latn", "Use swa."),
        ("frra", "fra"),
        ("", "Use an ISO 639-3 code, such as fra."),
        ("x" * 10_000, "Use an ISO 639-3 code, such as fra."),
    ],
)
def test_near_misses_are_told_what_was_meant(code: str, fix: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        language(code, "languages.3")
    assert caught.value.field == "languages.3"
    assert fix in caught.value.message
    assert len(caught.value.message) < 300


def test_an_experiment_brings_its_own() -> None:
    tatar = Language("olo", "olo", "Tatar", "Turkic", "Cyrl", wikiann="tt", flores="olo_Cyrl")
    registry = extended([tatar])
    assert language("olo", registry=registry) is tatar
    assert language("fra", registry=registry) is LANGUAGES["fra"]
    with pytest.raises(InvalidInput):
        language("olo")
    other = dataclasses.replace(LANGUAGES["eng"], treebank="en_gum", repository="UD_English-GUM")
    assert language("eng", registry=extended([other])).treebank == "en_gum"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"code": "tatar"}, "languages.code"),
        ({"code": "../x"}, "languages.code"),
        ({"iso639_3": "eng"}, "languages.olo.iso639_3"),
        ({"script": "cyrillic"}, "languages.olo.script"),
        ({"name": " "}, "languages.olo.name"),
    ],
)
def test_a_language_that_is_none(fields: dict[str, str], named: str) -> None:
    whole = {"code": "olo", "iso639_3": "olo", "name": "Tatar", "family": "Turkic", "script": "Cyrl"}
    with pytest.raises(InvalidInput) as caught:
        Language(**{**whole, **fields})
    assert caught.value.field == named


@pytest.mark.parametrize("code", ["fra", "uzb-Cyrl", "tlh", "fra-Latn-p"])
def test_services_take_any_code_of_the_right_form(code: str) -> None:
    assert check_code(code) == code


@pytest.mark.parametrize("code", ["", "fr", "FRA", "fra_Latn", "fra-latn", "fra-Latn-", "fra\n", "a" * 100])
def test_other_forms_are_refused(code: str) -> None:
    with pytest.raises(InvalidInput, match="no code of a language"):
        check_code(code, "language")


def test_the_command_lists_them() -> None:
    app = build("languages")
    lines = CliRunner().invoke(app, ["languages"]).output.splitlines()
    assert lines[0].split("\t") == list(FIELDS)
    assert len(lines) == len(LANGUAGES) + 1
    with_xnli = CliRunner().invoke(app, ["languages", "--has", "xnli"]).output.splitlines()
    assert {line.partition("\t")[0] for line in with_xnli[1:]} == {
        code for code, record in LANGUAGES.items() if record.xnli
    }
    assert CliRunner().invoke(app, ["languages", "--has", "nothing"]).exit_code != 0
