"""A mistake in a profile, as one error that names the field and the fix."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from isogloss.errors import InvalidInput
from isogloss.languages import LANGUAGES, language

_KIND = "mistake"
_LANGUAGES = {"languages", "reference", "source_language", "figure_languages"}
_TAGS = {"files", "hub", "each"}  # that pydantic puts between the fields of `data`
_SAID = re.compile(r"((?P<field>[a-z_][\w.]*): )?(?P<problem>.*?)(; (?P<fix>.*))?$", re.DOTALL)
"""What a ValueError of ours says: `field: problem; fix`, of which only the problem must be there."""
_SOURCE = "Write source: {kind: mirror, location: FOLDER}, or kind: sample, or kind: hub."
_ALL = "`isogloss profile schema` says what every field holds."


def mistake(field: str, problem: str, fix: str) -> ValueError:
    """What a validator of a profile raises; `field` by its dotted name."""
    return PydanticCustomError(
        _KIND, "{field}: {problem}. {fix}", {"field": field, "problem": problem, "fix": fix}
    )


def as_invalid(error: ValidationError, model: type[BaseModel], path: Path) -> InvalidInput:
    """The first thing that pydantic finds, a field that there is none of before what is then missing."""
    found = min(error.errors(), key=lambda item: item["type"] != "extra_forbidden")
    place = [str(part) for part in found["loc"]]
    if place[:1] in (["tables"], ["models"]):
        del place[2:3]  # pydantic's name of the kind
    if place[:1] == ["data"]:
        place = [part for part in place if part not in _TAGS]
    field, fix = ".".join(place) or "profile", f"Mend it in {path.name} or the options."
    match found["type"]:
        case "mistake":
            context = found["ctx"]
            return InvalidInput(context["field"], context["problem"], context["fix"])
        case "extra_forbidden":
            alike = get_close_matches(place[-1], sorted(_fields(model.model_json_schema())), n=3, cutoff=0.7)
            meant = f"Did you mean {' or '.join(alike)}? " if alike else ""
            return InvalidInput(field, "there is no such field", f"{meant}{_ALL}")
        case "missing":
            return InvalidInput(field, "is missing", _SOURCE if place == ["source"] else f"Give it. {_ALL}")
        case "string_pattern_mismatch" if "languages" in place or place[-1] in (
            "reference",
            "source_language",
        ):
            return _no_language(field, str(found["input"]))
    if found["type"] == "value_error" and (said := _SAID.match(str(found["ctx"]["error"]))):
        field = ".".join(filter(None, (field if place else "", said["field"]))) or field
        return InvalidInput(field, said["problem"], f"{_capital(said['fix'])}." if said["fix"] else fix)
    return InvalidInput(field, f"{found['msg']}{_given(found['input'])}", fix)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _given(value: Any) -> str:
    return f", and not {value!r}" if isinstance(value, str | int | float) and len(repr(value)) < 40 else ""


def _no_language(field: str, code: str) -> InvalidInput:
    try:
        language(code, field, LANGUAGES)
    except InvalidInput as error:
        return error
    return InvalidInput(field, f"{code[:40]!r} is no code", "Use ISO 639-3, such as fra.")


def _fields(schema: Mapping[str, Any]) -> set[str]:
    """The names of all fields, at whatever depth."""
    places = [schema, *schema.get("$defs", {}).values()]
    return {name for place in places for name in place.get("properties", {})}
