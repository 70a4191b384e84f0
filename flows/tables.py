"""Tables 1 to 3, Figures 2 and 3: which measures are taken of which cells, and where they are filed."""

from collections.abc import Mapping, Sequence

from prefect.futures import PrefectFuture

from flows import measures
from flows.cells import Cell, table1_cells, table2_cells, table3_cells
from flows.findings import Findings
from flows.profile import Table
from flows.run import Run
from flows.steps import Trained, Vectors
from flows.tasks import gather, submit
from isogloss.metrics.v1 import metrics_pb2

_Comparison = tuple[
    PrefectFuture[metrics_pb2.ComparePerformanceGapsResponse],
    PrefectFuture[metrics_pb2.CompareLinguisticGapsResponse],
]

_CLAIMED = "phoneme"  # the input that the paper's claims are about: it is compared with the others


def measure_tables(
    run: Run,
    tables: Sequence[Table],
    findings: Findings,
    trained: Mapping[Cell, Trained],
    vectors: Mapping[Cell, Vectors],
) -> None:
    """Measure what the given tables and their figures show."""
    makers = {"table1": _table1, "table2": _table2, "table3": _table3}
    for table in tables:
        makers[table](run, findings, trained, vectors)


def _table1(
    run: Run, findings: Findings, trained: Mapping[Cell, Trained], vectors: Mapping[Cell, Vectors]
) -> None:
    """Scores, their spread, and the similarity of the languages: one row per task and input."""
    rows = _rows(table1_cells(run.profile))
    shown = run.profile.table1
    run.ledger.plan("measuring Table 1", 2 * len(rows) + len(shown.inputs) + 2 * len(_compared(rows)))
    gaps = {
        row: submit(measures.performance_gap, f"gap {'/'.join(row)}", run, [trained[cell] for cell in cells])
        for row, cells in rows.items()
    }
    similarities = {
        row: submit(measures.linguistic_gaps, f"CKA {'/'.join(row)}", run, [vectors[cell] for cell in cells])
        for row, cells in rows.items()
    }
    planes = {
        row: submit(
            measures.project,
            f"t-SNE {'/'.join(row)}",
            run,
            [vectors[cell] for cell in cells if cell.language in shown.figure_languages],
        )
        for row, cells in rows.items()
        if row[0] == shown.figure_task
    }
    comparisons = _compare(run, rows, trained, vectors)
    for row, cells in rows.items():
        gap = gaps[row].result()
        findings.add_scores("table1", "/".join(row), [trained[cell] for cell in cells], gap)
        findings.add_performance_gap(*row, gap)
        findings.add_linguistic_gap(*row, similarities[row].result())
    for (task, name), (of_gaps, of_similarities) in comparisons.items():
        findings.add_differences(task, _CLAIMED, name, of_gaps.result(), of_similarities.result())
    for row, plane in gather(planes).items():
        findings.add_projection(*row, *plane)


def _table2(
    run: Run, findings: Findings, trained: Mapping[Cell, Trained], vectors: Mapping[Cell, Vectors]
) -> None:
    """Accuracies and their distance from the reference language, with CKA and Sinkhorn for Figure 3."""
    rows = _rows(table2_cells(run.profile))
    run.ledger.plan("measuring Table 2", 4 * len(rows) + 2 * len(_compared(rows)))
    asked = {}
    for (_, name), cells in rows.items():
        results, embedded = [trained[cell] for cell in cells], [vectors[cell] for cell in cells]
        asked[name] = (
            submit(measures.performance_gap, f"gap xnli/{name}", run, results),
            submit(measures.output_gap, f"Sinkhorn xnli/{name}", run, results),
            submit(measures.linguistic_gaps, f"CKA xnli/{name}", run, embedded),
            submit(measures.transfer_bound, f"bound xnli/{name}", run, embedded),
        )
    comparisons = _compare(run, rows, trained, vectors)
    for (_, name), cells in rows.items():
        gap = asked[name][0].result()
        findings.add_scores("table2", name, [trained[cell] for cell in cells], gap)
        findings.add_gap_from_reference(name, gap)
        findings.add_output_gap(name, asked[name][1].result())
        findings.add_linguistic_gap("xnli", name, asked[name][2].result())
        findings.add_transfer_bound(name, asked[name][3].result(), gap)
    for (task, name), (of_gaps, of_similarities) in comparisons.items():
        findings.add_differences(task, _CLAIMED, name, of_gaps.result(), of_similarities.result())


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
            submit(measures.performance_gap, f"gap seed {seed}", run, results),
            submit(measures.seed_linguistic_gap, f"CKA seed {seed}", run, [vectors[cell] for cell in cells]),
            submit(measures.seed_output_gap, f"Sinkhorn seed {seed}", run, results),
        )
    pairs = []
    for seed, futures in asked.items():
        gap, similarity, distance = futures[0].result(), futures[1].result(), futures[2].result()
        results = [trained[cell] for cell in seeds[seed]]
        findings.add_intervals(results, gap)
        reference = run.profile.table3.reference
        pairs += measures.seed_pairs(
            results, gap, similarity, distance, reference, run.profile.reported_split
        )
    quantities = ("reference_score", "sinkhorn", "cka")
    responses = gather(
        {name: submit(measures.correlate, f"correlation gap {name}", run, pairs, name) for name in quantities}
    )
    findings.add_correlations(pairs, responses)


def _rows(cells: Sequence[Cell]) -> dict[tuple[str, str], list[Cell]]:
    rows: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        rows.setdefault((cell.task, cell.input), []).append(cell)
    return rows


def _compared(rows: Mapping[tuple[str, str], Sequence[Cell]]) -> list[tuple[str, str]]:
    """The rows that the same task's row of phonemes is set against."""
    return [row for row in rows if row[1] != _CLAIMED and (row[0], _CLAIMED) in rows]


def _compare(
    run: Run,
    rows: Mapping[tuple[str, str], Sequence[Cell]],
    trained: Mapping[Cell, Trained],
    vectors: Mapping[Cell, Vectors],
) -> dict[tuple[str, str], _Comparison]:
    """Start the comparisons of phonemes with each of these rows: of their gaps, and of their CKAs."""
    found = {}
    for row in _compared(rows):
        sides = rows[row[0], _CLAIMED], rows[row]
        results = ([trained[cell] for cell in cells] for cells in sides)
        embedded = ([vectors[cell] for cell in cells] for cells in sides)
        found[row] = (
            submit(measures.compare_gaps, f"compare gaps {'/'.join(row)}", run, *results),
            submit(measures.compare_similarities, f"compare CKA {'/'.join(row)}", run, *embedded),
        )
    return found
