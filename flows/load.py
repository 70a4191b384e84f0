"""Reading a profile, by name or by path, and narrowing it to what was asked for."""

import copy
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from flows.atlas import EVERYTHING, everything
from flows.mistakes import as_invalid
from flows.profile import Profile
from isogloss.errors import InvalidInput
from isogloss.languages import language

PROFILES = Path(__file__).with_name("profiles")
_MAX_BYTES = 2**20


def load(
    name: str,
    *,
    data: str | None = None,
    tasks: list[str] | None = None,
    languages: list[str] | None = None,
    tables: list[str] | None = None,
    options: dict[str, Any] | None = None,
) -> Profile:
    """The profile of this name in `flows/profiles`, or in this file, narrowed to what was asked for.

    `data` is the location of a mirror; `tasks` and `tables` keep a part; `languages` keeps a part, and adds
    what no table lists to all of them; `options` replaces fields by dotted path (`{"table3.seeds": 5}`; what
    is in `tables` may be named without it). Raises `InvalidInput` naming the field.
    """
    path, plain = _read(name)
    if data is not None:
        plain["source"] = {**_mapping(plain.get("source", {}), "source"), "kind": "mirror", "location": data}
    else:
        _look_beside(plain, path)
    for option, value in (options or {}).items():
        _replace(plain, option, value)
    _give_languages(plain)
    profile = _with_everything(plain, path)
    narrowed = copy.deepcopy(plain)
    for keep, names in ((_keep_tables, tables), (_keep_tasks, tasks), (_keep_languages, languages)):
        if names is not None:
            keep(narrowed["tables"], profile, names)
    profile = _validated(narrowed, path)
    if not profile.live:
        fix = "A table needs a task and two languages, its reference among them."
        raise InvalidInput("tables", "nothing is left to run", fix)
    return profile


def _read(name: str) -> tuple[Path, dict[str, Any]]:
    by_path = name.endswith((".yaml", ".yml")) or "/" in name
    path = Path(name) if by_path else PROFILES / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(item.stem for item in PROFILES.glob("*.yaml")))
        problem = f"no file {name}" if by_path else f"unknown profile {name!r}"
        raise InvalidInput("profile", problem, f"Use one of: {known}; or the path of a file of your own.")
    if path.stat().st_size > _MAX_BYTES:
        raise InvalidInput("profile", f"{path} is larger than {_MAX_BYTES} bytes", "Give a profile, as YAML.")
    try:
        plain = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        detail = str(error).replace("\n", " ")
        raise InvalidInput("profile", f"{path} is not YAML: {detail}", "Mend it there.") from None
    if not isinstance(plain, dict):
        raise InvalidInput("profile", f"{path} holds no fields", "Start from one in flows/profiles.")
    return path, _unshared(plain)


def _look_beside(plain: dict[str, Any], path: Path) -> None:
    """What a file of one's own names by a relative path lies beside it, wherever the run is started from."""
    source = plain.get("source")
    if path.parent == PROFILES or not isinstance(source, dict):
        return
    location = source.get("location")
    if source.get("kind") != "mirror":
        source.setdefault("files", str(path.parent))
    elif isinstance(location, str) and "://" not in location:
        source["location"] = str(path.parent / Path(location).expanduser())


def _unshared(value: Any) -> Any:
    """A copy in which YAML's anchors are copies, too: an option replaces one field and not its namesakes."""
    if isinstance(value, dict):
        return {name: _unshared(inner) for name, inner in value.items()}
    return [_unshared(inner) for inner in value] if isinstance(value, list) else value


def _give_languages(plain: dict[str, Any]) -> None:
    """`languages:` of a profile are those of every table that lists none."""
    codes = plain.pop("languages", None)
    for table in _mapping(plain.get("tables", {}), "tables").values():
        if codes is not None and isinstance(table, dict):
            table.setdefault("languages", codes)


def _with_everything(plain: dict[str, Any], path: Path) -> Profile:
    """The profile, with all languages at hand in the place of `languages: all` of an atlas."""
    asked = [
        table
        for table in plain["tables"].values()
        if isinstance(table, dict) and table.get("kind") == "atlas" and table.get("languages") == EVERYTHING
    ]
    if asked:
        for table in asked:
            table["languages"] = []
        at_hand = everything(_validated(plain, path))
        for table in asked:
            table["languages"] = list(at_hand)
    return _validated(plain, path)


def _validated(plain: dict[str, Any], path: Path) -> Profile:
    try:
        return Profile.model_validate(plain)
    except ValidationError as error:
        raise as_invalid(error, Profile, path) from error


def _replace(plain: dict[str, Any], option: str, value: Any) -> None:
    *parents, last = option.split(".")
    if parents and parents[0] in plain.get("tables", {}):
        parents.insert(0, "tables")
    node: Any = plain
    for parent in parents:
        node = node.setdefault(parent, {}) if isinstance(node, dict) else None
    if not isinstance(node, dict):
        fix = "Use dotted names, such as table3.seeds."
        raise InvalidInput("options", f"no field {option!r} in the profile", fix)
    node[last] = value


def _keep_tables(tables: dict[str, Any], profile: Profile, names: list[str]) -> None:
    _check_names("tables", "table", names, list(profile.tables))
    for name in set(tables) - set(names):
        del tables[name]


def _keep_tasks(tables: dict[str, Any], profile: Profile, names: list[str]) -> None:
    known = dict.fromkeys(task for table in profile.tables.values() for task in table.tasks)
    _check_names("tasks", "task", names, list(known))
    for name, table in list(tables.items()):
        kept = [task for task in profile.tables[name].tasks if task in names]
        if not kept:
            del tables[name]
        elif "tasks" in table:
            table["tasks"] = kept
            if table.get("figure_task") not in (None, *kept):
                table["figure_task"] = kept[0]


def _keep_languages(tables: dict[str, Any], profile: Profile, codes: list[str]) -> None:
    if not codes:
        raise InvalidInput("languages", "none is given", "Use ISO 639-3 codes, such as eng,kor.")
    codes = [language(code, "languages", profile.registry).code for code in dict.fromkeys(codes)]
    listed = {code for table in profile.tables.values() for code in table.languages}
    added = [code for code in codes if code not in listed]
    for name, table in list(tables.items()):
        kept = [code for code in profile.tables[name].languages if code in codes]
        table["languages"] = kept + added
        if len(table["languages"]) < 2 or table.get("reference") not in (None, *table["languages"]):
            del tables[name]  # no reference, no gap


def _check_names(field: str, what: str, names: list[str], known: list[str]) -> None:
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        problem = f"unknown {what} {', '.join(unknown) or '(none given)'}"
        raise InvalidInput(field, problem, f"Use: {', '.join(known)}.")


def _mapping(value: Any, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidInput(field, "holds no fields", "Write it as in flows/profiles/sample.yaml.")
    return value
