"""A profile: what a run reads, trains and measures, one YAML file in `flows/profiles/`.

Every choice that the paper leaves open is a field here, argued in `docs/decisions.md`. A mistake in a profile
is an error that names the field.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from flows.phoneme_gate import PhonemeGate
from flows.sweep import Grid, Schedule, Sweep, Values
from isogloss.errors import InvalidInput
from isogloss.languages import LANGUAGES
from isogloss.trainer.v1 import trainer_pb2

PROFILES = Path(__file__).with_name("profiles")

Task = Literal["pos", "ner", "xnli"]
Input = Literal["subword", "character", "phoneme"]
Table = Literal["table1", "table2", "table3"]
Language = Annotated[str, Field(pattern="^[a-z]{3}$")]
# A value for all, or one per language with "default" for the rest, as Table 5 has it.
PerLanguage = float | dict[str, float]

TABLES: tuple[Table, ...] = ("table1", "table2", "table3")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceChoice(_Strict):
    """Where data come from; `location` of a mirror is normally given on the command line."""

    kind: Literal["sample", "mirror", "hub"]
    location: str | None = None
    limit: dict[Literal["pos", "ner", "xnli", "flores"], dict[str, int]] = Field(default_factory=dict)
    substitutes: Literal["refused", "allowed"] | list[str] = "refused"
    # By language, a file beside the treebank's own to train on when its train set is missing.
    other_treebanks: dict[str, str] = Field(default_factory=dict)
    seed: int = 0


class Scratch(_Strict):
    """An encoder trained from random weights."""

    architecture: Literal["bert", "canine", "roberta"]
    layers: int = Field(gt=0)
    hidden_size: int = Field(gt=0)
    attention_heads: int = Field(gt=0)
    feed_forward_size: int = Field(gt=0)
    vocabulary_size: int = Field(0, ge=0)
    dropout: float = Field(0.0, ge=0, lt=1)

    def describe(self) -> str:
        """For people: "roberta, 2 layers of 64, from scratch"."""
        layers = f"{self.layers} layer{'s' if self.layers > 1 else ''}"
        return f"{self.architecture}, {layers} of {self.hidden_size}, from scratch"


class Snapshot(_Strict):
    """A pretrained encoder at a pinned revision, from the hub or a mirror."""

    id: str
    revision: str = Field(pattern="^[0-9a-f]{40}$")

    def describe(self) -> str:
        """For people: "google/canine-s at 75d6d0b3"."""
        return f"{self.id} at {self.revision[:8]}"


class Hyperparameters(_Strict):
    """Fields as in `Hyperparameters` of trainer/v1; rates may differ by language (Table 5)."""

    learning_rate: PerLanguage
    weight_decay: PerLanguage = 0.01
    epochs: int = Field(gt=0)
    batch_size: int = Field(128, gt=0)
    schedule: Schedule = "cosine"
    warmup_ratio: float = Field(0.0, ge=0, le=1)
    max_grad_norm: float = Field(1.0, ge=0)
    max_length: int = Field(512, gt=3)
    early_stop_epochs: int = Field(0, ge=0)
    label_scheme: Literal["first_unit", "every_unit", "word_mean"] = "first_unit"

    def to_proto(self, language: str, train_fraction: float) -> trainer_pb2.Hyperparameters:
        """The values for one language."""
        return trainer_pb2.Hyperparameters(
            learning_rate=_for(self.learning_rate, language),
            weight_decay=_for(self.weight_decay, language),
            epochs=self.epochs,
            batch_size=self.batch_size,
            schedule=trainer_pb2.Schedule.Value(f"SCHEDULE_{self.schedule.upper()}"),
            warmup_ratio=self.warmup_ratio,
            max_grad_norm=self.max_grad_norm,
            max_length=self.max_length,
            early_stop_epochs=self.early_stop_epochs,
            label_scheme=trainer_pb2.LabelScheme.Value(f"LABEL_SCHEME_{self.label_scheme.upper()}"),
            train_fraction=train_fraction,
        )


class TokenTasks(_Strict):
    """Table 1 and Figure 2: one model per language, task and input."""

    tasks: list[Literal["pos", "ner"]]
    languages: list[Language]
    inputs: list[Input]
    figure_task: Literal["pos", "ner"] = "ner"
    figure_languages: list[Language]


class Inference(_Strict):
    """Table 2 and Figure 3: natural language inference, gaps counted from `reference`."""

    languages: list[Language]
    inputs: list[Input]
    reference: Language = "eng"


class Correlation(_Strict):
    """Table 3: many seeds on a part of the train set."""

    languages: list[Language]
    input: Input = "phoneme"
    reference: Language = "eng"
    seeds: int = Field(15, gt=1)
    train_fraction: float = Field(0.1, gt=0, le=1)
    # Training 10 % of the data for as many epochs is 10 % of the steps; small sets need their own number.
    epochs: int | None = Field(None, gt=0)


class Gaps(_Strict):
    """How gaps are measured; see docs/metrics.md."""

    std_ddof: Literal[0, 1] = 1
    sinkhorn_regularization: float = Field(0.1, gt=0)
    tsne_perplexity: float = Field(30.0, gt=1)
    tsne_points: int = Field(200, gt=2)
    tsne_seed: int = 0
    # How intervals and p-values are made. Holm's correction over 45 pairs reaches 0.05 with 899 permutations.
    seed: int = Field(0, ge=0)
    replicates: int = Field(10_000, ge=100, le=100_000)
    permutations: int = Field(999, ge=1, le=100_000)
    level: float = Field(0.95, ge=0.5, lt=1)
    bound_delta: float = Field(0.05, gt=0, lt=1)


class Profile(_Strict):
    """A whole run."""

    name: str
    banner: str = ""
    source: SourceChoice
    # in_language: a model per language, trained on that language's own train set; zero_shot: one model for
    # all, trained on `source_language`.
    regime: Literal["in_language", "zero_shot"] = "in_language"
    source_language: Language = "eng"
    # paper: choose and report on dev, as the paper did; honest: choose on dev, report test.
    evaluation: Literal["paper", "honest"] = "paper"
    seed: int = 0
    models: dict[Input, Scratch | Snapshot]
    hyperparameters: dict[Task, dict[Input, Hyperparameters]]
    sweep: Sweep = Sweep()
    grids: dict[Task, Grid] = Field(default_factory=dict)
    normalization: Literal["none", "standard"] = "none"
    phoneme_gate: PhonemeGate = PhonemeGate()
    table1: TokenTasks
    table2: Inference
    table3: Correlation
    gaps: Gaps = Gaps()

    @model_validator(mode="after")
    def _complete(self) -> "Profile":
        for task, inputs in self.needed().items():
            for name in inputs:
                if name not in self.models:
                    raise ValueError(f"models.{name} is missing, but {task} uses it")
                if name not in self.hyperparameters.get(task, {}):
                    raise ValueError(f"hyperparameters.{task}.{name} is missing")
            if self.sweep.kind != "selected" and task not in self.grids:
                raise ValueError(f"grids.{task} is missing, but sweep.kind is {self.sweep.kind}")
        if self.regime == "zero_shot":
            for table in (self.table1, self.table2, self.table3):
                if table.languages and self.source_language not in table.languages:
                    raise ValueError(
                        f"zero_shot trains on {self.source_language}: keep it among the languages"
                    )
        for code in {*self.table1.languages, *self.table2.languages, *self.table3.languages}:
            if code not in LANGUAGES:
                raise ValueError(f"unknown language {code!r}; use ISO 639-3 codes of: {', '.join(LANGUAGES)}")
        return self

    def needed(self) -> dict[Task, list[Input]]:
        """The inputs that each task uses."""
        needed: dict[Task, list[Input]] = {task: list(self.table1.inputs) for task in self.table1.tasks}
        if self.table2.languages:
            needed["xnli"] = [*self.table2.inputs]
        if self.table3.languages and self.table3.input not in needed.get("xnli", []):
            needed.setdefault("xnli", []).append(self.table3.input)
        return needed

    def grid(self, task: str) -> list[Values]:
        """The points that a sweep tries for a task."""
        return self.grids[task].points()  # type: ignore[index]  # the keys are the tasks

    def needed_splits(self, language: str) -> set[str]:
        """The splits without which a language's cells cannot be made."""
        if self.regime == "zero_shot" and language != self.source_language:
            return {self.reported_split}
        return {"train", "dev", self.reported_split}

    @property
    def reported_split(self) -> str:
        """The split whose scores are printed."""
        return "dev" if self.evaluation == "paper" else "test"


def load(
    name: str,
    *,
    data: str | None = None,
    tasks: list[str] | None = None,
    languages: list[str] | None = None,
    options: dict[str, Any] | None = None,
) -> Profile:
    """Read a profile by name and narrow it to what was asked for.

    `data` is the location of a mirror, `tasks` and `languages` keep a part, `options` replaces fields by
    dotted path (`{"table3.seeds": 5}`). Raises `InvalidInput` naming the field.
    """
    path = PROFILES / f"{name}.yaml"
    known = ", ".join(sorted(item.stem for item in PROFILES.glob("*.yaml")))
    if path.parent != PROFILES or not path.is_file():
        raise InvalidInput("profile", f"unknown profile {name!r}", f"Use one of: {known}.")
    plain: dict[str, Any] = yaml.safe_load(path.read_text())
    if data is not None:
        plain["source"] |= {"kind": "mirror", "location": data}
    for option, value in (options or {}).items():
        _replace(plain, option, value)
    if tasks is not None:
        _keep_tasks(plain, tasks)
    if languages is not None:
        _keep_languages(plain, languages)
    try:
        return Profile.model_validate(plain)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "profile"
        raise InvalidInput(
            field, first["msg"], f"Mend it in flows/profiles/{name}.yaml or the options."
        ) from error


def _for(value: PerLanguage, language: str) -> float:
    if isinstance(value, dict):
        return value.get(language, value["default"])
    return value


def _replace(plain: dict[str, Any], option: str, value: Any) -> None:
    *parents, last = option.split(".")
    node: Any = plain
    for parent in parents:
        node = node.setdefault(parent, {}) if isinstance(node, dict) else None
    if not isinstance(node, dict):
        raise InvalidInput(
            "options", f"no field {option!r} in the profile", "Use dotted names, such as table3.seeds."
        )
    node[last] = value


def _keep_tasks(plain: dict[str, Any], tasks: list[str]) -> None:
    unknown = [task for task in tasks if task not in {"pos", "ner", "xnli"}]
    if unknown or not tasks:
        raise InvalidInput(
            "tasks", f"unknown task {', '.join(unknown) or '(none given)'}", "Use pos, ner or xnli."
        )
    plain["table1"]["tasks"] = [task for task in plain["table1"]["tasks"] if task in tasks]
    if plain["table1"]["tasks"] and plain["table1"].get("figure_task") not in plain["table1"]["tasks"]:
        plain["table1"]["figure_task"] = plain["table1"]["tasks"][0]
    if "xnli" not in tasks:
        plain["table2"]["languages"] = plain["table3"]["languages"] = []


def _keep_languages(plain: dict[str, Any], languages: list[str]) -> None:
    unknown = [code for code in languages if code not in LANGUAGES]
    if unknown or not languages:
        problem = f"unknown language {', '.join(unknown) or '(none given)'}"
        raise InvalidInput("languages", problem, f"Use ISO 639-3 codes of: {', '.join(LANGUAGES)}.")
    for table in TABLES:
        plain[table]["languages"] = [code for code in plain[table]["languages"] if code in languages]
    plain["table1"]["figure_languages"] = [
        code for code in plain["table1"]["figure_languages"] if code in languages
    ] or plain["table1"]["languages"][:5]
    for table in ("table2", "table3"):
        kept = plain[table]["languages"]
        if kept and plain[table].get("reference", "eng") not in kept:
            plain[table]["languages"] = []  # no reference, no gap; the report says "not run"
