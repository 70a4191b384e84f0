"""One's own data: files and data sets of the hub that an experiment's `data:` names, before all others."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from isogloss.languages import Language
from isogloss.languages import language as lookup
from sources import hub_client
from sources.checksums import Checksums
from sources.corpus import Corpus, corpus_named
from sources.data import FileData, HubData, check_keys, choice_of, covers, filled, split_called
from sources.dataset import Dataset, SourceFile, sha256
from sources.errors import MissingSplit, SourceError
from sources.formats import parse
from sources.mirror import MirrorSource
from sources.places import Directory, Place, open_place
from sources.source import RawSource


class OwnSource:
    """A `RawSource` over `data` and, for what it does not name, another source. Thread-safe."""

    def __init__(
        self,
        base: RawSource,
        data: Mapping[str, FileData | HubData | Mapping[str, Any]],
        corpora: Mapping[str, Corpus],
        languages: Mapping[str, Language],
        place: Place,
    ) -> None:
        for task, choices in data.items():
            if task not in corpora:
                known = ", ".join(corpora)
                raise SourceError(
                    f"data.{task}", "no task of this name", f"Use one of: {known}; or add it to `tasks:`."
                )
            check_keys(choices, f"data.{task}", languages)
        self._base = base
        self._data = data
        self._corpora = corpora
        self._languages = languages
        self._place = place
        self.kind = base.kind
        self.location = base.location

    def splits(self, task: str, language: str) -> tuple[str, ...]:
        """See `RawSource`."""
        base: tuple[str, ...] | None = None
        there = []
        for split in corpus_named(task, self._corpora).splits:
            if self._is_own(task, language, split):
                found = self._is_there(task, language, split)
            else:
                base = self._base.splits(task, language) if base is None else base
                found = split in base
            there += [split] if found else []
        return tuple(there)

    def paths(self, task: str, language: str, split: str) -> tuple[str, ...]:
        """See `RawSource`."""
        if not self._is_own(task, language, split):
            return self._base.paths(task, language, split)
        choice = self._choice(task, language, split)
        if choice is None:
            return (f"data.{task}.{language}.{split}",)
        if isinstance(choice, HubData):
            config = self._filled(choice.config, task, language, split)
            return (f"{choice.hub}/{config}/{split_called(choice, split)}",)
        place, path = self._file(choice, task, language, split)
        return (place.label(path),)

    def read(self, task: str, language: str, split: str) -> Dataset:
        """See `RawSource`."""
        if not self._is_own(task, language, split):
            dataset = self._base.read(task, language, split)
            named = self._choice(task, language, split) if task in self._data else None
            return replace(dataset, license=named.license) if named else dataset
        corpus, record = corpus_named(task, self._corpora), lookup(language, registry=self._languages)
        choice, field = self._choice(task, language, split), f"data.{task}"
        if isinstance(choice, HubData):
            config = self._filled(choice.config, task, language, split)
            parsed, files = read_hub(choice, config, split_called(choice, split), corpus, record)
        else:
            place, path = self._file(choice, task, language, split) if choice else (None, "")
            if choice is None or place is None or not place.exists(path):
                tried = self.paths(task, language, split)
                raise MissingSplit(f"{task} {split} for {language}", tried, f"Add it, or correct {field}.")
            data, sums = place.read(path), Checksums(place)
            file = SourceFile(path, sums.revision, sha256(data), len(data))
            sums.verify(file)
            parsed = parse(
                corpus, data, place.label(path), record, choice.format, choice.columns, f"{field}.columns"
            )
            files = (replace(file, name=self._written(choice, task, language, split)),)
        return Dataset(task, language, split, parsed.table, files, parsed.notes, choice.license)

    def _is_own(self, task: str, language: str, split: str) -> bool:
        """Whether `data:` names it, and the mirror has no copy of just that: then the copy is read, so that a
        mirror that `isogloss mirror` filled serves machines that reach neither the hub nor the files.
        """
        record = lookup(language, registry=self._languages)
        corpus_named(task, self._corpora)
        if task not in self._data or not covers(self._data[task], record):
            return False
        choice = self._choice(task, language, split)
        if choice is None or not isinstance(self._base, MirrorSource):
            return True
        origins = self._base.made_of(task, language, split)
        if isinstance(choice, HubData):
            return not _all_of(origins, f"{choice.hub}/", choice.revision)
        return {str(item.get("name", "")) for item in origins} != {
            self._written(choice, task, language, split)
        }

    def _choice(self, task: str, language: str, split: str) -> FileData | HubData | None:
        return choice_of(self._data[task], lookup(language, registry=self._languages), split)

    def _is_there(self, task: str, language: str, split: str) -> bool:
        choice = self._choice(task, language, split)
        if choice is None:
            return False
        if isinstance(choice, HubData):
            return split in choice.splits if choice.splits else split in ("train", "dev", "test")
        place, path = self._file(choice, task, language, split)
        return place.exists(path)

    def _file(self, choice: FileData, task: str, language: str, split: str) -> tuple[Place, str]:
        """The place and the path in it: below the mirror or the experiment's folder, or absolute."""
        path = self._written(choice, task, language, split)
        if path.startswith("~"):
            path = str(Path(path).expanduser())
        if path.startswith("s3://"):
            folder, _, name = path.rpartition("/")
            return open_place(folder), name
        if path.startswith("/"):
            absolute = Path(path)
            parent = absolute.parent if absolute.parent.is_dir() else Path("/")
            return Directory(parent), str(absolute.relative_to(parent))
        return self._place, path

    def _written(self, choice: FileData, task: str, language: str, split: str) -> str:
        """The path as the experiment has it: the same on every machine, and the whole of it."""
        return self._filled(choice.path, task, language, split_called(choice, split))

    def _filled(self, template: str, task: str, language: str, split: str) -> str:
        record = lookup(language, registry=self._languages)
        return filled(template, record, split, f"data.{task}")


def _all_of(origins: Sequence[Mapping[str, str | int]], name: str, revision: str) -> bool:
    """Whether a mirror's file was made of files of this name, at this revision where there is one."""
    return bool(origins) and all(
        str(item.get("name", "")).startswith(name) and (not revision or item.get("revision") == revision)
        for item in origins
    )


def read_hub(choice: HubData, config: str, split: str, corpus: Corpus, language: Language) -> Any:
    """A split of a data set of the hub; imports its libraries."""
    hub_client.import_libraries()
    from sources.hub import read_split

    return read_split(choice.hub, choice.revision, config, split, corpus, choice.columns, language)
