"""What a run would do, before it does anything: its cells, what of them exists, the GPU-hours of the rest.

The cells, the sweep's rounds and the requests are those of `flows/replicate.py`, from the same functions;
what exists is asked of the services, which make the keys. A key depends on the content of its inputs: where
an earlier step has no result yet, it is unknown, and the plan says until when.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from flows import intake, requests, steps
from flows.cells import Cell, cells_of, corpora_of, seeds_only, trainings_of
from flows.estimate import WEIGHTS, Estimate, Machine, Speed, measured_speeds
from flows.intake import Corpus
from flows.profile import Profile, Snapshot, Table
from flows.requests import Material
from flows.run import Run, source_of
from flows.search import Trials, choose
from flows.steps import Trained
from flows.sweep import Values
from isogloss import client
from isogloss.artifact.v1 import artifact_pb2
from isogloss.errors import InvalidInput
from isogloss.languages import LANGUAGES
from report.paper import printed_sizes
from sources.revisions import FLORES_SENTENCES, TREEBANKS

State = Literal["exists", "missing", "unknown"]
NO_STORE = "no store was asked"
_SPEEDS_FROM = 200  # earlier results at most that the measured speed is taken from


@dataclass(frozen=True)
class Step:
    """One artifact of the run. `key` is `<kind>/<key>` in the store; `until` what an unknown one waits for;
    `hours` of a GPU, the assumed one or that of the measured speed.
    """

    kind: str
    label: str
    state: State
    key: str | None = None
    until: str = ""
    hours: float = 0.0


@dataclass(frozen=True)
class PlannedCell:
    """One score of the run, and how far it exists."""

    tables: tuple[Table, ...]
    task: str
    input: str
    model: str
    language: str
    seed: int
    train_fraction: float
    values: str  # what the sweep chose, "" for the profile's, "unknown" before it has chosen
    state: State


@dataclass(frozen=True)
class Plan:
    """The whole run. `hours` are those of all steps, `missing_hours` of those that do not exist or of which
    it is not known.
    """

    profile: str
    regime: str
    evaluation: str
    sweep: str
    store: str
    cells: tuple[PlannedCell, ...]
    steps: tuple[Step, ...]
    hours: float
    missing_hours: float
    assumptions: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As `isogloss plan --json` prints it."""
        return asdict(self)

    def check(self, max_gpu_hours: float) -> None:
        """Raise `InvalidInput` when the run needs more."""
        if self.missing_hours > max_gpu_hours:
            problem = (
                f"what is missing needs about {self.missing_hours:.3g} GPU-hours, more than"
                f" {max_gpu_hours:g} ({self.assumptions[0]})"
            )
            fix = (
                "Raise it, or narrow the run with tasks, languages, tables or options such as table3.seeds;"
                " `isogloss plan` shows the parts."
            )
            raise InvalidInput("max_gpu_hours", problem, fix)


class _NotYet(Exception):
    """A step's inputs are not known: its text says until when."""


class _Found(dict[Any, Any]):
    """What was found, by key; asking for something else raises `_NotYet`."""

    def __init__(self, otherwise: str) -> None:
        super().__init__()
        self._otherwise = otherwise

    def __missing__(self, key: Any) -> Any:
        raise _NotYet(self._otherwise.format(key if isinstance(key, str) else "/".join(key)))


def make_plan(profile: Profile, tables: Sequence[Table], run: Run | None, machine: Machine) -> Plan:
    """Plan a run. Without a `Run` no service and no store is asked."""
    survey = _Survey(profile, tables, run)
    survey.look()
    speeds = survey.speeds() if run is not None and machine.unless_measured else {}
    estimate = Estimate(profile, survey.rows, machine, speeds)
    planned = survey.steps(estimate)
    return Plan(
        profile=profile.name,
        regime=profile.regime,
        evaluation=profile.evaluation,
        sweep=profile.sweep.kind,
        store=NO_STORE if run is None else f"s3://{run.store.bucket}",
        cells=survey.planned_cells(),
        steps=planned,
        hours=sum(step.hours for step in planned),
        missing_hours=sum(step.hours for step in planned if step.state != "exists"),
        assumptions=tuple(estimate.assumptions()),
    )


class _Survey:
    """Goes through the run as the flow does, and looks instead of computing."""

    def __init__(self, profile: Profile, tables: Sequence[Table], run: Run | None) -> None:
        self._profile = profile
        self._tables = tables
        self._run = run
        self._cells = cells_of(profile, tables)
        self.rows: dict[tuple[str, str], Mapping[str, int]] = {}
        self._inputs: list[Step] = []
        self._trainings: dict[Cell, Step] = {}
        self._trained: dict[Cell, Trained] = {}
        self._open: dict[Cell, str] = {}  # searched trainings whose sweep is not done: until when
        self._chosen: dict[Cell, Cell] = {}
        self._material = Material(
            self._cells,
            _Found("{} has been read"),
            _Found("phonemes {} exist"),
            _Found("the model for {} has been fetched"),
        )

    def look(self) -> None:
        """Find everything up to the trainings."""
        wanted, heard = corpora_of(self._cells)
        texts: Any = self._material.texts
        for key in wanted:
            corpus = self._corpus(*key)
            if corpus is not None:
                texts[key] = corpus
        for key in heard:
            self._phonemes(key)
        self._models()
        self._chosen = choose(self._profile, self._cells, self._score)
        for training in trainings_of(self._chosen):
            self._train(training)

    def _corpus(self, task: str, language: str) -> Corpus | None:
        """The text of a corpus, its rows, and its step."""
        profile, run, label = self._profile, self._run, f"{task}/{language}"
        if profile.source.kind == "hub":  # not read here: a plan downloads nothing
            found = None if run is None else intake.earlier_corpus(profile, run.store, task, language)
            self.rows[task, language] = (
                expected_rows(profile, task, language) if found is None else found.rows
            )
            until = f"{label} has been read from the hub" if run is not None else NO_STORE
            key = None if found is None else "/".join(found.manifest.split("/")[-3:-1])
            state: State = "unknown" if found is None else "exists"
            self._inputs.append(Step("dataset", label, state, key, "" if found else until))
            return found
        source = source_of(profile, task) if run is None else run.source(task)
        corpus, key, stored = intake.peek_corpus(profile, source, run.store if run else None, task, language)
        self.rows[task, language] = corpus.rows
        state = "unknown" if run is None else "exists" if stored else "missing"
        self._inputs.append(Step("dataset", label, state, key, NO_STORE if run is None else ""))
        return corpus

    def _phonemes(self, key: tuple[str, str]) -> None:
        """Ask G2P for every split of a corpus."""

        def ask(run: Run) -> tuple[str, Any]:
            corpus = self._material.texts[key]
            found = {
                split: client.existing(
                    run.g2p.ConvertCorpus, requests.phonemes_request(run.profile, corpus, split)
                )
                for split in corpus.splits
            }
            if all(item.result is not None for item in found.values()):
                results = {split: item.result for split, item in found.items()}
                phonemes: Any = self._material.phonemes
                phonemes[key] = steps.converted(corpus, results)
                return next(iter(found.values())).key, True
            return next(iter(found.values())).key, None

        self._inputs.append(self._step("phonemes", "/".join(key), ask)[0])

    def _models(self) -> None:
        """The pretrained models that the store has."""
        models: Any = self._material.models
        for name in sorted({name for inputs in self._profile.needed().values() for name in inputs}):
            choice = self._profile.models[name]
            if not isinstance(choice, Snapshot):
                continue
            bundle = None if self._run is None else intake.peek_model(self._run, choice)
            if bundle is not None:
                models[name] = bundle
            until = NO_STORE if self._run is None else f"{choice.id} has been fetched"
            state: State = "unknown" if bundle is None else "exists"
            self._inputs.append(Step("model", choice.describe(), state, None, "" if bundle else until))

    def _score(self, fraction: float, trials: Trials) -> dict[Cell, dict[Values, float]]:
        """A round of the sweep, where it has been trained; otherwise any points go on, as many and as costly
        as those that will.
        """
        scores: dict[Cell, dict[Values, float]] = {}
        for model, points in trials.items():
            for trial in points.values():
                self._train(trial)
            found = {
                values: self._trained[trial].dev_score
                for values, trial in points.items()
                if trial in self._trained
            }
            if len(found) < len(points):
                self._open.setdefault(model, f"the sweep of {model.label} on {fraction:.0%} is trained")
                found = dict.fromkeys(points, 0.0)
            scores[model] = found
        return scores

    def _train(self, training: Cell) -> None:
        """Ask the trainer for one training."""
        if training in self._trainings:
            return
        until = self._open.get(training.searched(self._profile.seed))
        if until is not None:
            label = replace(training, values=None).label
            self._trainings[training] = Step("train", label, "unknown", None, until)
            return

        def ask(run: Run) -> tuple[str, Any]:
            request = requests.train_request(run.profile, training, self._material)
            found = client.existing(run.trainer.Train, request)
            return found.key, found.result

        step, result = self._step("train", training.label, ask)
        self._trainings[training] = step
        if result is not None:
            self._trained[training] = Trained(training, result, ())

    def _embed(self, cell: Cell, training: Cell, only_raw: bool) -> Step:
        """Ask the embedder for a cell's vectors, in every reading of them."""

        def ask(run: Run) -> tuple[str, Any]:
            if training not in self._trained:
                raise _NotYet(f"{training.label} is trained")
            corpus = self._material.corpus("flores", cell.language, cell.input)
            model = self._trained[training].result.model
            found = [
                client.existing(run.embedder.Embed, request)
                for request in steps.embed_requests(cell, model, corpus, only_raw).values()
            ]
            return found[0].key, True if all(item.result is not None for item in found) else None

        return self._step("embed", cell.label, ask)[0]

    def _step(self, kind: str, label: str, ask: Any) -> tuple[Step, Any]:
        """A step, and what `ask(run)` found as its result: (key, result or None)."""
        if self._run is None:
            return Step(kind, label, "unknown", None, NO_STORE), None
        try:
            key, result = ask(self._run)
        except _NotYet as reason:
            return Step(kind, label, "unknown", None, str(reason)), None
        return Step(kind, label, "missing" if result is None else "exists", key), result

    def speeds(self) -> dict[tuple[str, str], Speed]:
        """What earlier trainings of the same encoders reached."""
        assert self._run is not None
        bundles: Mapping[str, artifact_pb2.Bundle] = self._material.models
        weights = {name: bundle.files[WEIGHTS].sha256 for name, bundle in bundles.items()}
        return measured_speeds(self._profile, self._run.store.manifests("train", _SPEEDS_FROM), weights)

    def steps(self, estimate: Estimate) -> tuple[Step, ...]:
        """All steps in the flow's order, with their hours."""
        by_training = trainings_of(self._chosen)
        trainings = [
            replace(step, hours=estimate.training_hours(training, by_training.get(training, [training])))
            for training, step in self._trainings.items()
        ]
        only_raw = seeds_only(self._profile, self._cells)
        embeddings = [
            replace(
                self._embed(cell, chosen.training, cell in only_raw),
                hours=estimate.embedding_hours(cell, cell in only_raw),
            )
            for cell, chosen in self._chosen.items()
        ]
        return (*self._inputs, *trainings, *embeddings)

    def planned_cells(self) -> tuple[PlannedCell, ...]:
        """The cells in the tables' order."""
        tables = {table: set(cells_of(self._profile, [table])) for table in self._tables}
        found = []
        for cell, chosen in self._chosen.items():
            sought = chosen.searched(self._profile.seed) in self._open
            values = "unknown" if sought else chosen.values.label if chosen.values else ""
            model = self._profile.models[cell.input]  # type: ignore[index]  # the keys are the inputs
            found.append(
                PlannedCell(
                    tables=tuple(table for table, cells in tables.items() if cell in cells),
                    task=cell.task,
                    input=cell.input,
                    model=model.describe(),
                    language=cell.language,
                    seed=cell.seed,
                    train_fraction=cell.train_fraction,
                    values=values,
                    state="unknown" if sought else self._trainings[chosen.training].state,
                )
            )
        return tuple(found)


def expected_rows(profile: Profile, task: str, language: str) -> dict[str, int]:
    """Sentences of a corpus that has not been read: pinned treebanks and FLORES have a known number, the
    others what the paper's Table 4 prints, English's for a language that it does not have.
    """
    if task == "flores":
        counts = dict(FLORES_SENTENCES)
    elif task == "pos":
        sentences = TREEBANKS[str(LANGUAGES[language].treebank)].sentences
        counts = dict(zip(("train", "dev", "test"), sentences, strict=True))
    else:
        corpus: Any = {"ner": "wikiann", "xnli": "xnli"}[task]
        printed: Any = printed_sizes(corpus, language) or printed_sizes(corpus, "eng")
        counts = {split: getattr(printed, split) for split in ("train", "dev", "test")}
    limit: Mapping[str, int] = profile.source.limit.get(task, {})  # type: ignore[call-overload]
    return {split: min(count, limit.get(split, count)) for split, count in counts.items()}
