"""The measures of a run as nodes: of each row its gaps and similarities, of rows their differences.

`about` of each is the row, or the two rows that are compared, or of a correlation the quantity.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from google.protobuf.message import Message

from flows import measure_requests as ask
from flows import requests
from flows.cells import Cell, Row
from flows.nodes import Call, Node, Results
from flows.profile import Profile
from flows.requests import RAW, Trained
from flows.tables import CorrelationTable, GapTable
from isogloss.artifact.v1 import artifact_pb2
from isogloss.errors import InvalidInput
from isogloss.metrics.v1 import metrics_pb2
from report import printed_figures


def nodes(profile: Profile, rows: Sequence[Row]) -> Iterator[Node]:
    """All measures of all tables."""
    for name, table in profile.live.items():
        own = [row for row in rows if row.table == name]
        if isinstance(table, GapTable):
            for row in own:
                yield from _of_row(profile, table, row)
            yield from _comparisons(profile, table, own)
        elif isinstance(table, CorrelationTable):
            yield from _of_seeds(profile, table, own)
    if profile.reference == "paper":
        figures = metrics_pb2.CheckPaperRequest(figures_json=printed_figures())
        yield Node("paper", "check", "metrics.CheckPaper", lambda _: figures, needs=("check data",))


def _gap(profile: Profile, row: Row) -> Node:
    sampled = _sampled(profile, row)

    def request(results: Results) -> Message:
        return ask.performance_gap(profile, _trained(results, row.cells), _units(profile, sampled, results))

    return _of_scores("gap", "metrics.ComputePerformanceGap", row, request, sampled)


def _of_row(profile: Profile, table: GapTable, row: Row) -> Iterator[Node]:
    yield _gap(profile, row)
    of_texts = profile.task(row.task).kind != "tokens"
    if of_texts:
        yield _of_scores(
            "distance",
            "metrics.ComputeOutputGap",
            row,
            lambda results: ask.output_gap(profile, _trained(results, row.cells), skip_exact=False),
        )
    readings = requests.readings_of(profile, row.task, row.input, only_raw=False)

    def similarities(results: Results) -> dict[str, Any]:
        return {
            reading: ask.linguistic_gap(
                profile, _vectors(results, row.cells, reading), with_null=reading == RAW
            )
            for reading in readings
        }

    yield _of_vectors("similarity", "metrics.ComputeLinguisticGap", row, row.cells, similarities)
    if of_texts:
        yield _of_vectors(
            "bound",
            "metrics.ComputeTransferBound",
            row,
            row.cells,
            lambda results: ask.transfer_bound(profile, _vectors(results, row.cells)),
        )
    if (
        row.task == table.figure_task
        and row.seed == profile.seed
        and row.trained_on in ("", profile.sources(table)[0])
    ):
        shown = [cell for cell in row.cells if cell.language in table.plane_languages]
        yield _of_vectors(
            "plane",
            "metrics.ProjectVectors",
            row,
            shown,
            lambda results: ask.projection(profile, _vectors(results, shown)),
        )


def _comparisons(profile: Profile, table: GapTable, rows: Sequence[Row]) -> Iterator[Node]:
    """Each row against the one of its task and seed that reads `compare`: all cells of both are needed."""
    for other in rows:
        compared = (other.task, table.compare, other.seed, other.trained_on)
        first = next(
            (row for row in rows if (row.task, row.input, row.seed, row.trained_on) == compared), None
        )
        if first is not None and first is not other:
            yield _compare_gaps(profile, first, other)
            yield _compare_similarities(profile, first, other)


def _compare_gaps(profile: Profile, first: Row, second: Row) -> Node:
    def request(results: Results) -> Message:
        one, other = (_trained(results, row.cells) for row in (first, second))
        return ask.compare_gaps(profile, one, other, _units(profile, sampled, results))

    sampled = _sampled(profile, first)
    trainings = [_train(cell) for row in (first, second) for cell in row.cells]
    needs = tuple(dict.fromkeys([*trainings, *sampled]))
    return Node(
        "gaps compared",
        _place(second),
        "metrics.ComparePerformanceGaps",
        request,
        (first, second),
        needs=needs,
    )


def _compare_similarities(profile: Profile, first: Row, second: Row) -> Node:
    def request(results: Results) -> Message:
        sides = [_vectors(results, row.cells) for row in (first, second)]
        return ask.compare_similarities(profile, *sides)

    needs = tuple(_embed(cell) for row in (first, second) for cell in row.cells)
    return Node(
        "similarities compared",
        _place(second),
        "metrics.CompareLinguisticGaps",
        request,
        (first, second),
        needs=needs,
    )


def _of_seeds(profile: Profile, table: CorrelationTable, rows: Sequence[Row]) -> Iterator[Node]:
    """What a correlation is of: the measures of each seed, and three quantities over all of them."""
    for row in rows:
        yield _gap(profile, row)
        yield _of_scores(
            "distance",
            "metrics.ComputeOutputGap",
            row,
            lambda results, row=row: ask.output_gap(profile, _trained(results, row.cells), skip_exact=True),
        )
        yield _of_vectors(
            "similarity",
            "metrics.ComputeLinguisticGap",
            row,
            row.cells,
            lambda results, row=row: {
                RAW: ask.linguistic_gap(profile, _vectors(results, row.cells), with_null=False)
            },
        )
    name = rows[0].table
    for quantity in ask.QUANTITIES:
        yield _correlation(profile, table, name, rows, quantity)


def _correlation(
    profile: Profile, table: CorrelationTable, name: str, rows: Sequence[Row], quantity: str
) -> Node:
    def request(results: Results) -> Message:
        pairs = observations(profile, table, rows, results)
        if len({pair.seed for pair in pairs}) < 2:
            raise InvalidInput(
                f"tables.{name}.seeds", "fewer than two seeds are whole", "Run the others again."
            )
        return ask.correlation(profile, pairs, quantity)

    wants = [f"{kind} {_place(row)}" for row in rows for kind in ("gap", "similarity", "distance")]
    wants += [_train(cell) for row in rows for cell in row.cells]
    return Node(
        "correlation",
        f"{name} {quantity}",
        "metrics.ComputeCorrelation",
        request,
        (name, quantity),
        wants=tuple(dict.fromkeys(wants)),
    )


def observations(
    profile: Profile, table: CorrelationTable, rows: Sequence[Row], results: Results
) -> list[ask.SeedPair]:
    """What is correlated: the pairs of every seed that is whole."""
    pairs = []
    for row in rows:
        trained = _trained(results, row.cells)
        responses: list[Any] = [
            results.get(f"{kind} {_place(row)}") for kind in ("gap", "similarity", "distance")
        ]
        if len(trained) == len(row.cells) and None not in responses:
            gap, similarity, distance = responses[0], responses[1][RAW], responses[2]
            pairs += ask.seed_pairs(
                trained, gap, similarity, distance, table.reference, profile.reported_split
            )
    return pairs


# --- Parts of nodes


def _of_scores(kind: str, call: Call, row: Row, request: Any, needs: tuple[str, ...] = ()) -> Node:
    """A measure of a row's scores: of two languages or more, whichever were trained."""
    wants = tuple(dict.fromkeys(_train(cell) for cell in row.cells))
    least = min(2, len(wants))  # in zero-shot transfer, one training gives all scores
    return Node(
        kind,
        _place(row),
        call,
        request,
        row,
        needs,
        wants=wants,
        at_least=least,
    )


def _of_vectors(kind: str, call: Call, row: Row, cells: Sequence[Cell], request: Any) -> Node:
    """A measure of a row's sentence vectors: of two languages or more, whichever were embedded."""
    wants = tuple(_embed(cell) for cell in cells)
    return Node(kind, _place(row), call, request, row, wants=wants, at_least=2)


def _sampled(profile: Profile, row: Row) -> tuple[str, ...]:
    """The corpus that says which items were sampled together: of pairs of texts, those of one premise. Row i
    is the same item in every language, so that the first one's stands for all.
    """
    return (f"dataset {row.task}/{row.cells[0].language}",) if profile.task(row.task).kind == "pair" else ()


def _units(profile: Profile, sampled: Sequence[str], results: Results) -> artifact_pb2.Artifact | None:
    return results[sampled[0]].splits[profile.reported_split].to_proto() if sampled else None


def _trained(results: Results, cells: Sequence[Cell]) -> list[Trained]:
    return [Trained(cell, results[_train(cell)]) for cell in cells if _train(cell) in results]


def _vectors(results: Results, cells: Sequence[Cell], reading: str = RAW) -> Mapping[Cell, Any]:
    return {cell: results[_embed(cell)][reading] for cell in cells if _embed(cell) in results}


def _place(row: Row) -> str:
    return f"{row.table} {row.label}"


def _train(cell: Cell) -> str:
    return f"train {cell.training.label}"


def _embed(cell: Cell) -> str:
    return f"embed {cell.label}"
