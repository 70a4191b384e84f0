"""The run as data: an experiment becomes nodes, and nothing else spells out the order of its steps.

    datasets ─▶ renderings ─▶ check ─▶ [trials ─▶ choose] ─▶ train ─▶ embed ─▶ measures
    [texts   ─▶ renderings ─▶ check ─▶ pretrain ─▶ check] ─▶ train …   (flows/matched.py)

`flows/replicate.py` runs the nodes, `flows/plan.py` asks the services which of them have been answered: what
is planned is what is run. Pure: knows neither Prefect nor a channel. One task, one input, two languages:

    >>> from flows.load import load
    >>> options = {"table1.inputs": ["phoneme"], "table1.figure_task": None}
    >>> for node in build(load("sample", tasks=["pos"], languages=["eng", "kor"], options=options)).values():
    ...     print(f"{node.id:34} {node.call:30} {len(node.needs)} {len(node.wants)}")
    dataset pos/eng                    read                           0 0
    dataset pos/kor                    read                           0 0
    dataset flores/eng                 read                           0 0
    dataset flores/kor                 read                           0 0
    phonemes pos/eng                   g2p.ConvertCorpus              1 0
    phonemes flores/eng                g2p.ConvertCorpus              1 0
    phonemes pos/kor                   g2p.ConvertCorpus              1 0
    phonemes flores/kor                g2p.ConvertCorpus              1 0
    check data                         compute                        0 8
    train pos/phoneme/eng seed 0       trainer.Train                  2 1
    train pos/phoneme/kor seed 0       trainer.Train                  2 1
    embed pos/phoneme/eng seed 0       embedder.Embed                 2 0
    embed pos/phoneme/kor seed 0       embedder.Embed                 2 0
    unknown pos/eng                    g2p.ConvertCorpus              2 0
    unknown pos/kor                    g2p.ConvertCorpus              2 0
    gap table1 pos/phoneme             metrics.ComputePerformanceGap  0 2
    similarity table1 pos/phoneme      metrics.ComputeLinguisticGap   0 2
    paper check                        metrics.CheckPaper             1 0

A node `needs` what it cannot be without, and `wants` what it waits for and can do without: a model's
vocabulary is of all languages whose text could be read, a gap of all that could be trained.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from google.protobuf.message import Message

from flows import atlas, checks, matched, measures, requests
from flows.cells import Cell, Row, cells_of, rows_of
from flows.nodes import Graph, Node, Results, ordered
from flows.pretraining import MatchedTable
from flows.profile import Profile, Snapshot
from flows.requests import PHONEMES, Splits, Trained, unique
from flows.sweep import Values
from flows.tables import GapTable
from isogloss.inputs import INPUTS
from isogloss.trainer.v1 import trainer_pb2


def build(profile: Profile) -> Graph:
    """All nodes of an experiment, each after what it awaits."""
    return ordered(_Builder(profile).nodes())


def choice_of(profile: Profile, cell: Cell) -> str | None:
    """The node that chooses a cell's hyper-parameters, by the last round of the sweep; None without one."""
    if not profile.sweep.rounds:
        return None
    last = replace(cell.searched(profile.seed), train_fraction=profile.sweep.rounds[-1])
    return f"choose {last.label}"


class _Builder:
    """Makes the nodes of one profile, kind after kind."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.rows = rows_of(profile)
        self.cells = cells_of(self.rows)
        # What only a correlation shows needs the paper's reading of its vectors and no other.
        self.measured = set(cells_of([row for row in self.rows if self._is_gap(row)]))
        of_matched = [row for row in self.rows if isinstance(profile.tables[row.table], MatchedTable)]
        self.seen = [row for row in of_matched if matched.is_embedded(row)]
        unseen = set(cells_of(of_matched)) - set(cells_of(self.seen))
        self.embedded = [cell for cell in self.cells if cell not in unseen]

    def nodes(self) -> Iterator[Node]:
        yield from self._data()
        yield from self._models()
        yield from matched.pretrain_nodes(self.profile)
        if self.profile.sweep.rounds:
            yield from self._sweep()
        for training in dict.fromkeys(cell.training for cell in self.cells):  # shared in zero-shot transfer
            yield self._train(training)
        for cell in self.embedded:
            yield self._embed(cell)
        yield from self._unknown()
        yield from measures.nodes(self.profile, self.rows)
        parallel = self.profile.parallel.corpus
        yield from matched.vector_nodes(self.profile, lambda code, name: self._source(parallel, code, name))
        for row in self.seen:
            yield matched.row_similarity(self.profile, row)
        yield from atlas.nodes(self.profile)

    def _is_gap(self, row: Row) -> bool:
        return isinstance(self.profile.tables[row.table], GapTable)

    # --- Data and models

    def _data(self) -> Iterator[Node]:
        """Every corpus that a cell reads, and its renderings; and the check that all training awaits."""
        parallel = self.profile.parallel.corpus
        read = [(cell.task, cell.language, cell.input) for cell in self.cells]
        read += [(parallel, cell.language, cell.input) for cell in self.cells]
        read += atlas.corpora_read(self.profile)
        corpora = list(dict.fromkeys((corpus, code) for corpus, code, _ in read))
        for corpus, code in corpora:
            yield Node("dataset", f"{corpus}/{code}", "read", about=(corpus, code))
        rendered = [(corpus, code, INPUTS[name].rendering) for corpus, code, name in read]
        rendered.sort(key=lambda item: self.profile.languages.index(item[1]))
        heard = list(dict.fromkeys(item for item in rendered if item[2]))
        for corpus, code, rendering in heard:
            yield self._rendering(corpus, code, rendering)
        texts = list(matched.text_nodes(self.profile))
        yield from texts
        awaited = [_dataset(*key) for key in corpora] + [_rendered(*key) for key in heard]
        awaited += [node.id for node in texts]
        yield Node("check", "data", "compute", self._check, wants=tuple(awaited), barrier=True)

    def _rendering(self, corpus: str, code: str, rendering: str) -> Node:
        kind = self._kind(corpus)

        def request(results: Results) -> dict[str, Any]:
            splits = results[_dataset(corpus, code)].splits
            return {
                split: requests.rendering_request(self.profile, kind, code, rendering, artifact.to_proto())
                for split, artifact in splits.items()
            }

        return Node(
            rendering,
            f"{corpus}/{code}",
            "g2p.ConvertCorpus",
            request,
            (corpus, code),
            needs=(_dataset(corpus, code),),
        )

    def _check(self, results: Results) -> list[str]:
        return checks.check_data(self.profile, results)

    def _models(self) -> Iterator[Node]:
        used = {name for inputs in self.profile.needed().values() for name in inputs}
        used |= {name for _, table in atlas.atlases(self.profile) for name in table.inputs}
        for name in sorted(used):
            choice = self.profile.models[name]
            if isinstance(choice, Snapshot):
                yield Node("model", name, "fetch", about=choice)

    # --- Training

    def _sweep(self) -> Iterator[Node]:
        """Rounds of trials on growing parts of the train set; after each, the choice of those that go on."""
        profile = self.profile
        searched = list(dict.fromkeys(cell.searched(profile.seed) for cell in self.cells))
        for model in searched:
            points: list[Values] | None = profile.grid(model.task)
            places, before = len(profile.grid(model.task)), ""
            for fraction in profile.sweep.rounds:
                trial = replace(model, train_fraction=fraction)
                trials = [self._trial(trial, place, points, before) for place in range(places)]
                yield from trials
                choice = self._choose(trial, [node.id for node in trials], points, before)
                yield choice
                points, before = None, choice.id
                places = profile.sweep.places(places, fraction)

    def _trial(self, model: Cell, place: int, points: list[Values] | None, before: str) -> Node:
        """One training of a round: of a point of the grid, or of what the round before put in a place."""
        label = f"{model.label} ({points[place].label if points else f'place {place + 1}'})"

        def tried(results: Results) -> Cell:
            return replace(model, values=points[place] if points else results[before][place])

        return self._training("trial", label, model, tried, (before,) if before else ())

    def _choose(self, trial: Cell, names: Sequence[str], points: list[Values] | None, before: str) -> Node:
        """Of a round's points, those that go on; of the last round, the best."""

        def choose(results: Results) -> list[Values]:
            tried = points or results[before]
            scores = {
                values: Trained(trial, results[name]).dev_score
                for values, name in zip(tried, names, strict=True)
            }
            return self.profile.sweep.survivors(scores, trial.train_fraction)

        needs = (*names, before) if before else tuple(names)
        return Node("choose", trial.label, "compute", choose, trial, needs=needs)

    def _train(self, training: Cell) -> Node:
        choice = choice_of(self.profile, training)

        def chosen(results: Results) -> Cell:
            return replace(training, values=results[choice][0]) if choice else training

        return self._training("train", training.label, training, chosen, (choice,) if choice else ())

    def _training(
        self,
        kind: str,
        label: str,
        training: Cell,
        with_values: Callable[[Results], Cell],
        choices: tuple[str, ...] = (),
    ) -> Node:
        """One call of the trainer; `with_values` gives the training with its hyper-parameters."""
        task, name, own = training.task, training.input, training.language
        model = self._model(training)
        compared = self._compared[task, name]
        shared = compared if not model and requests.reads_vocabulary(self.profile, name) else []
        evaluated = compared if training.trained_on else []
        wanted = [code for code in unique([*shared, *evaluated]) if code != own]

        def request(results: Results) -> Message:
            def splits(code: str) -> Splits | None:
                return self._splits(results, task, code, name)

            there = {code: at_hand for code in evaluated if (at_hand := splits(code)) is not None}
            vocabulary = [at_hand for code in shared if (at_hand := splits(code)) is not None]
            asked = with_values(results)
            corpus = splits(own)
            assert corpus is not None
            made = results[model[0]] if model else None
            bundle = made.snapshot if isinstance(made, trainer_pb2.PretrainResult) else made
            return requests.train_request(self.profile, asked, corpus, there, vocabulary, bundle)

        return Node(
            kind,
            label,
            "trainer.Train",
            request,
            training,
            needs=("check data", self._source(task, own, name), *model, *choices),
            wants=tuple(self._source(task, code, name) for code in wanted),
        )

    def _model(self, training: Cell) -> tuple[str, ...]:
        """The node that gives the encoder to train; none for one from random weights."""
        encoder = matched.of_cell(training)
        if encoder is not None:
            return (encoder.node,)
        is_snapshot = isinstance(self.profile.models[training.input], Snapshot)
        return (f"model {training.input}",) if is_snapshot else ()

    @cached_property
    def _compared(self) -> dict[tuple[str, str], list[str]]:
        """The languages that each task and input are compared over."""
        found: dict[tuple[str, str], dict[str, None]] = {}
        for cell in self.cells:
            found.setdefault((cell.task, cell.input), {})[cell.language] = None
        return {pair: list(codes) for pair, codes in found.items()}

    # --- Vectors, and what a vocabulary lacks

    def _embed(self, cell: Cell) -> Node:
        corpus, split = self.profile.parallel.corpus, self.profile.parallel.split
        readings = requests.readings_of(self.profile, cell.task, cell.input, cell not in self.measured)
        if cell.pretraining is not None:
            readings = dict(matched.TUNED)
        train, source = f"train {cell.training.label}", self._source(corpus, cell.language, cell.input)

        def request(results: Results) -> dict[str, Any]:
            splits = self._splits(results, corpus, cell.language, cell.input)
            assert splits is not None
            return dict(requests.embed_requests(cell, readings, results[train].model, splits[split]))

        return Node("embed", cell.label, "embedder.Embed", request, cell, needs=(train, source))

    def _unknown(self) -> Iterator[Node]:
        """What the vocabulary of a task's model lacks of what it is scored on; seeds share a vocabulary."""
        first: dict[tuple[str, str], Cell] = {}
        for cell in self.cells:
            if INPUTS[cell.input].rendering == PHONEMES:
                first.setdefault((cell.task, cell.language), cell)
        for (task, code), cell in first.items():
            yield self._count_unknown(task, code, f"train {cell.training.label}")

    def _count_unknown(self, task: str, code: str, train: str) -> Node:
        def request(results: Results) -> dict[str, Any]:
            files = results[train].model.files
            if "tokenizer.json" not in files:  # known only now: one from scratch may have none
                return {}
            artifact = results[_dataset(task, code)].splits[self.profile.reported_split].to_proto()
            asked = requests.rendering_request(
                self.profile, self._kind(task), code, PHONEMES, artifact, files["tokenizer.json"]
            )
            return {self.profile.reported_split: asked}

        needs = (train, _dataset(task, code))
        return Node("unknown", f"{task}/{code}", "g2p.ConvertCorpus", request, (task, code), needs=needs)

    # --- Names of nodes

    def _kind(self, corpus: str) -> Any:
        """The kind of a corpus: that of its task; parallel text is text."""
        return "text" if corpus == self.profile.parallel.corpus else self.profile.task(corpus).kind

    def _source(self, corpus: str, code: str, name: str) -> str:
        """The node that gives a corpus as an input reads it."""
        rendering = INPUTS[name].rendering
        return _rendered(corpus, code, rendering) if rendering else _dataset(corpus, code)

    def _splits(self, results: Results, corpus: str, code: str, name: str) -> Splits | None:
        """A corpus as an input reads it, None where it could not be had."""
        made = results.get(self._source(corpus, code, name))
        return None if made is None else requests.splits_of(made)


def _dataset(corpus: str, code: str) -> str:
    return f"dataset {corpus}/{code}"


def _rendered(corpus: str, code: str, rendering: str) -> str:
    return f"{rendering} {corpus}/{code}"
