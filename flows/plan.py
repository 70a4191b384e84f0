"""What a run would do, before it does anything: its cells, what of them exists, the GPU-hours of the rest.

The nodes are those of `flows/graph.py`, which the run submits; here the services, which make the keys, are
asked whether each has been answered. A key depends on the content of its inputs: where an earlier node has no
result yet, it is unknown, and the plan says until when.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Literal

from google.protobuf.message import Message

from flows import intake
from flows.cells import Cell, cells_of, rows_of
from flows.estimate import WEIGHTS, Estimate, Machine, Speed, measured_speeds
from flows.graph import build
from flows.nodes import Graph, Node
from flows.perform import LONG
from flows.profile import Profile
from flows.run import Run, source_of
from flows.tables import GapTable
from isogloss import client
from isogloss.errors import InvalidInput, NotFound
from isogloss.keys import ONLY_EXISTING
from sources.expected import expected_rows

State = Literal["exists", "missing", "unknown"]
NO_STORE = "no store was asked"
_SPEEDS_FROM = 200  # earlier results at most that the measured speed is taken from
_PATIENCE_S = 5.0


@dataclass(frozen=True)
class Step:
    """One node of the run. `keys` are `<kind>/<key>` in the store; `until` what an unknown one waits for;
    `hours` of a GPU, the assumed one or that of the measured speed.
    """

    kind: str
    label: str
    state: State
    keys: tuple[str, ...] = ()
    until: str = ""
    hours: float = 0.0


@dataclass(frozen=True)
class PlannedCell:
    """One score of the run, and how far it exists."""

    tables: tuple[str, ...]
    task: str
    input: str
    model: str
    language: str
    seed: int
    train_fraction: float
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


def make_plan(profile: Profile, run: Run | None, machine: Machine) -> Plan:
    """Plan a run. Without a `Run` no service and no store is asked."""
    graph = build(profile)
    survey = _Survey(profile, run)
    looks = [(node, survey.look(node)) for node in graph.values()]
    measure = run is not None and machine.unless_measured
    estimate = Estimate(profile, survey.rows, machine, survey.speeds(graph) if measure else {})
    steps = tuple(
        Step(node.kind, node.label, *look, _hours(estimate, profile, node))
        for node, look in looks
        if node.call != "compute"
    )
    return Plan(
        profile=profile.name,
        regime=profile.regime,
        evaluation=profile.evaluation,
        sweep=profile.sweep.kind,
        store=NO_STORE if run is None else f"s3://{run.store.bucket}",
        cells=_cells(profile, steps),
        steps=steps,
        hours=sum(step.hours for step in steps),
        missing_hours=sum(step.hours for step in steps if step.state != "exists"),
        assumptions=tuple(estimate.assumptions()),
    )


Look = tuple[State, tuple[str, ...], str]
"""State, keys, and until when an unknown one is unknown."""


class _Survey:
    """Looks at node after node instead of performing it, and keeps the results that exist."""

    def __init__(self, profile: Profile, run: Run | None) -> None:
        self._profile = profile
        self._run = run
        self._results: dict[str, Any] = {}
        self._untils: dict[str, str] = {}
        self.rows: dict[tuple[str, str], Mapping[str, int]] = {}

    def look(self, node: Node) -> Look:
        """Whether a node's results exist."""
        if node.call == "read":
            return self._corpus(node)
        if node.call == "gather":
            return self._text(node)
        unknown = next((name for name in node.awaited if name not in self._results), None)
        if self._run is None:
            return "unknown", (), NO_STORE
        if node.call == "fetch":
            return self._model(node, self._run)
        if unknown is not None:
            until = self._untils.get(unknown, f"{unknown} exists")
            if node.call == "compute":  # no artifact of its own: what waits for it waits for its cause
                self._untils[node.id] = until
            return "unknown", (), until
        request = node.request(self._results)
        if node.call == "compute":
            self._results[node.id] = request
            return "exists", (), ""
        return self._answered(node, self._run, request)

    def _answered(self, node: Node, run: Run, request: Any) -> Look:
        """Ask the service, which makes the keys; it computes nothing."""
        service, _, name = node.call.partition(".")
        method = getattr(getattr(run, service), name)
        asked = request if isinstance(request, dict) else {"": request}
        answers = {item: _existing(method, message, node.call in LONG) for item, message in asked.items()}
        keys = tuple(answer.key for answer in answers.values())
        if any(answer.result is None for answer in answers.values()):
            return "missing", keys, ""
        results = {item: answer.result for item, answer in answers.items()}
        self._results[node.id] = results if isinstance(request, dict) else results[""]
        return "exists", keys, ""

    def _corpus(self, node: Node) -> Look:
        """The text of a corpus, and its rows."""
        (task, code), run, profile = node.about, self._run, self._profile
        if profile.source.kind == "hub":  # not read here: a plan downloads nothing
            earlier = None if run is None else intake.earlier_corpus(profile, run.store, task, code)
            if earlier is None:
                self.rows[task, code] = _expected(profile, task, code)
                return "unknown", (), NO_STORE if run is None else f"{node.label} has been read from the hub"
            self._keep(node, earlier)
            return "exists", ("/".join(earlier.manifest.split("/")[-3:-1]),), ""
        source = source_of(profile, task) if run is None else run.source(task)
        corpus, key, stored = intake.peek_corpus(profile, source, run.store if run else None, task, code)
        self._keep(node, corpus)
        if run is None:
            return "unknown", (key,), NO_STORE
        return "exists" if stored else "missing", (key,), ""

    def _text(self, node: Node) -> Look:
        """The text of a language to pre-train on."""
        run, profile = self._run, self._profile
        if profile.source.kind == "hub":
            return "unknown", (), NO_STORE if run is None else f"{node.label} has been read from the hub"
        source = run.source if run else partial(source_of, profile)
        text, key, stored = intake.peek_text(profile, source, run.store if run else None, node.about)
        self._results[node.id] = text
        if run is None:
            return "unknown", (key,), NO_STORE
        return "exists" if stored else "missing", (key,), ""

    def _keep(self, node: Node, corpus: intake.Corpus) -> None:
        self._results[node.id] = corpus
        self.rows[node.about] = corpus.rows

    def _model(self, node: Node, run: Run) -> Look:
        """A pretrained model that the store has."""
        bundle = intake.peek_model(run, node.about)
        if bundle is None:
            return "unknown", (), f"{node.about.id} has been fetched"
        self._results[node.id] = bundle
        return "exists", (), ""

    def speeds(self, graph: Graph) -> dict[tuple[str, str], Speed]:
        """What earlier trainings of the same encoders reached."""
        assert self._run is not None
        models = [node for node in graph.values() if node.call == "fetch" and node.id in self._results]
        weights = {node.label: self._results[node.id].files[WEIGHTS].sha256 for node in models}
        return measured_speeds(self._profile, self._run.store.manifests("train", _SPEEDS_FROM), weights)


def _existing(method: Any, request: Message, long: bool) -> client.Found:
    """What a service has of a request already, by its own key."""
    if long:
        return client.existing(method, request, patience_s=_PATIENCE_S)
    asking = partial(method, metadata=((ONLY_EXISTING, ""),))
    try:
        response: Any = client.call(asking, request, patience_s=_PATIENCE_S)
    except NotFound as error:
        if "key" not in error.metadata:
            raise
        return client.Found(error.metadata["key"], None)
    except InvalidInput:  # a measure that does not exist for these inputs: nothing to compute, and no key
        return client.Found("", None)
    return client.Found("/".join(response.record.manifest.uri.split("/")[-3:-1]), response)


def _hours(estimate: Estimate, profile: Profile, node: Node) -> float:
    if node.call == "trainer.Pretrain":
        return estimate.pretraining_hours(node.about.input)
    if node.call == "trainer.Train":
        if node.kind == "train" and profile.sweep.rounds and node.about == node.about.searched(profile.seed):
            return 0.0  # one of the trials, under another label
        cells = cells_of(rows_of(profile))
        languages = [
            cell.language for cell in cells if (cell.task, cell.input) == (node.about.task, node.about.input)
        ]
        return estimate.training_hours(node.about, list(dict.fromkeys(languages)))
    if node.call == "embedder.Embed" and isinstance(node.about, Cell):
        return estimate.embedding_hours(node.about, not _measured(profile, node.about))
    return 0.0


def _measured(profile: Profile, cell: Cell) -> bool:
    """Whether a cell's vectors are read in every way: it stands in a table of gaps."""
    return any(
        cell in row.cells for row in rows_of(profile) if isinstance(profile.tables[row.table], GapTable)
    )


def _cells(profile: Profile, steps: tuple[Step, ...]) -> tuple[PlannedCell, ...]:
    """The cells in the tables' order."""
    rows = rows_of(profile)
    states = {step.label: step.state for step in steps if step.kind == "train"}
    return tuple(
        PlannedCell(
            tables=tuple(dict.fromkeys(row.table for row in rows if cell in row.cells)),
            task=cell.task,
            input=cell.input,
            model=cell.model(profile),
            language=cell.language,
            seed=cell.seed,
            train_fraction=cell.train_fraction,
            state=states[cell.training.label],
        )
        for cell in cells_of(rows)
    )


def _expected(profile: Profile, task: str, code: str) -> dict[str, int]:
    """Sentences of a corpus that has not been read; English's where nothing is known of a language."""
    resource = profile.resource(task)
    counts = expected_rows(resource, code) or expected_rows(resource, "eng") or {}
    limit = profile.source.limit.get(task, {})
    return {split: min(count, limit.get(split, count)) for split, count in counts.items()}
