"""What a controlled experiment says: endpoints of each encoder, contrasts over seeds, outcomes by its rules.

The unit of replication is the seed of pre-training. A contrast is paired by it: Student's interval of the
mean difference, one family over all contrasts and endpoints, Holm's correction (what each may spend is its
place's share of the level). *holds*: the interval lies beyond the margin on the claimed side; *fails*:
beyond it on the other; *practically equal*: inside of both margins; *uninformative*: anything else.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from report.record.matched import ContrastRules, EndpointName, Matched

Outcome = Literal["holds", "fails", "practically equal", "uninformative"]
Endpoints = Mapping[EndpointName, float]
Encoder = tuple[str, int]
"""An input and a seed of pre-training."""

_LEAST_SHARE = 0.001  # scores of 0 and 100 % have no logit
_NO_SPREAD = 1e-6  # nor has a spread of 0 a logarithm


@dataclass(frozen=True)
class Contrasted:
    """One contrast of one endpoint: `differences` by seed, their mean, the interval at the level of one
    test, and at the level that Holm's correction left it. No intervals with one seed."""

    endpoint: EndpointName
    other: str
    differences: tuple[float, ...]
    margin: float
    interval: tuple[float, float] | None = None
    p: float | None = None
    holm_interval: tuple[float, float] | None = None
    outcome: Outcome = "uninformative"

    @property
    def mean(self) -> float:
        """Over seeds."""
        return statistics.fmean(self.differences)


def endpoints(matched: Matched) -> dict[Encoder, Endpoints]:
    """By encoder, as far as they could be measured: scores need all languages, and are means over the seeds
    of fine-tuning."""
    found: dict[Encoder, dict[EndpointName, float]] = {}
    for encoder, scores in mean_scores(matched, matched.rules.primary_task).items():
        if all(code in scores for code in matched.languages):
            found[encoder] = dict(of_scores([scores[code] for code in matched.languages]))
    for item in matched.likeness:
        if item.reading == matched.last and item.without_length is not None:
            found.setdefault((item.input, item.seed), {})["cka_without_length"] = item.without_length
    return dict(found)


def mean_scores(matched: Matched, task: str, regime: str = "in_language") -> dict[Encoder, dict[str, float]]:
    """By encoder and language, the mean over the seeds of fine-tuning."""
    found: dict[Encoder, dict[str, list[float]]] = {}
    for item in matched.scores:
        if (item.task, item.regime) == (task, regime):
            by_language = found.setdefault((item.input, item.seed), {})
            by_language.setdefault(item.language, []).append(item.score)
    return {
        encoder: {code: statistics.fmean(values) for code, values in scores.items()}
        for encoder, scores in found.items()
    }


def of_scores(scores: Sequence[float]) -> Endpoints:
    """Endpoints of one encoder's scores in percent, of two languages or more."""
    shares = [min(max(score / 100, _LEAST_SHARE), 1 - _LEAST_SHARE) for score in scores]
    spread = statistics.stdev(math.log(share / (1 - share)) for share in shares)
    gaps = [200 * abs(a - b) / (a + b) if a + b else 0.0 for a, b in combinations(scores, 2)]
    return {
        "mean_score": statistics.fmean(scores),
        "log_spread_ratio": math.log(max(_NO_SPREAD, spread)),
        "mean_rpd": statistics.fmean(gaps),
    }


def contrasts(rules: ContrastRules, found: Mapping[Encoder, Endpoints]) -> list[Contrasted]:
    """All contrasts that have a seed in common, in the order of the rules, judged as one family."""
    made = []
    for contrast in rules.contrasts:
        for name, endpoint in rules.endpoints.items():
            own = {
                seed: values[name]
                for (of, seed), values in found.items()
                if of == rules.input and name in values
            }
            other = {
                seed: values[name]
                for (of, seed), values in found.items()
                if of == contrast.other and name in values
            }
            differences = tuple(own[seed] - other[seed] for seed in sorted(own.keys() & other.keys()))
            if differences:
                made.append(
                    _tested(Contrasted(name, contrast.other, differences, endpoint.margin), rules.level)
                )
    order = sorted((item for item in made if item.p is not None), key=lambda item: item.p or 0.0)
    shares = {id(item): rules.level / (len(order) - place) for place, item in enumerate(order)}
    return [_judged(item, rules, shares[id(item)]) if id(item) in shares else item for item in made]


def _tested(item: Contrasted, level: float) -> Contrasted:
    """With an interval and a p-value, where there are two seeds or more."""
    if len(item.differences) < 2:
        return item
    error = _error(item)
    freedom = len(item.differences) - 1
    p = two_sided_p(item.mean / error, freedom) if error else None
    return replace(item, interval=_interval(item, level), p=p)


def _judged(item: Contrasted, rules: ContrastRules, share: float) -> Contrasted:
    low, high = bounds = _interval(item, share)
    if rules.endpoints[item.endpoint].direction < 0:
        low, high = -high, -low
    outcome: Outcome = "uninformative"
    if low > item.margin:
        outcome = "holds"
    elif high < -item.margin:
        outcome = "fails"
    elif -item.margin < low and high < item.margin:
        outcome = "practically equal"
    return replace(item, holm_interval=bounds, outcome=outcome)


def _interval(item: Contrasted, level: float) -> tuple[float, float]:
    reach = quantile(1 - level / 2, len(item.differences) - 1) * _error(item)
    return item.mean - reach, item.mean + reach


def _error(item: Contrasted) -> float:
    return statistics.stdev(item.differences) / math.sqrt(len(item.differences))


# --- Student's t, in closed form for whole degrees of freedom (Abramowitz and Stegun, 26.7.3 and 26.7.4)


def two_sided_p(t: float, freedom: int) -> float:
    """The probability of a |t| as large, under the null."""
    theta = math.atan(abs(t) / math.sqrt(freedom))
    cosine, term = math.cos(theta), 1.0
    if freedom % 2:
        total, term = 0.0, cosine
        for k in range(1, freedom - 1, 2):
            total += term
            term *= cosine**2 * (k + 1) / (k + 2)
        inside = 2 / math.pi * (theta + math.sin(theta) * total)
    else:
        total = 0.0
        for k in range(0, freedom - 1, 2):
            total += term
            term *= cosine**2 * (k + 1) / (k + 2)
        inside = math.sin(theta) * total
    return max(0.0, 1 - inside)


def quantile(probability: float, freedom: int) -> float:
    """The t below which this much lies, for a probability above one half."""
    low, high = 0.0, 1.0
    while two_sided_p(high, freedom) / 2 > 1 - probability:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if two_sided_p(middle, freedom) / 2 > 1 - probability else (low, middle)
    return (low + high) / 2
