"""A profile: an experiment as one YAML file, by name (`flows/profiles/`) or by path.

Every choice that the paper leaves open is a field here, argued in `docs/decisions.md`. A mistake in a profile
is an error that names the field. Reading and narrowing it is `flows/load.py`.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from flows.contrast_rules import contrasts_named
from flows.phoneme_gate import PhonemeGate
from flows.pretraining import Code, MatchedTable, Pretraining
from flows.rules import stated
from flows.sweep import Grid, Schedule, Sweep, Values
from isogloss.errors import InvalidInput
from isogloss.inputs import INPUTS
from isogloss.languages import LANGUAGES, Language, extended, language
from isogloss.tasks import TASKS, Kind, Scheme, Score, Task
from isogloss.trainer.v1 import trainer_pb2
from sources.data import TaskData

# A value for all, or one per language with "default" for the rest, as Table 5 has it.
PerLanguage = float | dict[str, float]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceChoice(_Strict):
    """Where data come from; `location` of a mirror is normally given on the command line."""

    kind: Literal["sample", "mirror", "hub"]
    location: str | None = None
    # By corpus (a task, or the parallel text) and split, the most rows to use.
    limit: dict[str, dict[str, int]] = Field(default_factory=dict)
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


class GapTable(_Strict):
    """A row for each task and input, a column for each language: scores, and what lies between them.

    Tables 1 and 2 of the paper. `reference`: the language that gaps are printed from; without one, their
    mean. `compare`: the input that the others are set against. `seeds`: trainings of each model, of which the
    mean and the standard deviation are reported; the profile's where unset.
    """

    kind: Literal["gaps"] = "gaps"
    tasks: list[str]
    languages: list[Code]
    inputs: list[str]
    reference: Code | None = None
    compare: str | None = "phoneme"
    seeds: int | None = Field(None, ge=1, le=100)
    # The t-SNE plane (Figure 2): of one task, and of these languages as far as the table has them; where it
    # has fewer than two of them, of its first five.
    figure_task: str | None = None
    figure_languages: list[Code] = Field(default_factory=list)

    @property
    def plane_languages(self) -> list[str]:
        """The languages of the t-SNE plane."""
        shown = [code for code in self.figure_languages if code in self.languages]
        return shown if len(shown) > 1 else self.languages[:5]

    def used(self) -> Iterator[tuple[str, str]]:
        """The (task, input) pairs of the rows."""
        yield from ((task, name) for task in self.tasks for name in self.inputs)


class CorrelationTable(_Strict):
    """What goes with the performance gap over many seeds, on a part of the train set: the paper's Table 3."""

    kind: Literal["correlation"] = "correlation"
    task: str
    languages: list[Code]
    input: str = "phoneme"
    reference: Code
    seeds: int = Field(15, gt=1)
    train_fraction: float = Field(0.1, gt=0, le=1)
    # Training 10 % of the data for as many epochs is 10 % of the steps; small sets need their own number.
    epochs: int | None = Field(None, gt=0)

    @property
    def tasks(self) -> list[str]:
        """The one task."""
        return [self.task]

    def used(self) -> Iterator[tuple[str, str]]:
        """The one (task, input) pair."""
        yield self.task, self.input


class AtlasTable(_Strict):
    """How alike languages look without any task: CKA of all pairs of the parallel text's sentences, by input.

    `layer` and `content` as in `EmbedRequest`. An encoder from scratch is not trained: to it, languages are
    as alike as the units that they share.
    """

    kind: Literal["atlas"] = "atlas"
    languages: list[Code]
    inputs: list[str] = Field(min_length=1)
    layer: Literal["embeddings", "last"] = "embeddings"
    content: Literal["all", "tokens", "letters"] = "letters"

    @property
    def tasks(self) -> list[str]:
        """None."""
        return []

    @property
    def reference(self) -> None:
        """None: all are compared with all."""
        return None

    def used(self) -> Iterator[tuple[str, str]]:
        """No rows of scores."""
        return iter(())

    @model_validator(mode="after")
    def _readable(self) -> "AtlasTable":
        if self.layer == "last" and self.content != "all":
            raise ValueError("content: only the embedding layer can be read without positions; use all")
        return self


Table = Annotated[GapTable | CorrelationTable | AtlasTable | MatchedTable, Field(discriminator="kind")]


class TaskChoice(_Strict):
    """A task of one's own; see `isogloss.tasks.Task`."""

    title: str = ""
    kind: Kind
    labels: list[str] = Field(min_length=2)
    score: Score = "accuracy"
    scheme: Scheme = "plain"


class Parallel(_Strict):
    """The parallel text whose sentence vectors are compared: a resource, or files of one's own."""

    corpus: str = "flores"
    split: str = "devtest"


class Gaps(_Strict):
    """How gaps are measured; see docs/metrics.md."""

    std_ddof: Literal[0, 1] = 1
    sinkhorn_regularization: float = Field(0.1, gt=0)
    tsne_perplexity: float = Field(30.0, gt=1)
    tsne_points: int = Field(200, gt=2)
    tsne_seed: int = 0
    # Hidden layers, 1 being the first, whose CKA is measured beside that of the paper's reading; or all (of
    # models from scratch: how many a snapshot has is not known before it is fetched).
    layers: list[Annotated[int, Field(ge=1, le=1000)]] | Literal["all"] = Field(default_factory=list)
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
    # all, trained on `source_language`. Of a list, each language in turn trains models of its own; `each` is
    # every language of a table: the matrix of transfer. A correlation takes the first alone.
    regime: Literal["in_language", "zero_shot"] = "in_language"
    source_language: Code | list[Code] | Literal["each"] = "eng"
    # paper: choose and report on dev, as the paper did; honest: choose on dev, report test.
    evaluation: Literal["paper", "honest"] = "paper"
    # The first seed, and how many: for each of them every model is trained and measured. A table may have its
    # own number.
    seed: int = 0
    seeds: int = Field(1, ge=1, le=100)
    # "paper": the tables are the paper's, and the report prints its figures beside ours.
    reference: Literal["", "paper"] = ""
    # The claims by which the run is judged, by name (flows/profiles/claims) or path; "": it is not judged.
    claims: str = ""
    tasks: dict[str, TaskChoice] = Field(default_factory=dict)
    # By task or parallel text, files of one's own or a data set of the hub (docs/guides/data.md).
    data: dict[str, TaskData] = Field(default_factory=dict)
    # Records of languages that isogloss/languages.tsv does not have, or has otherwise.
    more_languages: list[Language] = Field(default_factory=list)
    parallel: Parallel = Parallel()
    models: dict[str, Scratch | Snapshot]
    # How the encoders of tables of kind `matched` are pre-trained, the same for every input.
    pretraining: Pretraining | None = None
    hyperparameters: dict[str, dict[str, Hyperparameters]]
    sweep: Sweep = Sweep()
    grids: dict[str, Grid] = Field(default_factory=dict)
    normalization: Literal["none", "standard"] = "none"
    phoneme_gate: PhonemeGate = PhonemeGate()
    tables: dict[str, Table]
    gaps: Gaps = Gaps()

    @model_validator(mode="after")
    def _complete(self) -> "Profile":
        if self.claims:
            self._known("claims", stated, self.claims)
        for place, table in self.tables.items():
            for code in table.languages:
                self._known(f"tables.{place}.languages", self.language, code)
            for name in table.inputs if table.kind == "atlas" else ():
                if name not in INPUTS or name not in self.models:
                    known = ", ".join(name for name in INPUTS if name in self.models)
                    raise ValueError(f"tables.{place}.inputs: no model reads {name!r}; models has: {known}")
            for task, name in table.used():
                self._known(f"tables.{place}.task{'s' if table.kind == 'gaps' else ''}", self.task, task)
                if name not in INPUTS:
                    raise ValueError(
                        f"tables.{place}: unknown input {name!r}; use one of: {', '.join(INPUTS)}"
                    )
                record = self.task(task)
                if record.score == "macro_f1":
                    fix = "report accuracy or span_f1; macro_f1 is among every model's scores"
                    raise ValueError(f"tables.{place}: gaps of {task} cannot be measured by macro_f1: {fix}")
                if isinstance(table, MatchedTable) and INPUTS[name].units == "subword":
                    problem = f"tables.{place}.inputs: {name} has no single units"
                    raise ValueError(
                        f"{problem}; use character, letters, romanized, phoneme or phoneme_by_script"
                    )
                if isinstance(table, CorrelationTable) and record.kind == "tokens":
                    problem = (
                        f"tables.{place}.task: {task} labels words, and has no class probabilities a text"
                    )
                    raise ValueError(f"{problem}; use a task of kind text or pair")
            if table.reference and table.languages and table.reference not in table.languages:
                raise ValueError(f"tables.{place}.reference: {table.reference} is not among its languages")
            if table.languages and not self.sources(table):
                wanted = self.source_language
                codes = wanted if isinstance(wanted, str) else ", ".join(wanted)
                raise ValueError(f"zero_shot trains on {codes}: keep it among the languages")
            if isinstance(table, MatchedTable):
                self._matched(place, table)
        if isinstance(self.source_language, list):
            nowhere = set(self.source_language) - set(self.languages)
            if self.regime == "zero_shot" and (nowhere or not self.source_language):
                raise ValueError(f"source_language: no table has {', '.join(sorted(nowhere)) or 'none'}")
        for task, inputs in self.needed().items():
            for name in inputs:
                if name not in self.models:
                    raise ValueError(f"models.{name} is missing, but {task} uses it")
                if name not in self.hyperparameters.get(task, {}):
                    raise ValueError(f"hyperparameters.{task}.{name} is missing")
                self._check_layers(name)
            if self.sweep.kind != "selected" and task not in self.grids:
                raise ValueError(f"grids.{task} is missing, but sweep.kind is {self.sweep.kind}")
        return self

    def _matched(self, place: str, table: MatchedTable) -> None:
        """Raise ValueError where more than the input would differ."""
        self._known(f"tables.{place}.contrasts", contrasts_named, table.contrasts)
        if self.pretraining is None:
            raise ValueError(f"pretraining is missing, but tables.{place} compares what it makes")
        if self.regime != "in_language" or self.sweep.kind != "selected":
            raise ValueError(
                f"tables.{place}: use regime in_language (it has zero_shot of its own) and no sweep"
            )
        choices = [self.models[name] for name in table.inputs if name in self.models]
        alike = all(choice == choices[0] for choice in choices)
        if not alike or not all(
            isinstance(choice, Scratch) and choice.architecture == "roberta" for choice in choices
        ):
            raise ValueError(f"models: inputs of tables.{place} need one shape, a roberta from scratch")
        for task in table.tasks:
            values = [self.hyperparameters.get(task, {}).get(name) for name in table.inputs]
            if any(value != values[0] for value in values):
                raise ValueError(f"hyperparameters.{task}: inputs of tables.{place} need the same")

    def _check_layers(self, name: str) -> None:
        choice, wanted = self.models[name], self.gaps.layers
        if wanted == "all" and isinstance(choice, Snapshot):
            raise ValueError(f"gaps.layers: how many layers {choice.id} has is not known here; list them")
        if wanted != "all" and isinstance(choice, Scratch) and any(layer > choice.layers for layer in wanted):
            raise ValueError(f"gaps.layers: models.{name} has {choice.layers}, not {max(wanted)}")

    @staticmethod
    def _known(field: str, look_up: Any, name: str) -> None:
        """`InvalidInput` of a look-up as the ValueError that pydantic wants, naming the field."""
        try:
            look_up(name)
        except InvalidInput as error:
            raise ValueError(f"{field}: {error.problem}; {error.fix}") from error

    @property
    def registry(self) -> Mapping[str, Language]:
        """All languages, the experiment's own among them."""
        return extended(self.more_languages) if self.more_languages else LANGUAGES

    def language(self, code: str) -> Language:
        """The record of a language; `InvalidInput` when there is none."""
        return language(code, registry=self.registry)

    def task(self, name: str) -> Task:
        """The record of a task: the experiment's own, or one of `isogloss.tasks`."""
        if name in self.tasks:
            own = self.tasks[name]
            return Task(name, own.title or name, own.kind, tuple(own.labels), own.score, own.scheme)
        if name in TASKS:
            return TASKS[name]
        known = ", ".join([*TASKS, *self.tasks])
        raise InvalidInput("tasks", f"unknown task {name!r}", f"Use one of: {known}.")

    def resource(self, corpus: str) -> str:
        """What a corpus is read from: its task's resource, or the parallel text; "" for data of one's own."""
        return corpus if corpus == self.parallel.corpus else self.task(corpus).corpus

    @property
    def live(self) -> dict[str, GapTable | CorrelationTable | AtlasTable | MatchedTable]:
        """The tables for which tasks, where they have any, and languages to compare are left."""
        return {
            name: table
            for name, table in self.tables.items()
            if (table.tasks or table.kind == "atlas") and len(table.languages) > 1
        }

    def sources(self, table: Table) -> tuple[str, ...]:
        """The languages that a table's models are trained on in zero-shot transfer; "" is each its own."""
        if self.regime == "in_language":
            return ("",)
        sources = self.named_sources(table)
        return sources[:1] if isinstance(table, CorrelationTable) else sources

    def named_sources(self, table: Table) -> tuple[str, ...]:
        """Those of `source_language` that a table has, whatever the regime."""
        choice = self.source_language
        codes = table.languages if choice == "each" else [choice] if isinstance(choice, str) else choice
        return tuple(code for code in dict.fromkeys(codes) if code in table.languages)

    def layers(self, name: str) -> list[int]:
        """The hidden layers of an input's model whose vectors are compared beside the paper's."""
        if self.gaps.layers != "all":
            return self.gaps.layers
        choice = self.models[name]
        return list(range(1, choice.layers + 1)) if isinstance(choice, Scratch) else []

    def seeds_of(self, table: GapTable | CorrelationTable) -> range:
        """The seeds of a table's models."""
        return range(self.seed, self.seed + (table.seeds or self.seeds))

    @property
    def scored_languages(self) -> set[str]:
        """Of the tables of scores: without phonemes of one of these, the run stops."""
        return {code for table in self.live.values() if table.tasks for code in table.languages}

    def needed(self) -> dict[str, list[str]]:
        """The inputs that each task uses."""
        needed: dict[str, list[str]] = {}
        for table in self.live.values():
            for task, name in table.used():
                inputs = needed.setdefault(task, [])
                if name not in inputs:
                    inputs.append(name)
        return needed

    @property
    def pretrained(self) -> list[str]:
        """The inputs whose encoders are pre-trained, for all of which the plan is made."""
        tables = [table for table in self.live.values() if isinstance(table, MatchedTable)]
        return list(dict.fromkeys(name for table in tables for name in table.inputs))

    @property
    def languages(self) -> list[str]:
        """Of all tables, each once."""
        return list(dict.fromkeys(code for table in self.live.values() for code in table.languages))

    def grid(self, task: str) -> list[Values]:
        """The points that a sweep tries for a task."""
        return self.grids[task].points()

    def needed_splits(self, code: str) -> set[str]:
        """The splits without which a language's cells cannot be made."""
        if not any({"", code} & set(self.sources(table)) for table in self.live.values()):
            return {self.reported_split}
        return {"train", "dev", self.reported_split}

    @property
    def reported_split(self) -> str:
        """The split whose scores are printed."""
        return "dev" if self.evaluation == "paper" else "test"


def _for(value: PerLanguage, code: str) -> float:
    if isinstance(value, dict):
        return value.get(code, value["default"])
    return value
