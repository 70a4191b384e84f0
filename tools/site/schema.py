"""The page of a profile's fields, made of its JSON schema."""

import json
from collections.abc import Iterator, Mapping
from typing import Any


def page() -> str:
    """Markdown: a table of fields for the profile and for each record in it."""
    from flows.profile import Profile

    schema = Profile.model_json_schema()
    lines = [
        "# A profile's fields",
        "",
        "What a file for `--profile FILE` may hold. `isogloss profile schema` prints it as JSON schema,",
        "and `isogloss profile check FILE` names a field that is wrong, before anything runs.",
        "",
    ]
    lines += _record("Profile", schema)
    for name, record in schema.get("$defs", {}).items():
        lines += _record(name, record)
    return "\n".join(lines) + "\n"


def _record(name: str, record: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"## {name}", "")
    if record.get("description"):
        yield from (" ".join(record["description"].split()), "")
    if "enum" in record:
        yield from ("One of " + ", ".join(f"`{value}`" for value in record["enum"]) + ".", "")
    if record.get("properties"):
        yield from ("| field | holds | default | |", "| --- | --- | --- | --- |")
        for field, described in record["properties"].items():
            default = "required" if field in record.get("required", ()) else _default(described)
            text = " ".join(described.get("description", "").split()).replace("|", "\\|")
            yield f"| `{field}` | {_type(described)} | {default} | {text} |"
        yield ""


def _type(described: Mapping[str, Any]) -> str:
    if "$ref" in described:
        name = described["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for one_of in ("anyOf", "oneOf"):
        if one_of in described:
            return " or ".join(dict.fromkeys(_type(item) for item in described[one_of]))
    if "enum" in described:
        return ", ".join(f"`{value or json.dumps(value)}`" for value in described["enum"])
    if "const" in described:
        return f"`{described['const']}`"
    if described.get("type") == "array":
        return f"list of {_type(described.get('items', {}))}"
    if described.get("type") == "object":
        inner = described.get("additionalProperties")
        return f"by name: {_type(inner)}" if isinstance(inner, dict) else "fields"
    return str(described.get("type", "anything"))


def _default(described: Mapping[str, Any]) -> str:
    if described.get("default") in (None, {}, []):
        return ""
    return f"`{json.dumps(described['default'], ensure_ascii=False)}`".replace("|", "\\|")
