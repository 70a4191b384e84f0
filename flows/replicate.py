"""The flow `replicate`: from text to the paper's tables.

    datasets -> phonemes (g2p) -> train (trainer, one call per cell) -> embed FLORES (embedder) -> metrics ->
    report

Prefect gives scheduling and the UI; what is done already is decided by the services' keys, so that a second
run computes only what is missing. A task is one step of `flows/steps.py` or `flows/measures.py`.
"""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from prefect import flow, runtime
from prefect.futures import PrefectFuture, as_completed
from prefect.task_runners import ThreadPoolTaskRunner

from flows import intake, measures, publish, steps
from flows.cells import (
    Cell,
    cells_of,
    corpora_of,
    seeds_only,
    trainings_of,
    wanted_tables,
)
from flows.estimate import Machine
from flows.findings import Findings
from flows.intake import Corpus
from flows.ledger import Ledger
from flows.plan import make_plan
from flows.profile import Snapshot, Table, load
from flows.requests import Material
from flows.run import Run
from flows.search import Trials, choose
from flows.steps import Phonemes, Trained, Vectors
from flows.sweep import Values
from flows.tables import measure_tables
from flows.tasks import gather, submit
from isogloss.artifact.v1 import artifact_pb2
from isogloss.errors import IsoglossError
from isogloss.g2p.v1 import g2p_pb2
from isogloss.settings import settings

# Steps wait for services, not for this process: threads are cheap, and a waiting one must not hold up the
# others.
_RUNNER: Any = ThreadPoolTaskRunner(max_workers=64)


@flow(
    name="replicate",
    flow_run_name="{profile}",
    task_runner=_RUNNER,
    persist_result=False,
)
def replicate(
    profile: str = "sample",
    data: str | None = None,
    tasks: list[str] | None = None,
    languages: list[str] | None = None,
    tables: list[str] | None = None,
    options: dict[str, Any] | None = None,
    max_gpu_hours: float | None = None,
) -> None:
    """Reproduce the tables of the paper.

    - profile: what to run, a file in flows/profiles: sample, small or paper
    - data: directory or s3://bucket/prefix of a mirror to read instead of the profile's source
    - tasks: part of pos, ner, xnli
    - languages: ISO 639-3 codes, part of the profile's
    - tables: part of table1, table2, table3
    - options: fields of the profile by dotted name, such as {"table3.seeds": 5}
    - max_gpu_hours: refuse, before anything runs, when what is missing is estimated to need more
    """
    config = settings()
    run_id = str(runtime.flow_run.id)
    ledger = Ledger(config.state_dir / "runs" / run_id)
    started = datetime.now(UTC)
    try:
        chosen = load(profile, data=data, tasks=tasks, languages=languages, options=options)
        wanted = wanted_tables(tables, chosen)
        ledger.tell = publish.progress_bar(chosen.name)
        run = Run(chosen, config, ledger)
        if max_gpu_hours is not None:
            ledger.plan("estimating", 0)
            machine = Machine(config.gpu_tflops, config.mfu)
            make_plan(chosen, wanted, run, machine).check(max_gpu_hours)
        findings = _measure(run, wanted)
        ledger.plan("writing the report", 1)
        name = f"{started:%Y%m%d-%H%M%S}-{chosen.name}"
        record = findings.record(
            name, started, datetime.now(UTC), _command(profile, data, tasks, languages, tables, options)
        )
        index, console = gather({"report": submit(publish.publish_report, "report", run, record)})["report"]
        ledger.close(index, console, None)
    except BaseException as error:
        ledger.close(
            None,
            "",
            error.message if isinstance(error, IsoglossError) else f"{type(error).__name__}: {error}",
        )
        raise


def _measure(run: Run, tables: Sequence[Table]) -> Findings:
    """Everything between the request and the report."""
    cells = cells_of(run.profile, tables)
    findings = Findings(run.profile)
    corpora, phonemes = _prepare(run, cells)
    findings.check_phonemes(phonemes.values())  # stops the run where text did not become phonemes
    heard = {key: item.corpus for key, item in phonemes.items()}
    material = Material(cells, corpora, heard, _fetch_models(run))
    chosen = _choose(run, material)
    trained, vectors = _train_and_embed(run, chosen, material)
    findings.add_g2p(phonemes.values(), _count_unknown(run, trained, corpora))
    for corpus in corpora.values():
        findings.add_dataset(corpus)
    findings.add_hyperparameters(chosen.values())
    if run.profile.sweep.rounds:
        findings.add_sweep(cells)
    findings.add_paper_check(measures.check_paper(run))
    for cell in cells:
        findings.add_cell(trained[cell])
    measure_tables(run, tables, findings, trained, vectors)
    return findings


def _prepare(
    run: Run, cells: Sequence[Cell]
) -> tuple[dict[tuple[str, str], Corpus], dict[tuple[str, str], Phonemes]]:
    """Read the corpora of the cells and FLORES, and convert those that a phoneme model reads."""
    wanted, heard = corpora_of(cells)
    run.ledger.plan("reading data", len(wanted))
    corpora = gather({key: submit(intake.read_corpus, f"read {'/'.join(key)}", run, *key) for key in wanted})
    run.ledger.plan("converting to phonemes", len(heard))
    phonemes = gather(
        {key: submit(steps.to_phonemes, f"phonemes {'/'.join(key)}", run, corpora[key]) for key in heard}
    )
    return corpora, phonemes


def _choose(run: Run, material: Material) -> dict[Cell, Cell]:
    """The cells with the hyper-parameters that the sweep chooses, by training what it tries."""

    def score(fraction: float, trials: Trials) -> dict[Cell, dict[Values, float]]:
        run.ledger.plan(f"sweep on {fraction:.0%} of the data", sum(map(len, trials.values())))
        futures = {
            model: {values: _submit_training(run, trial, material) for values, trial in points.items()}
            for model, points in trials.items()
        }
        return {
            model: {values: trained.dev_score for values, trained in gather(points).items()}
            for model, points in futures.items()
        }

    return choose(run.profile, material.cells, score)


def _train_and_embed(
    run: Run, cells: Mapping[Cell, Cell], material: Material
) -> tuple[dict[Cell, Trained], dict[Cell, Vectors]]:
    """Train every cell as the sweep chose it, and embed FLORES by each as soon as it is there."""
    trainings = trainings_of(cells)
    run.ledger.plan("training", len(trainings) + len(cells))
    only_raw = seeds_only(run.profile, cells)
    waiting = {_submit_training(run, training, material): training for training in trainings}
    trained: dict[Cell, Trained] = {}
    embedding: dict[Cell, PrefectFuture[Vectors]] = {}
    for future in as_completed(list(waiting)):
        for cell in trainings[waiting[future]]:  # several in zero-shot transfer
            trained[cell] = replace(future.result(), cell=cells[cell])
            sentences = material.corpus("flores", cell.language, cell.input)
            arguments = (run, trained[cell], sentences, cell in only_raw)
            embedding[cell] = submit(steps.embed, f"embed {cell.label}", *arguments)
    return trained, gather(embedding)


def _count_unknown(
    run: Run, trained: Mapping[Cell, Trained], corpora: Mapping[tuple[str, str], Corpus]
) -> dict[tuple[str, str], g2p_pb2.Quality]:
    """Phonemes that the models' vocabularies lack, by task and language: seeds share a vocabulary."""
    heard = {(cell.task, cell.language): model for cell, model in trained.items() if cell.input == "phoneme"}
    run.ledger.plan("counting unknown phonemes", len(heard))
    return gather(
        {
            key: submit(steps.count_unknown, f"unknown {'/'.join(key)}", run, model, corpora[key])
            for key, model in heard.items()
        }
    )


def _submit_training(run: Run, training: Cell, material: Material) -> PrefectFuture[Trained]:
    return submit(steps.train, f"train {training.label}", run, training, material)


def _fetch_models(run: Run) -> dict[str, artifact_pb2.Bundle]:
    """The pretrained models of the run, by input."""
    used = {name for inputs in run.profile.needed().values() for name in inputs}
    choices = {name: run.profile.models[name] for name in sorted(used)}
    snapshots = {name: choice for name, choice in choices.items() if isinstance(choice, Snapshot)}
    if snapshots:
        run.ledger.plan("fetching models", len(snapshots))
    return gather(
        {
            name: submit(intake.fetch_model, f"fetch {choice.id}", run, choice)
            for name, choice in snapshots.items()
        }
    )


# --- Small parts


def _command(
    name: str,
    data: str | None,
    tasks: list[str] | None,
    languages: list[str] | None,
    tables: list[str] | None,
    options: dict[str, Any] | None,
) -> str:
    """What to type to start this run again."""
    parts = ["isogloss replicate", f"--profile {name}"]
    parts += [f"--data {data}"] if data else []
    for option, values in (("tasks", tasks), ("languages", languages), ("tables", tables)):
        parts += [f"--{option} {','.join(values)}"] if values else []
    parts += [
        f"--set {shlex.quote(f'{field}={json.dumps(value)}')}" for field, value in (options or {}).items()
    ]
    return " ".join(parts)
