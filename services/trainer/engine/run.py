"""One fine-tuning run from files to files: read, encode, train, evaluate. Knows neither S3 nor protobuf."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from isogloss.errors import InvalidInput
from isogloss.inputs import Input
from isogloss.tasks import Task
from services.encoders import lexicon, models
from services.encoders.classifier import Classifier
from services.encoders.corpus import Example, read_labelled
from services.encoders.evaluation import evaluate, prediction_table, score, to_parquet
from services.encoders.models import Description, Scratch
from services.encoders.predict import Output, predict
from services.encoders.targets import is_pooled, targets
from services.encoders.units import Encoded, Units, encode
from services.trainer.engine import lora
from services.trainer.engine.callback import Callback
from services.trainer.engine.loop import Data, Hyperparameters, Numerics, micro_batch_positions, train
from services.trainer.engine.seeds import generator, seed_torch
from services.trainer.engine.state import State

_LOOK_EVERY = 1024  # sentences between two looks at whether to go on
_MOST_UNKNOWN, _FEW_UNKNOWN = 0.5, 0.02  # shares of units
LEAST_LENGTH = 8  # specials and one unit of each segment must fit


@dataclass(frozen=True)
class Request:
    """What to train, with all corpora as local Parquet files. One of `snapshot` and `scratch` is given."""

    task: Task
    input: Input
    language: str
    hyperparameters: Hyperparameters
    seed: int
    train: Path
    dev: Path
    evaluations: Mapping[str, Path]  # by name
    snapshot: Path | None = None
    scratch: Scratch | None = None
    scratch_units: Units | None = None


@dataclass(frozen=True)
class EvaluationSummary:
    """Scores of one set, in percent."""

    name: str
    score: float
    scores: dict[str, float]
    sentences: int
    truncated: int
    classes: list[dict[str, Any]]
    confusion: list[list[int]]


@dataclass(frozen=True)
class Outcome:
    """What a run found; its files lie in the directory it was given."""

    evaluations: list[EvaluationSummary]
    best_epoch: int
    train_s: float
    tokens_per_s: float
    fill: float
    resumed_at: list[int]  # steps done where an attempt took over from a checkpoint of another
    numerics: dict[str, str]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Corpus:
    examples: Sequence[Example]
    sequences: Sequence[Encoded]


def run(
    request: Request,
    directory: Path,
    numerics: Numerics,
    callback: Callback,
    checkpoint: Mapping[str, bytes] | None = None,
) -> Outcome:
    """Train and evaluate; write the model to `directory/model`, and to `directory` history.jsonl and one
    predictions-<name>.parquet for each evaluation.

    Raises `InvalidInput` naming the request's field, `Failed`, or `Stopped` by the callback.
    """
    task, hp = request.task, request.hyperparameters

    def read(path: Path, name: str) -> list[Example]:
        return read_labelled(
            path, task, request.input, name, lambda rows: callback.progress(f"reading {name}", rows, 0)
        )

    callback.begin(
        {"task": task.name, "input": request.input.name, "language": request.language, "seed": request.seed}
        | asdict(hp)
    )
    callback.phase("reading corpora")
    train_examples = _fraction(read(request.train, "train"), hp, request.seed)
    seed_torch(request.seed, "weights")
    model, units = _make_model(request, task)
    _check_length(hp, model)
    if hp.lora_rank:
        lora.add(model, hp.lora_rank, request.seed)
    numerics.prepare(model)
    full_budget = micro_batch_positions(model, numerics.device)

    def prepare(examples: list[Example], name: str) -> _Corpus:
        sequences: list[Encoded] = []
        for example in examples:
            if len(sequences) % _LOOK_EVERY == 0:
                callback.progress(f"encoding {name}", len(sequences), len(examples))
            sequences.append(encode(units, example.readings, hp.max_length))
        return _Corpus(examples, sequences)

    train_corpus = prepare(train_examples, "train")
    unknown = _check_units(request, units, train_corpus)
    dev = prepare(read(request.dev, "dev"), "dev")
    tests = {
        name: dev if path == request.dev else prepare(read(path, f"evaluations[{name}]"), name)
        for name, path in request.evaluations.items()
    }

    def outputs_of(corpus: _Corpus, phase: str) -> list[Output]:
        total = len(corpus.examples)
        return predict(
            model,
            corpus.sequences,
            units.frame,
            task,
            hp.label_scheme,
            numerics.device,
            full_budget,
            lambda done: callback.progress(phase, done, total),
        )

    def score_dev() -> float:
        outputs = outputs_of(dev, "scoring dev")
        predictions = [[_best(item) for item in output.probabilities] for output in outputs]
        return score(task, [example.labels for example in dev.examples], predictions)[task.score]

    data = Data(
        train_corpus.sequences,
        [
            targets(sequence, example.labels, task, hp.label_scheme)
            for sequence, example in zip(train_corpus.sequences, train_corpus.examples, strict=True)
        ],
        units.frame,
    )
    state = train(model, data, score_dev, hp, request.seed, numerics, callback, checkpoint)
    if state.best_weights is not None:
        model.load_state_dict(state.best_weights)
    if hp.lora_rank:
        lora.merge(model)

    summaries = []
    for name, corpus in tests.items():
        outputs = outputs_of(corpus, f"evaluating {name}")
        summaries.append(_summarize(name, task, train_examples, corpus, outputs, directory))
        callback.after_set(name, summaries[-1].scores)
    _save(model, units, request, task, state, directory)
    callback.end()
    return Outcome(
        evaluations=summaries,
        best_epoch=state.best_epoch,
        train_s=state.seconds,
        tokens_per_s=state.units / state.seconds,
        fill=state.units / state.positions,
        resumed_at=state.resumed_at,
        numerics=numerics.describe(model),
        notes=[*unknown, *_notes(state, full_budget)],
    )


def _make_model(request: Request, task: Task) -> tuple[Classifier, Units]:
    classes = len(task.labels)
    pooled = is_pooled(task, request.hyperparameters.label_scheme)
    if request.snapshot is not None:
        return models.from_snapshot(request.snapshot, request.input, classes, pooled, "encoder.snapshot")
    assert request.scratch is not None
    assert request.scratch_units is not None
    length = request.hyperparameters.max_length
    units = request.scratch_units
    return models.from_scratch(request.scratch, units, classes, pooled, length), units


def _fraction(examples: list[Example], hp: Hyperparameters, seed: int) -> list[Example]:
    """The share of the train set that is used, drawn by the seed, in the order of the file."""
    if not 0 < hp.train_fraction < 1:
        return examples
    count = max(1, round(len(examples) * hp.train_fraction))
    draw: random.Random = generator(seed, "fraction")
    return [examples[index] for index in sorted(draw.sample(range(len(examples)), count))]


def _check_length(hp: Hyperparameters, model: Classifier) -> None:
    if not LEAST_LENGTH <= hp.max_length <= model.positions:
        raise InvalidInput(
            "hyperparameters.max_length",
            f"{hp.max_length} does not fit this encoder",
            f"Use {LEAST_LENGTH} to {model.positions}.",
        )


def _check_units(request: Request, units: Units, corpus: _Corpus) -> list[str]:
    """What a reader should know of units that the encoder's vocabulary lacks; `InvalidInput` where it lacks
    most of them, since it was then made for another input.
    """
    counted = unknown = 0
    for sequence in corpus.sequences:
        counted += sum(sequence.content)
        unknown += sequence.ids.count(units.unknown)
    share = unknown / max(1, counted)
    if request.snapshot is not None and share > _MOST_UNKNOWN:
        problem = f"its vocabulary lacks {share:.0%} of the units of {request.input.name!r}"
        raise InvalidInput("encoder.snapshot", problem, "Use an encoder that was made for this input.")
    return [f"{share:.1%} of the train set's units are unknown to the model"] if share > _FEW_UNKNOWN else []


def _summarize(
    name: str,
    task: Task,
    train_examples: list[Example],
    corpus: _Corpus,
    outputs: list[Output],
    directory: Path,
) -> EvaluationSummary:
    probabilities = [output.probabilities for output in outputs]
    table = prediction_table(
        task, corpus.examples, corpus.sequences, probabilities, [output.units for output in outputs]
    )
    (directory / f"predictions-{name}.parquet").write_bytes(to_parquet(table))
    found = evaluate(table)
    scores = dict(found.scores)
    labels = [example.labels for example in corpus.examples]
    for baseline, guesses in (
        ("majority", lexicon.majority(train_examples, corpus.examples)),
        ("lexicon", lexicon.lexicon(task, train_examples, corpus.examples)),
    ):
        scores[f"baseline_{baseline}"] = score(task, labels, guesses)[task.score]
    return EvaluationSummary(
        name=name,
        score=scores[task.score],
        scores=scores,
        sentences=len(corpus.examples),
        truncated=found.truncated,
        classes=found.classes,
        confusion=found.confusion,
    )


def _save(
    model: Classifier, units: Units, request: Request, task: Task, state: State, directory: Path
) -> None:
    description = Description(
        task=task,
        input=request.input,
        architecture=model.architecture,
        max_length=request.hyperparameters.max_length,
        language=request.language,
        label_scheme=request.hyperparameters.label_scheme,
    )
    target = directory / "model"
    target.mkdir()
    models.save(model, units, description, target)
    lines = "".join(json.dumps(entry) + "\n" for entry in state.history)
    (directory / "history.jsonl").write_text(lines, encoding="utf-8")


def _notes(state: State, full: int) -> list[str]:
    """What a reader of the manifest should know."""
    if state.budget == full:
        return []
    return [f"out of memory: micro-batches were cut from {full} to {state.budget} positions"]


def _best(probabilities: Any) -> int | None:
    return None if probabilities is None else max(range(len(probabilities)), key=probabilities.__getitem__)
