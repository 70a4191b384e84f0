"""A profile: an experiment as one YAML file, by name (`flows/profiles/`) or by path.

Every choice that the paper leaves open is a field here, argued in `docs/decisions.md`. A mistake in a profile
is an error that names the field. Reading and narrowing it is `flows/load.py`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from flows.contrast_rules import contrasts_named
from flows.mistakes import mistake
from flows.models import Hyperparameters, Model, Scratch, Snapshot
from flows.phoneme_gate import PhonemeGate
from flows.pretraining import Code, MatchedTable, Pretraining
from flows.rules import stated
from flows.sweep import Grid, Sweep, Values
from flows.tables import AtlasTable, CorrelationTable, GapTable, Table
from isogloss.errors import InvalidInput
from isogloss.inputs import INPUTS
from isogloss.languages import LANGUAGES, Language, extended, language
from isogloss.tasks import TASKS, Kind, Scheme, Score, Task
from sources.data import SPLITS, TaskData

__all__ = [
    "AtlasTable",
    "CorrelationTable",
    "GapTable",
    "Gaps",
    "Hyperparameters",
    "Parallel",
    "Profile",
    "Scratch",
    "Snapshot",
    "SourceChoice",
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceChoice(_Strict):
    """Where data come from; `location` of a mirror is normally given on the command line."""

    kind: Literal["sample", "mirror", "hub"]
    location: str | None = None
    # What relative paths of `data` are below where there is no mirror: the folder of the profile's file.
    files: str | None = None
    # By corpus (a task, or the parallel text) and split, the most rows to use.
    limit: dict[str, dict[str, int]] = Field(default_factory=dict)
    substitutes: Literal["refused", "allowed"] | list[str] = "refused"
    # By language, a file beside the treebank's own to train on when its train set is missing.
    other_treebanks: dict[str, str] = Field(default_factory=dict)
    seed: int = 0


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
    models: dict[str, Model]
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
            self._check_table(f"tables.{place}", table)
        self._check_source()
        for task, inputs in self.needed().items():
            for name in inputs:
                self._check_cell(task, name)
            if self.sweep.kind != "selected" and task not in self.grids:
                fix = "List the values to try, or use sweep.kind selected."
                raise mistake(f"grids.{task}", f"is missing, but sweep.kind is {self.sweep.kind}", fix)
        return self

    def _check_table(self, field: str, table: Table) -> None:
        for code in table.languages:
            self._known(f"{field}.languages", self.language, code)
        if table.kind == "atlas":
            for name in table.inputs:
                self._check_input(f"{field}.inputs", name)
                self._check_model(name, f"{field}.inputs")
        for task, name in table.used():
            self._known(f"{field}.task{'s' if table.kind != 'correlation' else ''}", self.task, task)
            self._check_input(f"{field}.input{'s' if table.kind != 'correlation' else ''}", name)
            record = self.task(task)
            if record.score == "macro_f1":
                fix = f"Give {task} the score accuracy or span_f1; macro_f1 is among every model's scores."
                raise mistake(field, f"gaps of {task} cannot be measured by macro_f1", fix)
            if table.kind == "correlation" and record.kind == "tokens":
                problem = f"{task} labels words, and has no class probabilities a text"
                raise mistake(f"{field}.task", problem, "Use a task of kind text or pair.")
        if table.reference and table.languages and table.reference not in table.languages:
            fix = f"Add it, or use one of: {', '.join(table.languages)}."
            raise mistake(f"{field}.reference", f"{table.reference} is not among its languages", fix)
        if table.languages and not self.sources(table):
            wanted = self.source_language
            codes = wanted if isinstance(wanted, str) else ", ".join(wanted)
            problem = f"zero_shot trains on {codes}"
            raise mistake("source_language", problem, f"Keep it among the languages of {field}.")
        if isinstance(table, MatchedTable):
            self._check_matched(field, table)

    def _check_source(self) -> None:
        text = self.pretraining.text if self.pretraining else []
        known = [*TASKS, *self.tasks, *self.data, self.parallel.corpus, *text]
        for corpus in self.source.limit:
            if corpus not in known:
                fix = f"Use one of: {', '.join(dict.fromkeys(known))}."
                raise mistake(f"source.limit.{corpus}", "there is no such task or text", fix)
        if self.parallel.split not in SPLITS:
            raise mistake(
                "parallel.split", f"no split {self.parallel.split!r}", f"Use one of: {', '.join(SPLITS)}."
            )
        if isinstance(self.source_language, list):
            nowhere = set(self.source_language) - set(self.languages)
            if self.regime == "zero_shot" and (nowhere or not self.source_language):
                problem = f"no table has {', '.join(sorted(nowhere)) or 'none'}"
                raise mistake("source_language", problem, "Name languages of the tables.")

    def _check_input(self, field: str, name: str) -> None:
        if name not in INPUTS:
            raise mistake(field, f"unknown input {name!r}", f"Use one of: {', '.join(INPUTS)}.")

    def _check_model(self, name: str, user: str) -> None:
        if name not in self.models:
            there = ", ".join(self.models) or "none"
            raise mistake(f"models.{name}", f"is missing, but {user} uses it", f"Add it; there is: {there}.")
        choice = self.models[name]
        if isinstance(choice, Scratch):
            choice.check_input(f"models.{name}", name)

    def _check_cell(self, task: str, name: str) -> None:
        self._check_model(name, task)
        if name not in self.hyperparameters.get(task, {}):
            fix = "Give learning_rate and epochs at least, as flows/profiles/sample.yaml does."
            raise mistake(f"hyperparameters.{task}.{name}", "is missing", fix)
        field = f"hyperparameters.{task}.{name}"
        self._known(field, lambda _: self.hyperparameters[task][name].check_languages(field, self.registry))
        choice, wanted = self.models[name], self.gaps.layers
        if self.hyperparameters[task][name].lora and isinstance(choice, Scratch):
            fix = "Name a snapshot in models, or leave lora out."
            raise mistake(f"{field}.lora", f"models.{name} is from scratch, with nothing to adapt", fix)
        if wanted == "all" and isinstance(choice, Snapshot):
            problem = f"how many layers {choice.id} has is not known here"
            raise mistake("gaps.layers", problem, "List them.")
        if wanted != "all" and isinstance(choice, Scratch) and any(layer > choice.layers for layer in wanted):
            fix = "Name layers that every model has, or all."
            raise mistake("gaps.layers", f"models.{name} has {choice.layers}, not {max(wanted)}", fix)

    def _check_matched(self, field: str, table: MatchedTable) -> None:
        """Raise where more than the input would differ."""
        self._known(f"{field}.contrasts", contrasts_named, table.contrasts)
        for name in table.inputs:
            if INPUTS[name].units == "subword":
                fix = "Use character, letters, romanized, phoneme or phoneme_by_script."
                raise mistake(f"{field}.inputs", f"{name} has no single units", fix)
        if self.pretraining is None:
            raise mistake("pretraining", f"is missing, but {field} compares what it makes", "Add it.")
        if self.regime != "in_language" or self.sweep.kind != "selected":
            fix = "Use regime in_language (the table has zero_shot of its own) and no sweep."
            raise mistake("regime", f"{field} compares models of one regime", fix)
        choices = [self.models[name] for name in table.inputs if name in self.models]
        alike = all(choice == choices[0] for choice in choices)
        if not alike or not all(
            isinstance(choice, Scratch) and choice.architecture == "roberta" for choice in choices
        ):
            fix = "Give each input the same, a roberta from scratch."
            raise mistake("models", f"inputs of {field} need one shape", fix)
        for task in table.tasks:
            values = [self.hyperparameters.get(task, {}).get(name) for name in table.inputs]
            if any(value != values[0] for value in values):
                fix = "Give each input the same values."
                raise mistake(f"hyperparameters.{task}", f"inputs of {field} need the same", fix)

    @staticmethod
    def _known(field: str, look_up: Any, name: str = "") -> None:
        """`InvalidInput` of a look-up as the ValueError that pydantic wants, naming the field."""
        try:
            look_up(name)
        except InvalidInput as error:
            named = error.field if error.field.startswith(field) else field
            raise mistake(named, error.problem, error.fix) from error

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
