"""The controlled experiment as the page shows it: tables of plain rows, made of the record."""

import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from report.contrasts import Contrasted, Encoder, Endpoints, contrasts, endpoints
from report.record import Arm, Matched

REGIMES: Mapping[str, str] = {
    "in_language": "fine-tuned in the language",
    "zero_shot": "zero-shot",
    "untrained": "in the language, without pre-training",
}


@dataclass(frozen=True)
class Cost:
    """What an input costs: means over seeds. `steps_at_equal_flops`: how many times as many steps as the
    first input the same operations would pay for."""

    input: str
    units: float
    flops: float
    seconds: float
    fill: float
    vocabulary: int
    unknown: float
    loss: float
    accuracy: float
    steps_at_equal_flops: float


@dataclass(frozen=True)
class LanguageRow:
    """Means over seeds of one task, regime and input: by language, and of all languages."""

    task: str
    regime: str
    input: str
    scores: Mapping[str, float]
    manifests: Mapping[str, str]
    seeds: int

    @property
    def mean(self) -> float:
        """Over the languages that there are."""
        return statistics.fmean(self.scores.values())


@dataclass(frozen=True)
class LikenessRow:
    """CKA by one reading, by input: means over seeds, raw and without length (None where undefined)."""

    reading: str
    raw: Mapping[str, float]
    without_length: Mapping[str, float | None]
    manifests: Mapping[str, str]


@dataclass(frozen=True)
class MatchedView:
    """All of it."""

    matched: Matched
    costs: Sequence[Cost]
    endpoints: Mapping[Encoder, Endpoints]
    contrasts: Sequence[Contrasted]
    asks: Mapping[str, str]
    languages: Sequence[LanguageRow]
    likeness: Sequence[LikenessRow]
    losses: Mapping[str, Mapping[str, float]]


def view(matched: Matched) -> MatchedView:
    """Made of what there is: seeds that are missing are missing in every mean."""
    found = endpoints(matched)
    return MatchedView(
        matched,
        _costs(matched),
        found,
        contrasts(matched.rules, found),
        {contrast.other: contrast.asks for contrast in matched.rules.contrasts},
        _language_rows(matched),
        _likeness_rows(matched),
        {name: _losses(_arms(matched, name)) for name in matched.inputs},
    )


def contrast_lines(matched: Matched) -> Iterator[str]:
    """The contrasts for a terminal, a line each."""
    made = contrasts(matched.rules, endpoints(matched))
    plan, rules = matched.plan_sha256[:12], matched.rules.sha256[:12]
    yield f"{len(matched.arms)} pre-trainings by the plan {plan}, judged by the rules {rules}"
    for item in made:
        interval = ""
        if item.holm_interval:
            interval = f" ({item.holm_interval[0]:.3f} to {item.holm_interval[1]:.3f})"
        name = f"{matched.rules.input} less {item.other}: {item.endpoint.replace('_', ' ')}"
        yield f"  {name} {item.mean:+.3f}{interval}, {item.outcome}"
    if not made:
        yield "  no seed has both sides of a contrast"


def _arms(matched: Matched, name: str) -> list[Arm]:
    return [arm for arm in matched.arms if arm.input == name]


def _costs(matched: Matched) -> list[Cost]:
    def mean(arms: Iterable[Arm], of: Callable[[Arm], float]) -> float:
        return statistics.fmean(map(of, arms))

    groups = {name: _arms(matched, name) for name in matched.inputs}
    first = mean(next(iter(groups.values()), []), lambda arm: arm.flops) if groups else 0.0
    return [
        Cost(
            input=name,
            units=mean(arms, lambda arm: arm.units),
            flops=mean(arms, lambda arm: arm.flops),
            seconds=mean(arms, lambda arm: arm.seconds),
            fill=mean(arms, lambda arm: arm.fill),
            vocabulary=arms[0].vocabulary,
            unknown=100 * mean(arms, lambda arm: arm.unknown_share),
            loss=mean(arms, lambda arm: arm.loss),
            accuracy=mean(arms, lambda arm: arm.accuracy),
            steps_at_equal_flops=first / mean(arms, lambda arm: arm.flops),
        )
        for name, arms in groups.items()
    ]


def _language_rows(matched: Matched) -> list[LanguageRow]:
    groups: dict[tuple[str, str, str], dict[str, list[tuple[float, str, int]]]] = {}
    for item in matched.scores:
        row = groups.setdefault((item.task, item.regime, item.input), {})
        row.setdefault(item.language, []).append((item.score, item.manifest, item.seed))
    order = list(REGIMES)
    return [
        LanguageRow(
            task,
            regime,
            name,
            {code: statistics.fmean(score for score, _, _ in row[code]) for code in row},
            {code: row[code][0][1] for code in row},
            len({seed for entries in row.values() for _, _, seed in entries}),
        )
        for (task, regime, name), row in sorted(groups.items(), key=lambda item: order.index(item[0][1]))
    ]


def _likeness_rows(matched: Matched) -> list[LikenessRow]:
    rows = []
    for reading in dict.fromkeys(item.reading for item in matched.likeness):
        raw, without, manifests = {}, {}, {}
        for name in matched.inputs:
            items = [i for i in matched.likeness if (i.reading, i.input) == (reading, name)]
            if items:
                lengths = [i.without_length for i in items if i.without_length is not None]
                raw[name] = statistics.fmean(item.cka for item in items)
                without[name] = statistics.fmean(lengths) if lengths else None
                manifests[name] = items[0].manifest
        rows.append(LikenessRow(reading, raw, without, manifests))
    return rows


def _losses(arms: Sequence[Arm]) -> dict[str, float]:
    codes = dict.fromkeys(code for arm in arms for code in arm.languages)
    return {
        code: statistics.fmean(arm.languages[code] for arm in arms if code in arm.languages) for code in codes
    }
