"""The report as one HTML file: no network, no build step; readable without JavaScript and in print."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from report.claims import OUTCOMES, count_outcomes, judge_claims
from report.compare import ComparedNumber, Comparison
from report.figures import RenderedFigure
from report.grid_view import grid_views
from report.inputs import dataset_lines, hyperparameter_lines
from report.matched import REGIMES as MATCHED_REGIMES
from report.matched import view as matched_view
from report.panel import BOUND, PairTable, checks, pair_table
from report.paper import discrepancies
from report.provenance import Sources
from report.record import MEASURES, Cell, Interval, Number, RunRecord
from report.tables import (
    NOT_RUN,
    metric_title,
    no_interval,
    write,
    write_seeds,
    write_signed,
)
from report.verdicts import RULES, SYMBOLS, count_verdicts, is_judged

TEMPLATES = Path(__file__).parent / "templates"
REGIMES = {
    "in_language": "in language: one model per language and task, trained on that language's own train set",
    "zero_shot": "zero-shot: trained on one language, tested on all",
}
EVALUATIONS = {
    "paper": "paper: scores on dev, which also chose the epoch, as the paper did",
    "honest": "honest: the epoch chosen on dev, scores on test",
}


def render_page(record: RunRecord, figures: Sequence[RenderedFigure]) -> str:
    """The page with its figures inline; `figures` in the order in which they are shown within a section."""
    sources, judged = Sources(record), judge_claims(record)
    of_data = " ".join(row.note for row in record.datasets)
    data_notes = [note for note in record.notes if note in of_data]
    return _render(
        "index.html.j2",
        record=record,
        regime=REGIMES.get(record.regime, record.regime),
        evaluation=EVALUATIONS.get(record.evaluation, record.evaluation),
        grids=grid_views(record, sources),
        claims=judged,
        outcomes=count_outcomes(item for item in judged if not item.claim.control),
        outcome_rules=OUTCOMES,
        notes=[note for note in record.notes if note not in data_notes],
        data_notes=data_notes,
        sources=sources,
        datasets=dataset_lines(record),
        hyperparameters=hyperparameter_lines(record),
        figures=_by_prefix(figures),
        table_figures={
            name: [f for f in figures if f"{f.name}-".startswith(tuple(f"{of}-{name}-" for of in _OF_TABLES))]
            for name in record.tables
        },
        figure2=_pairs(record, of_reference=False),
        figure3=_pairs(record, of_reference=True),
        bounds=[table for name in record.tables if (table := pair_table(record, name, BOUND)).lines],
        observed={(n.task, n.input, frozenset(n.languages)): n for n in record.select("absolute", less="")},
        discrepancies=discrepancies() if record.beside_paper else (),
        g2p_columns=list(dict.fromkeys(title for row in record.g2p for title in row.extra)),
        checks=checks(record),
        lengths=_length_lines(record),
        derived=record.derived if record.beside_paper else (),
        costs=_costs(record.cells),
        matched_view=matched_view(record.matched) if record.matched else None,
        matched_regimes=MATCHED_REGIMES,
        not_run=NOT_RUN,
        verdicts=count_verdicts(record),
        verdict_rules=RULES if is_judged(record) else {},
    )


def render_comparison(comparison: Comparison) -> str:
    """Two runs as one page."""
    tables: dict[str, list[ComparedNumber]] = {}
    for number in comparison.numbers:
        tables.setdefault(number.table, []).append(number)
    runs = comparison.first, comparison.second
    sources = [
        Sources(run, prefix, only={uri for number in run.numbers for uri in number.manifests})
        for run, prefix in zip(runs, ("a", "b"), strict=True)
    ]
    return _render("compare.html.j2", comparison=comparison, tables=tables, sources=sources)


def _render(template: str, **context: object) -> str:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {
        "figure": write,
        "signed": write_signed,
        "duration": duration,
        "metric": metric_title,
        "pretty": pretty,
        "unordered": frozenset,
        "method": interval_method,
        "exact": no_interval,
        "seeds": write_seeds,
    }
    return environment.get_template(template).render(
        style=(TEMPLATES / "report.css").read_text(encoding="utf-8"),
        script=(TEMPLATES / "report.js").read_text(encoding="utf-8"),
        symbols=SYMBOLS,
        measures=MEASURES,
        **context,
    )


def interval_method(interval: Interval) -> str:
    """What an interval is: "95% interval, bootstrap over items"; a spread claims no coverage."""
    title = f"{interval.level:.0%} interval" if interval.level else "Spread"
    return f"{title}, {interval.method}" if interval.method else title


def pretty(value: Mapping[str, Any]) -> str:
    """JSON for people; long digests and places are left whole, to be copied."""
    return json.dumps(value, indent=1, ensure_ascii=False)


def duration(seconds: float | None) -> str:
    """Seconds for people: "47 s", "12 min 05 s", "3 h 20 min"; None is "not run"."""
    if seconds is None:
        return NOT_RUN
    if seconds < 60:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


_OF_TABLES = ("scores", "scatter", "transfer", "layers")
"""Figures that stand below the table that they are of, by the first part of their names."""
_LENGTHS = ("mean_cka_debiased", "mean_cka_length_matched", "mean_cka_residual")


def _length_lines(record: RunRecord) -> list[tuple[str, tuple[Number | None, ...]]]:
    """By task and input: the debiased CKA, what length makes of it, and what is left without."""
    lines = {}
    for number in record.select(*_LENGTHS[1:], less="", reading="", without=""):
        found = tuple(
            record.find(
                measure,
                table=number.table,
                task=number.task,
                input=number.input,
                trained_on=number.trained_on,
            )
            for measure in _LENGTHS
        )
        lines[f"{record.series(number.task, '')}: {record.reads(number)}"] = found
    return list(lines.items())


def _pairs(record: RunRecord, *, of_reference: bool) -> list[PairTable]:
    """The pairs behind Figure 2, where all are compared with all, or Figure 3, where with a reference."""
    names = [name for name, table in record.tables.items() if bool(table.reference) == of_reference]
    return [table for name in names if (table := pair_table(record, name)).lines]


def _by_prefix(figures: Sequence[RenderedFigure]) -> dict[str, list[RenderedFigure]]:
    """Figures by the first part of their names, which is their section: "figure2", "scores", "loss" …"""
    found: dict[str, list[RenderedFigure]] = {}
    for figure in figures:
        found.setdefault(figure.name.split("-")[0], []).append(figure)
    return found


def _costs(cells: Sequence[Cell]) -> list[tuple[str, str, int, int, float]]:
    """For each task and input: cells, those reused, and seconds of training."""
    found: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        found.setdefault((cell.task, cell.input), []).append(cell)
    return [
        (task, model_input, len(group), sum(c.reused for c in group), sum(c.seconds or 0.0 for c in group))
        for (task, model_input), group in found.items()
    ]
