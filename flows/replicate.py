"""The flow `replicate`: from text to the paper's tables.

    datasets -> phonemes (g2p) -> train (trainer, one call per cell) -> embed FLORES (embedder) -> metrics ->
    report

Prefect gives scheduling and the UI; what is done already is decided by the services' keys, so that a second
run computes only what is missing. A task is one step of `flows/steps.py` or `flows/measures.py`.
"""

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from prefect import flow, get_run_logger, runtime, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture, as_completed
from prefect.task_runners import ThreadPoolTaskRunner

from flows import intake, measures, profile, publish, steps
from flows.cells import Cell, cells_of, table1_cells, table2_cells, table3_cells
from flows.findings import Findings
from flows.intake import Corpus
from flows.ledger import Ledger
from flows.profile import Profile, Table
from flows.run import Run
from flows.steps import Phonemes, Trained, Vectors
from isogloss.artifact.v1 import artifact_pb2
from isogloss.errors import InvalidInput, IsoglossError
from isogloss.settings import settings

Key = TypeVar("Key")
Result = TypeVar("Result")

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
) -> None:
    """Reproduce the tables of the paper.

    - profile: what to run, a file in flows/profiles: sample, small or paper
    - data: directory or s3://bucket/prefix of a mirror to read instead of the profile's source
    - tasks: part of pos, ner, xnli
    - languages: ISO 639-3 codes, part of the profile's
    - tables: part of table1, table2, table3
    - options: fields of the profile by dotted name, such as {"table3.seeds": 5}
    """
    config = settings()
    run_id = str(runtime.flow_run.id)
    ledger = Ledger(config.state_dir / "runs" / run_id)
    started = datetime.now(UTC)
    try:
        chosen = _load(profile, data, tasks, languages, options)
        wanted = _tables(tables, chosen)
        ledger.tell = publish.progress_bar(chosen.name)
        run = Run(chosen, config, ledger)
        findings = _measure(run, wanted)
        ledger.plan("writing the report", 1)
        name = f"{started:%Y%m%d-%H%M%S}-{chosen.name}"
        record = findings.record(
            name, started, datetime.now(UTC), _command(profile, data, tasks, languages, tables, options)
        )
        index, console = _gather({"report": _submit(publish.publish_report, "report", run, record)})["report"]
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
    trained, vectors = _train_and_embed(run, cells, corpora, phonemes)
    for corpus in corpora.values():
        findings.add_dataset(corpus)
    findings.add_hyperparameters()
    findings.add_g2p(phonemes.values())
    for cell in cells:
        findings.add_cell(trained[cell])
    if "table1" in tables:
        _table1(run, findings, trained, vectors)
    if "table2" in tables:
        _table2(run, findings, trained, vectors)
    if "table3" in tables:
        _table3(run, findings, trained, vectors)
    return findings


def _prepare(
    run: Run, cells: Sequence[Cell]
) -> tuple[dict[tuple[str, str], Corpus], dict[tuple[str, str], Phonemes]]:
    """Read the corpora of the cells and FLORES, and convert those that a phoneme model reads."""
    wanted = dict.fromkeys(
        [*((cell.task, cell.language) for cell in cells), *(("flores", cell.language) for cell in cells)]
    )
    heard = {
        (task, cell.language) for cell in cells if cell.input == "phoneme" for task in (cell.task, "flores")
    }
    run.ledger.plan("reading data", len(wanted))
    corpora = _gather(
        {key: _submit(intake.read_corpus, f"read {'/'.join(key)}", run, *key) for key in wanted}
    )
    run.ledger.plan("converting to phonemes", len(heard))
    phonemes = _gather(
        {
            key: _submit(steps.to_phonemes, f"phonemes {'/'.join(key)}", run, corpora[key])
            for key in wanted
            if key in heard
        }
    )
    return corpora, phonemes


def _train_and_embed(
    run: Run,
    cells: Sequence[Cell],
    corpora: Mapping[tuple[str, str], Corpus],
    phonemes: Mapping[tuple[str, str], Phonemes],
) -> tuple[dict[Cell, Trained], dict[Cell, Vectors]]:
    """Train every cell, and embed FLORES by each as soon as it is there."""

    def corpus(task: str, language: str, input_: str) -> Corpus:
        return phonemes[task, language].corpus if input_ == "phoneme" else corpora[task, language]

    models = _fetch_models(run)
    shared = {
        (cell.task, cell.input): [
            corpus(cell.task, language, cell.input) for language in _languages(cells, cell.task, cell.input)
        ]
        for cell in cells
    }
    run.ledger.plan("training", 2 * len(cells))
    training = {}
    for cell in cells:
        encoder = steps.encoder_for(run, cell.input, shared[cell.task, cell.input], models)
        arguments = (run, cell, corpus(cell.task, cell.language, cell.input), encoder)
        training[_submit(steps.train, f"train {cell.label}", *arguments)] = cell
    trained: dict[Cell, Trained] = {}
    embedding: dict[Cell, PrefectFuture[Vectors]] = {}
    for future in as_completed(list(training)):
        cell = training[future]
        trained[cell] = future.result()
        layer = "last" if cell.task == "xnli" else "embeddings"  # sections 3.4 and 4.3
        sentences = corpus("flores", cell.language, cell.input)
        embedding[cell] = _submit(steps.embed, f"embed {cell.label}", run, trained[cell], sentences, layer)
    return trained, _gather(embedding)


def _fetch_models(run: Run) -> dict[str, artifact_pb2.Bundle]:
    """The pretrained models of the run, by input."""
    used = {name for inputs in run.profile.needed().values() for name in inputs}
    choices = {name: run.profile.models[name] for name in sorted(used)}
    snapshots = {name: choice for name, choice in choices.items() if isinstance(choice, profile.Snapshot)}
    if snapshots:
        run.ledger.plan("fetching models", len(snapshots))
    return _gather(
        {
            name: _submit(intake.fetch_model, f"fetch {choice.id}", run, choice)
            for name, choice in snapshots.items()
        }
    )


def _table1(
    run: Run, findings: Findings, trained: Mapping[Cell, Trained], vectors: Mapping[Cell, Vectors]
) -> None:
    """Scores, their spread, and the similarity of the languages: one row per task and input."""
    rows = _rows(table1_cells(run.profile))
    shown = run.profile.table1
    run.ledger.plan("measuring Table 1", 2 * len(rows) + len(shown.inputs))
    gaps = {
        row: _submit(measures.performance_gap, f"gap {'/'.join(row)}", run, [trained[cell] for cell in cells])
        for row, cells in rows.items()
    }
    similarities = {
        row: _submit(measures.linguistic_gap, f"CKA {'/'.join(row)}", run, [vectors[cell] for cell in cells])
        for row, cells in rows.items()
    }
    planes = {
        row: _submit(
            measures.project,
            f"t-SNE {'/'.join(row)}",
            run,
            [vectors[cell] for cell in cells if cell.language in shown.figure_languages],
        )
        for row, cells in rows.items()
        if row[0] == shown.figure_task
    }
    for row, cells in rows.items():
        name = "/".join(row)
        findings.add_scores("table1", name, [trained[cell] for cell in cells])
        findings.add_performance_gap(name, gaps[row].result())
        findings.add_linguistic_gap(*row, similarities[row].result())
    for row, plane in _gather(planes).items():
        findings.add_projection(*row, *plane)


def _table2(
    run: Run, findings: Findings, trained: Mapping[Cell, Trained], vectors: Mapping[Cell, Vectors]
) -> None:
    """Accuracies and their distance from the reference language, with CKA and Sinkhorn for Figure 3."""
    rows = _rows(table2_cells(run.profile))
    run.ledger.plan("measuring Table 2", 3 * len(rows))
    for (_, name), cells in rows.items():
        results = [trained[cell] for cell in cells]
        gap = _submit(measures.performance_gap, f"gap xnli/{name}", run, results)
        distance = _submit(measures.output_gap, f"Sinkhorn xnli/{name}", run, results)
        similarity = _submit(
            measures.linguistic_gap, f"CKA xnli/{name}", run, [vectors[cell] for cell in cells]
        )
        findings.add_scores("table2", name, results)
        findings.add_gap_from_reference(name, gap.result())
        findings.add_output_gap(name, distance.result())
        findings.add_linguistic_gap("xnli", name, similarity.result())


def _table3(
    run: Run, findings: Findings, trained: Mapping[Cell, Trained], vectors: Mapping[Cell, Vectors]
) -> None:
    """What goes with the performance gap over many seeds."""
    seeds: dict[int, list[Cell]] = {}
    for cell in table3_cells(run.profile):
        seeds.setdefault(cell.seed, []).append(cell)
    run.ledger.plan("measuring Table 3", 3 * len(seeds) + 3)
    asked = {}
    for seed, cells in seeds.items():
        results = [trained[cell] for cell in cells]
        asked[seed] = (
            _submit(measures.performance_gap, f"gap seed {seed}", run, results),
            _submit(measures.linguistic_gap, f"CKA seed {seed}", run, [vectors[cell] for cell in cells]),
            _submit(measures.output_gap, f"Sinkhorn seed {seed}", run, results),
        )
    pairs = []
    for seed, futures in asked.items():
        gap, similarity, distance = futures[0].result(), futures[1].result(), futures[2].result()
        results = [trained[cell] for cell in seeds[seed]]
        reference = run.profile.table3.reference
        pairs += measures.seed_pairs(
            results, gap, similarity, distance, reference, run.profile.reported_split
        )
    quantities = ("reference_score", "sinkhorn", "cka")
    responses = _gather(
        {
            name: _submit(measures.correlate, f"correlation gap {name}", run, pairs, name)
            for name in quantities
        }
    )
    findings.add_correlations(pairs, responses)


# --- Small parts


def _load(
    name: str,
    data: str | None,
    tasks: list[str] | None,
    languages: list[str] | None,
    options: dict[str, Any] | None,
) -> Profile:
    return profile.load(name, data=data, tasks=tasks, languages=languages, options=options)


def _tables(names: list[str] | None, chosen: Profile) -> list[Table]:
    """The tables to make: those asked for, of those for which the profile still has tasks and languages."""
    unknown = [name for name in names or () if name not in profile.TABLES]
    if unknown or names == []:
        raise InvalidInput(
            "tables", f"unknown table {', '.join(unknown) or '(none given)'}", "Use table1, table2, table3."
        )
    possible = {
        "table1": bool(chosen.table1.tasks and len(chosen.table1.languages) > 1),
        "table2": len(chosen.table2.languages) > 1,
        "table3": len(chosen.table3.languages) > 1,
    }
    wanted: list[Table] = [
        name for name in profile.TABLES if possible[name] and (names is None or name in names)
    ]
    if not wanted:
        fix = (
            "Table 1 needs pos or ner and two languages; Tables 2 and 3 need xnli, eng and another language."
        )
        raise InvalidInput("tables", "nothing is left to run", fix)
    return wanted


def _rows(cells: Sequence[Cell]) -> dict[tuple[str, str], list[Cell]]:
    rows: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        rows.setdefault((cell.task, cell.input), []).append(cell)
    return rows


def _languages(cells: Sequence[Cell], task: str, name: str) -> list[str]:
    return list(dict.fromkeys(cell.language for cell in cells if (cell.task, cell.input) == (task, name)))


def _submit(function: Callable[..., Result], label: str, run: Run, *arguments: Any) -> PrefectFuture[Result]:
    """Run a step as a Prefect task, and count it in the ledger."""

    def counted(*inner: Any) -> Result:
        result = function(run, *inner)
        reused = result.result.record.reused if isinstance(result, Trained) else None
        if isinstance(result, Trained):
            score = result.evaluation(run.profile.reported_split).score
            get_run_logger().info("%s: %.2f%s", result.cell.label, score, " (reused)" if reused else "")
        run.ledger.finished(label, reused=reused)
        return result

    step = task(name=function.__name__, task_run_name=label, cache_policy=NO_CACHE, persist_result=False)(
        counted
    )
    return step.submit(*arguments)


def _gather(futures: Mapping[Key, PrefectFuture[Result]]) -> dict[Key, Result]:
    return {key: future.result() for key, future in futures.items()}


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
