"""`isogloss measure`: the measures on own files, in this process. Needs `pip install 'isogloss[metrics]'`."""

import dataclasses
import json
import math
from pathlib import Path
from typing import Annotated, Any

import typer

from isogloss.errors import InvalidInput, NotFound

_NEEDED = ("numpy", "scipy", "ot", "sklearn", "pyarrow", "safetensors")

measure = typer.Typer(
    help="""How far apart languages lie, measured on your own files.

    A file is given as NAME=FILE, any name: .npy, .safetensors, .parquet or text. --json prints everything, a
    table the main figures.""",
    no_args_is_help=True,
)

Given = Annotated[list[str], typer.Argument(metavar="NAME=FILE…", help="one file for each language")]
AsJson = Annotated[bool, typer.Option("--json", help="print all figures as one JSON object")]
Seed = Annotated[int, typer.Option(help="of all random draws")]
Level = Annotated[float, typer.Option(help="coverage of the intervals")]
Replicates = Annotated[int, typer.Option(help="bootstrap replicates of the intervals; 0 leaves them out")]
Lengths = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=FILE", help="units per sentence, one number a row; repeat for each language"),
]


@measure.command()
def cka(
    vectors: Given,
    lengths: Lengths = None,
    permutations: Annotated[int, typer.Option(help="random pairings of each null; 0 leaves it out")] = 0,
    seed: Seed = 0,
    level: Level = 0.95,
    as_json: AsJson = False,
) -> None:
    """Linear CKA of sentence vectors: row i of every file is the same sentence.

    isogloss measure cka eng=a.npy deu=b.npy --lengths eng=a.txt --lengths deu=b.txt --json
    """
    _of_vectors("cka", vectors, lengths, as_json, permutations=permutations, seed=seed, level=level)


@measure.command()
def rsa(
    vectors: Given,
    lengths: Lengths = None,
    permutations: Annotated[int, typer.Option(help="random pairings of each null, 1 or more")] = 99,
    seed: Seed = 0,
    level: Level = 0.95,
    as_json: AsJson = False,
) -> None:
    """Representational similarity analysis of sentence vectors: row i of every file is the same sentence.

    isogloss measure rsa eng=a.npy deu=b.npy --lengths eng=a.txt --lengths deu=b.txt
    """
    _of_vectors("rsa", vectors, lengths, as_json, permutations=permutations, seed=seed, level=level)


@measure.command()
def procrustes(
    vectors: Given,
    lengths: Lengths = None,
    permutations: Annotated[int, typer.Option(help="random pairings of each null, 1 or more")] = 20,
    seed: Seed = 0,
    level: Level = 0.95,
    as_json: AsJson = False,
) -> None:
    """Orthogonal Procrustes of sentence vectors: row i of every file is the same sentence.

    isogloss measure procrustes eng=a.npy deu=b.npy --lengths eng=a.txt --lengths deu=b.txt
    """
    _of_vectors("procrustes", vectors, lengths, as_json, permutations=permutations, seed=seed, level=level)


@measure.command()
def gaps(
    scores: Annotated[
        list[str], typer.Argument(metavar="NAME=SCORE|FILE…", help="percent, or a file of predictions")
    ],
    against: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=SCORE|FILE", help="of a second input, to compare with; repeat"),
    ] = None,
    metric: Annotated[str, typer.Option(help="of predictions: accuracy or span_f1")] = "accuracy",
    ddof: Annotated[int, typer.Option(help="of the standard deviation: 1 (sample) or 0")] = 1,
    units: Annotated[
        Path | None, typer.Option(help="a name a row: items of one name were sampled together")
    ] = None,
    replicates: Replicates = 10_000,
    seed: Seed = 0,
    level: Level = 0.95,
    as_json: AsJson = False,
) -> None:
    """How unequal languages' scores are, and with --against whether another input is more equal.

    Predictions are the .parquet of Train and Predict, or text with label<TAB>prediction a line, blank lines
    between sentences.

    isogloss measure gaps eng=87.1 fra=91.3 kor=84.1
    """
    _installed()
    from isogloss.metrics import measures
    from isogloss.metrics.formats import number_units, read_names

    numbers = number_units(read_names(units, "--units")) if units else None
    first = _scores(scores, "scores", metric, numbers)
    draws: dict[str, Any] = {"ddof": ddof, "replicates": replicates, "seed": seed, "level": level}
    if against:
        _print(measures.compare_gaps(first, _scores(against, "--against", metric, numbers), **draws), as_json)
    else:
        _print(measures.gaps(first, **draws), as_json)


@measure.command()
def spreads(
    scores: Annotated[list[str], typer.Argument(metavar="NAME=SCORE[,SCORE…]…", help="percent, one a seed")],
    against: Annotated[list[str], typer.Option(metavar="NAME=SCORE[,SCORE…]", help="of the second input")],
    level: Level = 0.95,
    as_json: AsJson = False,
) -> None:
    """Whether an input would spread other languages further apart, and what so many languages could show.

    isogloss measure spreads eng=96.6 fra=95.5 hun=74.6 kor=86.7 --against eng=95.9 --against fra=96.4
    --against hun=85.9 --against kor=85.8
    """
    _installed()
    from isogloss.metrics import measures

    result = measures.compare_spreads(_seeds(scores, "scores"), _seeds(against, "--against"), level=level)
    if result is None:
        fix = "Four languages are the least, and each input must spread them by more than noise."
        raise InvalidInput("scores", "no spread to compare", fix)
    _print(result, as_json)


@measure.command()
def sinkhorn(
    probabilities: Given,
    regularization: Annotated[float, typer.Option(help="in units of squared distance, 0.005 to 10")] = 0.1,
    exact: Annotated[bool, typer.Option(help="also exact transport: 6 s a pair at 5,000 rows")] = True,
    level: Level = 0.95,
    as_json: AsJson = False,
) -> None:
    """Optimal transport between class probabilities: row i of every file is the same item.

    isogloss measure sinkhorn eng=p.npy swa=q.npy --regularization 0.1
    """
    _installed()
    from isogloss.metrics import measures
    from isogloss.metrics.formats import read_matrix

    read = {
        name: read_matrix(path, name, "probabilities").vectors
        for name, path in _named(probabilities, "probabilities").items()
    }
    _print(measures.sinkhorn(read, regularization=regularization, exact=exact, level=level), as_json)


@measure.command()
def correlate(
    x: Annotated[Path, typer.Argument(help="one number a row")],
    y: Annotated[Path, typer.Argument(help="one number a row")],
    groups: Annotated[Path | None, typer.Option(help="a name a row: also within each")] = None,
    clusters: Annotated[Path | None, typer.Option(help="a name a row: drawn together, such as seeds")] = None,
    replicates: Replicates = 10_000,
    seed: Seed = 0,
    level: Level = 0.95,
    as_json: AsJson = False,
) -> None:
    """Rank correlations of two series, with p-values that are exact where n allows.

    isogloss measure correlate gap.txt cka.txt --groups pair.txt --clusters seed.txt
    """
    _installed()
    from isogloss.metrics import measures
    from isogloss.metrics.formats import read_names, read_series

    result = measures.correlate(
        read_series(x, "x"),
        read_series(y, "y"),
        groups=read_names(groups, "--groups") if groups else None,
        clusters=read_names(clusters, "--clusters") if clusters else None,
        replicates=replicates,
        seed=seed,
        level=level,
    )
    _print(result, as_json)


def _of_vectors(
    name: str, vectors: list[str], lengths: list[str] | None, as_json: bool, **draws: Any
) -> None:
    """A measure of files of vectors, with the lengths that are given or stand beside the vectors."""
    _installed()
    from isogloss.metrics import measures
    from isogloss.metrics.formats import read_matrix, read_series

    read = {key: read_matrix(path, key) for key, path in _named(vectors, "vectors").items()}
    own = {key: read_series(path, f"lengths[{key}]") for key, path in _named(lengths, "--lengths").items()}
    kept = {key: item.lengths for key, item in read.items() if item.lengths is not None}
    of_vectors = {key: item.vectors for key, item in read.items()}
    _print(getattr(measures, name)(of_vectors, kept | own, **draws), as_json)


def _installed() -> None:
    """The extra that the measures need, asked for before anything is read."""
    import importlib.util

    missing = [name for name in _NEEDED if not importlib.util.find_spec(name)]
    if missing:
        fix = "Install it: pip install 'isogloss[metrics]'."
        raise NotFound(f"isogloss measure needs {', '.join(missing)}, which is not installed. {fix}")


def _named(given: list[str] | None, field: str) -> dict[str, Path]:
    """NAME=FILE, each name once."""
    named: dict[str, Path] = {}
    for item in given or []:
        name, sign, path = item.partition("=")
        if not (name and sign and path):
            raise InvalidInput(field, f"{item!r} is not NAME=FILE", "Write for example eng=a.npy.")
        if name in named:
            raise InvalidInput(field, f"{name} given twice", "Send each language once.")
        named[name] = Path(path)
    return named


def _scores(given: list[str], field: str, metric: str, units: Any) -> dict[str, Any]:
    from isogloss.metrics.formats import read_predictions

    if metric not in ("accuracy", "span_f1"):
        raise InvalidInput("--metric", repr(metric), "Known: accuracy, span_f1 (docs/metrics.md says why).")
    scores: dict[str, Any] = {}
    for name, path in _named(given, field).items():
        try:
            scores[name] = float(str(path))
        except ValueError:
            items = read_predictions(path, metric, f"{field}[{name}]")
            scores[name] = items if units is None else items.by_unit(units, "--units")
    return scores


def _seeds(given: list[str], field: str) -> dict[str, list[float]]:
    scores: dict[str, list[float]] = {}
    for name, numbers in _named(given, field).items():
        try:
            scores[name] = [float(number) for number in str(numbers).split(",")]
        except ValueError:
            raise InvalidInput(
                f"{field}[{name}]", f"{numbers} is no score", "Write 87.1 or 87.1,86.9."
            ) from None
    return scores


def _print(result: Any, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_plain(result), ensure_ascii=False, allow_nan=False))
        return
    for record in result if isinstance(result, list) else [result]:
        typer.echo("\n".join(_lines(record)))


def _plain(value: Any) -> Any:
    """Records as JSON: None where a figure was not asked for or does not exist."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _lines(record: Any) -> list[str]:
    """The record's own figures, a line each with its interval, then a table of its pairs."""
    values = record if isinstance(record, dict) else _plain(record)
    lines = []
    for name, value in values.items():
        if isinstance(value, int | float | str) and value != "":
            lines.append(f"{name:38}{_number(value)}{_range(values.get(name + '_interval'))}")
        elif name == "interval" and value:
            lines.append(f"{name:38}{_range(value).strip()}")
        elif isinstance(value, dict) and "languages" in value:
            lines += [f"{name}:", *(f"  {line}" for line in _lines(value))]
        elif isinstance(value, dict) and "value" in value:
            notes = [f"p {_number(value[key])}" for key in ("p_value",) if value.get(key) is not None]
            lines.append(
                f"{name:38}{_number(value['value'])}{_range(value.get('interval'))}  {' '.join(notes)}"
            )
    for pair in values.get("pairs", []):
        figures = [
            f"{name} {_number(value)}{_range(pair.get(name + '_interval'))}"
            for name, value in pair.items()
            if isinstance(value, float)
        ]
        lines.append(f"{pair['first']} – {pair['second']}: " + ", ".join(figures))
    return lines


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _range(interval: Any) -> str:
    return f" [{interval['low']:.4g}, {interval['high']:.4g}]" if isinstance(interval, dict) else ""
