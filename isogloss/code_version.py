"""The version of what computes, as keys hold it: our sources as they were loaded, and whatever else can
change a result.

A process says it of itself when it starts (`version_of` at import, or the child's first word): were sources
read when a request comes, an edit of a running checkout would file old results under new code's keys.
"""

import hashlib
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import metadata, util
from pathlib import Path

from isogloss.errors import Unavailable

_DATA = (".json", ".yaml", ".tsv", ".csv", ".txt")  # read beside the modules of a package
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|(?:[^\n\\]|\\\n)+)|import[ \t]+([\w., \t]+))",
    re.M,
)
_FOR_TYPES = re.compile(r"^([ \t]*)if (?:typing\.)?TYPE_CHECKING:\n(?:\1[ \t]+.*\n|[ \t]*\n)*", re.M)


@dataclass(frozen=True)
class CodeVersion:
    """`sources` is a hash of our modules, `environment` the rest by name: versions, device, precision."""

    sources: str
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Both as one word."""
        rest = "".join(f"{name}={value}\n" for name, value in sorted(self.environment.items()))
        return f"{self.sources}-{hashlib.sha256(rest.encode()).hexdigest()[:16]}"

    def __add__(self, other: "CodeVersion") -> "CodeVersion":
        """Two processes that compute together, such as a server and its child."""
        both = hashlib.sha256(f"{self.sources}+{other.sources}".encode()).hexdigest()[:16]
        return CodeVersion(both, {**self.environment, **other.environment})


def version_of(*entries: str, libraries: Iterable[str] = (), **environment: str) -> CodeVersion:
    """The version of a process that runs modules `entries` and computes with `libraries`; to be called when
    they are loaded. `environment` is what else changes its results.
    """
    return CodeVersion(
        sources(*entries),
        {
            "python": f"{sys.version_info.major}.{sys.version_info.minor}",
            "unicode": unicodedata.unidata_version,
            **library_versions(libraries),
            **environment,
        },
    )


def sources(*entries: str, root: Path | None = None) -> str:
    """16 hex digits of every module of ours that importing `entries` loads, at once or later, and of the data
    beside them.

    Any change makes new keys, a comment too: a result recomputed once too often is cheap, a stale one is not.
    `root` is where the packages lie, by default where Python finds them.
    """
    digest = hashlib.sha256()
    modules = modules_of(*entries, root=root)
    files = {name: path for name, path in modules.items() if path.is_file()}
    for folder in {path.parent for path in files.values()}:
        beside = [*folder.iterdir(), *folder.glob("data/**/*")]
        files |= {str(path.relative_to(folder.parent)): path for path in beside if path.suffix in _DATA}
    for name, path in sorted(files.items()):
        digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]


def refuse_other_sources(loaded: CodeVersion, *entries: str) -> None:
    """`Unavailable` when the sources have changed since they were loaded: what is loaded late, is loaded from
    the disk of now.
    """
    if sources(*entries) != loaded.sources:
        raise Unavailable("the sources have changed since this server has started: start it again")


def modules_of(*entries: str, root: Path | None = None) -> dict[str, Path]:
    """The files of `entries` and of all modules of the same packages that they import, by module, whether at
    the top or inside of functions; imports for type checkers alone are left out. Nothing is imported.
    """
    packages = {entry.partition(".")[0] for entry in entries} | {"isogloss"}
    modules: dict[str, Path] = {}
    todo = list(entries)
    while todo:
        name = todo.pop()
        if name in modules or name.partition(".")[0] not in packages:
            continue
        path = _file_of(name, root)
        if path is None:  # an attribute of a module, not a module
            continue
        modules[name] = path
        if "." in name:
            todo.append(name.rpartition(".")[0])
        if path.is_file():
            todo += _imports(path.read_text(encoding="utf-8"), name, path.name == "__init__.py")
    return modules


def _file_of(module: str, root: Path | None) -> Path | None:
    """A module's file, or the folder of a package that has none."""
    top, *rest = module.split(".")
    place = (root / top if root else _folder(top)).joinpath(*rest)
    for file in (place.with_suffix(".py"), place / "__init__.py"):
        if file.is_file():
            return file
    return place if place.is_dir() else None


def _folder(package: str) -> Path:
    spec = util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(package)
    return Path(next(iter(spec.submodule_search_locations)))


@lru_cache(maxsize=1024)
def _imports(source: str, module: str, is_package: bool) -> tuple[str, ...]:
    """Names that the import statements may mean: of `from a import b`, both `a` and `a.b`. By regular
    expressions, since parsing would take a third of the time in which a service starts; what they find too
    much, such as an example in a docstring, makes more keys and no wrong ones.
    """
    return tuple(_read_imports(source, module, is_package))


def _read_imports(source: str, module: str, is_package: bool) -> Iterator[str]:
    for match in _IMPORT.finditer(_FOR_TYPES.sub("", source)):
        base, imported, modules = match.groups()
        if modules:
            yield from (name.split()[0] for name in modules.split(",") if name.strip())
            continue
        dots = len(base) - len(base.lstrip("."))
        package = module.split(".") if is_package else module.split(".")[:-1]
        near = package[: len(package) - dots + 1] if dots else []
        origin = ".".join([*near, *filter(None, [base.lstrip(".")])])
        yield origin
        names = re.sub(r"#.*", "", imported).strip("()").replace("\\", " ")
        yield from (f"{origin}.{name.split()[0]}" for name in names.split(",") if name.strip())


def library_versions(libraries: Iterable[str]) -> dict[str, str]:
    """Installed versions by distribution name, read without importing anything."""
    return {name: metadata.version(name) for name in libraries}
