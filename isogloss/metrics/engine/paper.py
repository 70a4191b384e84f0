"""What the paper derives, recomputed from what it prints (`isogloss paper check`).

Input is the report's `paper.json`: tables of rows of named cells, as printed. The scores of Tables 1 and 2
stand there beside the gaps that the paper derives from them, the coefficients of Table 3 beside their
p-values. A figure agrees when some scores that round to the printed ones give one that rounds to the printed
figure: both were rounded. Of what the paper states without a figure (Theorem C.2, the space of the Sinkhorn
distance) the least world is computed in which it does not hold.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from isogloss.errors import InvalidInput
from isogloss.metrics.engine.checks import Floats
from isogloss.metrics.engine.correlation import spearman_p
from isogloss.metrics.engine.gap import performance_gap
from isogloss.metrics.engine.theorem import broken_bound, dimensions

REFERENCE = "eng"  # Table 2's gaps are from it

KNOWN = {
    ("table3", "gap_vs_eng_performance", "kendall_p"): (
        "no untied tau over 30 rounds to 0.104: it comes out, with p, when each English score is used twice"
    ),
    ("table3", "gap_vs_sinkhorn", "kendall_p"): "neither exact nor asymptotic",
}
"""What is known of figures that do not simply follow from the printed ones."""


@dataclass(frozen=True)
class Finding:
    """One derived figure: as printed, as recomputed, and whether they agree to the printed digit."""

    table: str
    row: str
    column: str
    printed: float
    recomputed: float
    agrees: bool
    note: str


HALF = 0.005
"""Scores are printed with two digits."""


SOURCE = "Jung et al. (2024)"


def check_paper(figures: Mapping[str, Any]) -> list[Finding]:
    """All derived figures of Tables 1, 2 and 3; of the paper itself, what else can be counted out.

    `InvalidInput` where `figures` has another form.
    """
    try:
        tables = figures["table1"], figures["table2"], figures["table3"]
        derived = [*_table1(tables[0]), *_table2(tables[1]), *_claims(tables[1]), *_table3(tables[2])]
    except (KeyError, TypeError, AttributeError) as error:
        problem = f"not the paper's figures: {type(error).__name__} {error}"
        raise InvalidInput("figures_json", problem, "Send paper.json as it comes with Isogloss.") from error
    # What its text alone gives away, is this paper's: another's figures come without.
    text = [*_theorem(), _space()] if str(figures.get("source", "")).startswith(SOURCE) else []
    return [*derived, *text]


def _table1(table: Mapping[str, Mapping[str, float]]) -> Iterator[Finding]:
    """The paper names no ddof: the sample figure is tried first, then the population's."""
    for row, cells in table.items():
        languages = [column for column in cells if column not in ("std", "mean_rpd", "mean_cka")]
        sample, population = (
            _finding(
                "table1", row, "std", cells, _measure(languages, "std", ddof), languages, 4, f"ddof {ddof}"
            )
            for ddof in (1, 0)
        )
        yield population if population.agrees and not sample.agrees else sample
        pairs = len(languages) * (len(languages) - 1) // 2
        mean = _measure(languages, "mean_rpd", 1)
        yield _finding("table1", row, "mean_rpd", cells, mean, languages, 2, f"{pairs} pairs")


def _table2(table: Mapping[str, Mapping[str, float]]) -> Iterator[Finding]:
    for row, cells in table.items():
        for language in (column for column in cells if f"{column}_rpd" in cells):
            two, note = [REFERENCE, language], f"from {REFERENCE}"
            rpd = _measure(two, "mean_rpd", 1)
            yield _finding("table2", row, f"{language}_rpd", cells, rpd, two, 2, note)
            yield _finding("table2", row, f"{language}_abs", cells, _absolute, two, 2, note)


def _claims(table: Mapping[str, Mapping[str, float]]) -> Iterator[Finding]:
    """The abstract's "consistently outperforms": phonemes above characters in each language but English."""
    if not {"phoneme", "character"} <= set(table):
        return
    for language in (column for column in table["phoneme"] if f"{column}_rpd" in table["phoneme"]):
        lead = table["phoneme"][language] - table["character"][language]
        note = 'points above "character"; the abstract has phonemes "consistently" above'
        yield Finding("table2", "phoneme", f"{language}_lead", 0.0, lead, lead > -2 * HALF, note)


def _table3(table: Mapping[str, Mapping[str, float]]) -> Iterator[Finding]:
    """p-values from coefficients and n; of tau anywhere from exact to asymptotic, since ties are unknown."""
    half = 0.0005  # coefficients are printed with three digits
    for row, cells in table.items():
        n, rho, tau = int(cells["n"]), cells["spearman"], cells["kendall"]
        spearman_ends = [spearman_p(rho + shift, n) for shift in (-half, half)]
        kendall_ends = [
            end(tau + shift, n) for shift in (-half, half) for end in (kendall_p, kendall_p_asymptotic)
        ]
        if row == "gap_vs_eng_performance":
            kendall_ends += [kendall_p_tied_twice(tau + shift, n) for shift in (-half, half)]
        for column, p, ends, method in (
            ("spearman_p", spearman_p(rho, n), spearman_ends, f"Student's t, n = {n}"),
            ("kendall_p", kendall_p(tau, n), kendall_ends, f"exact, n = {n}"),
        ):
            agrees = _two_digits(min(ends)) <= cells[column] <= _two_digits(max(ends))
            note = KNOWN.get(("table3", row, column), method)
            yield Finding("table3", row, column, cells[column], p, agrees, note)


def _theorem() -> Iterator[Finding]:
    """Theorem C.2: the dimension that it takes, and its bound in a world whose risks are known."""
    (taken, needed), world = dimensions(), broken_bound()
    note = "it takes the dimension of H (here thresholds on a line) for that of H∆H, where two of them differ"
    yield Finding("theorem_c2", "thresholds", "dimension", taken, needed, taken == needed, note)
    apart = abs(world.risks[0] - world.risks[1])
    note = (
        f"the bound with {world.sentences:,} sentences, against the difference of risks: two constants as H, "
        "disjoint supports, labels that are no function in H"
    )
    yield Finding("theorem_c2", "constants", "bound", world.bound, apart, apart <= world.bound, note)


def _space() -> Finding:
    """Figure 3 is "on the output probability space" and, in its caption and section 4.3, "logit space"."""
    answers = np.array([[0.90, 0.05, 0.05], [0.05, 0.90, 0.05]])
    logits, probabilities = (float(np.sum((a - b) ** 2)) for a, b in (np.log(answers), answers))
    note = (
        'squared distance of two confident answers in "logit space" (section 4.3, caption) against that in '
        '"output probability space" (caption), where it is 2 at most: one figure cannot be both'
    )
    agrees = bool(np.isclose(logits, probabilities))
    return Finding("figure3", "sinkhorn", "space", logits, probabilities, agrees, note)


def kendall_p(tau: float, n: int) -> float:
    """Exact two-sided p-value of an untied Kendall's tau over n observations, from tau alone.

    Any order with as many discordant pairs has that p-value; the one built here moves the last elements
    forward.
    """
    pairs = n * (n - 1) // 2
    left = discordant = round((1 - tau) / 2 * pairs)
    if not 0 <= discordant <= pairs:
        raise InvalidInput("tau", f"{tau}", "Send a coefficient from -1 to 1.")
    order: list[int] = []
    for value in range(n):  # inserting value before `jump` smaller ones makes as many discordant pairs
        jump = min(value, left)
        left -= jump
        order.insert(len(order) - jump, value)
    return float(stats.kendalltau(np.arange(n), order, method="exact").pvalue)


def kendall_p_asymptotic(tau: float, n: int) -> float:
    """Two-sided p-value of an untied tau by its normal limit."""
    return float(2 * stats.norm.sf(abs(tau) / np.sqrt(2 * (2 * n + 5) / (9 * n * (n - 1)))))


def kendall_p_tied_twice(tau: float, n: int) -> float:
    """By the normal limit, of a tau-b over n observations of which one series has each value twice."""
    twice = n // 2
    pairs = n * (n - 1) / 2
    concordance = round(tau * np.sqrt((pairs - twice) * pairs))
    variance = (n * (n - 1) * (2 * n + 5) - twice * 2 * 9) / 18
    return float(2 * stats.norm.sf(abs(concordance) / np.sqrt(variance)))


def _measure(languages: list[str], name: str, ddof: int) -> Callable[[Floats], float]:
    """A measure of scores [L] of these languages."""
    return lambda values: float(getattr(performance_gap(languages, values, ddof), name))


def _absolute(values: Floats) -> float:
    return float(abs(values[0] - values[1]))


def _two_digits(p: float) -> float:
    return float(f"{p:.1e}")


def _finding(
    table: str,
    row: str,
    column: str,
    cells: Mapping[str, float],
    measure: Callable[[Floats], float],
    languages: list[str],
    digits: int,
    method: str,
) -> Finding:
    """Agrees when the range of the printed figure meets that of the scores' own rounding."""
    scores = np.array([cells[language] for language in languages])
    value = measure(scores)
    slopes = [measure(scores + HALF * row) - value for row in np.eye(len(scores))]
    reach = float(np.sum(np.abs(slopes)))
    agrees = abs(value - cells[column]) <= reach + 0.5 * 10**-digits + 1e-12
    note = f"{method}; the scores' rounding allows {value - reach:.5g} to {value + reach:.5g}"
    return Finding(table, row, column, cells[column], value, agrees, KNOWN.get((table, row, column), note))
