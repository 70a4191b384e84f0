"""`data:` of an experiment: own files and data sets of the hub, by task.

    data:
      pos:                                   # files by language and split; columns by name or number
        fra: {train: {path: fr/train.conllu}, dev: {path: fr/dev.conllu}}
        tat: {path: "tt/{split}.tsv"}        # or one entry for all splits, or for all languages, too
      mood:
        path: "mood/{language}.{split}.csv"
        columns: {text: review, label: stars}
      intent:
        hub: owner/name
        revision: 0123456789abcdef0123456789abcdef01234567
        config: "{xnli}"
        columns: {text: utterance, label: intent}
      flores: {path: "ntrex/{iso639_3}_{script}.txt.gz"}

`{…}` in a path or a configuration is the split, or a field of the language's record: language (its code),
iso639_3, script, epitran, treebank, wikiann, xnli, flores, ntrex.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    ValidationError,
    field_validator,
)

from isogloss.languages import Language
from sources.errors import NoSuchResource, SourceError
from sources.formats import Format

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_OF_LANGUAGE = ("iso639_3", "script", "epitran", "treebank", "wikiann", "xnli", "flores", "ntrex")
_PLACEHOLDERS = ("language", "split", *_OF_LANGUAGE)
SPLITS = ("train", "dev", "test", "devtest")
_HUB_SPLITS = {"train": "train", "dev": "validation", "test": "test"}


class _Choice(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: dict[str, str | int] = Field(
        default_factory=dict,
        description="what a row holds (tokens, labels, sentence; premise, hypothesis, text, label), by the"
        " column's name, or its number from 1, -1 being the last",
    )
    splits: dict[str, str] = Field(
        default_factory=dict, description="what the data call a split, where it is not called as here"
    )
    license: str = Field("", max_length=200, description="for the report")

    @field_validator("splits")
    @classmethod
    def _known_splits(cls, splits: dict[str, str]) -> dict[str, str]:
        if unknown := set(splits) - set(SPLITS):
            raise ValueError(f"unknown split {', '.join(sorted(unknown))}; use {', '.join(SPLITS)}")
        return splits


class FileData(_Choice):
    """Files, plain or `.gz`, below the mirror's directory or prefix, or else the working directory (of a
    profile: the folder of its file).
    """

    path: str = Field(min_length=1, description="with {language}, {split} and others")
    format: Format | None = Field(None, description="by the name's ending where it is left out")

    @field_validator("path")
    @classmethod
    def _known_placeholders(cls, path: str) -> str:
        return _checked(path)


class HubData(_Choice):
    """A data set of the hub that is Parquet, or has been converted to it, at a commit."""

    hub: str = Field(pattern=r"^[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?$", description="owner/name")
    revision: str = Field(pattern="^[0-9a-f]{40}$", description="a commit: branches and tags move")
    config: str = Field("default", description="with {language} and others")

    @field_validator("config")
    @classmethod
    def _known_placeholders(cls, config: str) -> str:
        return _checked(config)


def _shape(value: Any) -> str:
    keys = value if isinstance(value, Mapping) else vars(value) if isinstance(value, BaseModel) else ()
    return "files" if "path" in keys else "hub" if "hub" in keys else "each"


_One = Annotated[
    Annotated[FileData, Tag("files")] | Annotated[HubData, Tag("hub")], Discriminator(lambda v: _shape(v))
]
_BySplit = Annotated[
    Annotated[FileData, Tag("files")]
    | Annotated[HubData, Tag("hub")]
    | Annotated[dict[str, _One], Tag("each")],
    Discriminator(_shape),
]
TaskData = Annotated[
    Annotated[FileData, Tag("files")]
    | Annotated[HubData, Tag("hub")]
    | Annotated[dict[str, _BySplit], Tag("each")],
    Discriminator(_shape),
]
"""What `data:` says of one task: files or a data set for all, or one for each language (`default` for the
others), or for each split, or both."""


_DATA = TypeAdapter(dict[str, TaskData])


def parse_data(data: Mapping[str, Any]) -> dict[str, TaskData]:
    """`data:` of an experiment, validated; `SourceError` naming the entry that does not fit."""
    try:
        return _DATA.validate_python(dict(data))
    except ValidationError as error:
        first = error.errors()[0]
        place = [str(part) for part in first["loc"] if part not in ("files", "hub", "each")]
        fix = "An entry has path (files) or hub and revision (a data set), or entries by language or split."
        raise SourceError(".".join(["data", *place]), first["msg"], fix) from None


def dumped(data: Any) -> Any:
    """As manifests hold it."""
    if isinstance(data, BaseModel):
        return data.model_dump(mode="json", exclude_defaults=True)
    return {name: dumped(inner) for name, inner in data.items()}


def choice_of(
    data: "FileData | HubData | Mapping[str, Any]", language: Language, split: str
) -> FileData | HubData | None:
    """What to read of a language and split; None where `data` says nothing of it."""
    if isinstance(data, FileData | HubData):
        return data
    if split in data:
        return choice_of(data[split], language, split)
    inner = data.get(language.code, data.get("default"))
    return None if inner is None else choice_of(inner, language, split)


def covers(data: "FileData | HubData | Mapping[str, Any]", language: Language) -> bool:
    """Whether `data` says anything of a language, so that nothing else is read for it."""
    if isinstance(data, FileData | HubData):
        return True
    return bool({language.code, "default", *SPLITS} & set(data))


def split_called(choice: FileData | HubData, split: str) -> str:
    """What the data call a split."""
    own = _HUB_SPLITS.get(split, split) if isinstance(choice, HubData) else split
    return choice.splits.get(split, own)


def filled(template: str, language: Language, split: str, field: str) -> str:
    """The template with what its placeholders stand for; `NoSuchResource` where the language's record has no
    such name.
    """

    def value(match: "re.Match[str]") -> str:
        if match[1] == "split":
            return split
        called = language.code if match[1] == "language" else getattr(language, match[1])
        if called is None:
            fix = "Use {language}, or give the language an entry of its own."
            raise NoSuchResource(field, f"{language.name} ({language.code}) has no {{{match[1]}}}", fix)
        return str(called)

    return _PLACEHOLDER.sub(value, template)


def _checked(template: str) -> str:
    for name in _PLACEHOLDER.findall(template):
        if name not in _PLACEHOLDERS:
            known = ", ".join(f"{{{item}}}" for item in _PLACEHOLDERS)
            raise ValueError(f"unknown placeholder {{{name}}}; use {known}")
    return template


def check_keys(
    data: "FileData | HubData | Mapping[str, Any]", field: str, known: Mapping[str, Language]
) -> None:
    """`SourceError` for an entry that is neither a language's nor a split's."""
    if isinstance(data, FileData | HubData):
        return
    for name, inner in data.items():
        if name not in known and name not in SPLITS and name != "default":
            fix = f"Use the code of a language, default, or a split: {', '.join(SPLITS)}."
            raise SourceError(f"{field}.{name}", "neither a language nor a split", fix)
        check_keys(inner, f"{field}.{name}", known)
