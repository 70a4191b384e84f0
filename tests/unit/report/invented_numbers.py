"""Invented numbers of a record: scores, gaps, pairs, differences. They are no results of anything."""

import itertools
import random
from dataclasses import replace

from report.paper import LANGUAGES, printed
from report.record import Interval, Number
from report.seeds import over_seeds

CENTERS = (("character", 0.46), ("phoneme", 0.72))
MODELS = {
    "subword": "bert-base-multilingual-cased",
    "character": "google/canine-s",
    "phoneme": "vinai/xphonebert-base",
}
SEEDS = 5
NO_INTERVAL = "Invented: no interval."


def uri(*parts: str) -> str:
    """An invented manifest URI that looks like a real one."""
    return f"s3://isogloss/{parts[0]}/{random.Random(repr(parts)).getrandbits(256):064x}/manifest.json"


def numbers(chance: random.Random, codes: tuple[str, ...], intervals: bool) -> list[Number]:
    """Of Tables 1, 2 and 3, near what the paper prints."""

    def number(
        measure: str, task: str, model_input: str, languages: tuple[str, ...] = (), against: str = ""
    ) -> Number:
        code = languages[-1] if languages else ""
        paper = printed(task, model_input, measure, code, against)
        center = paper if paper is not None else 30 if measure == "n" else 0.02
        spread = abs(center) * 0.03
        value = center if measure == "n" else min(center + chance.gauss(0, spread), 99.5)
        half = 0.9 if measure == "score" else 2 * spread
        bounds = Interval(value - half, value + half * 0.8, 0.95, "bootstrap") if intervals else None
        exact = measure == "n" or measure.endswith("_p")
        made = Number(
            measure,
            value,
            uri("train" if measure == "score" else "metrics", task, model_input, code, measure, against),
            "table3" if against else _table(task),
            task,
            model_input,
            languages,
            against=against,
            interval=None if exact else bounds,
            note="" if bounds else NO_INTERVAL,
            n=None if exact else 2490,
        )
        return of_seeds(made, spread / 10) if intervals and not against else made

    rows = [(task, name) for task in ("ner", "pos") for name, _ in CENTERS]
    return [
        *(number("score", *row, (code,)) for row in rows for code in codes),
        *(
            number(name, *row)
            for row in rows
            for name in ("std", "mean_rpd", "mean_cka", "mean_cka_debiased")
        ),
        *(number("score", "xnli", name, (code,)) for name in MODELS for code in LANGUAGES["table2"]),
        *(
            number(measure, "xnli", name, ("eng", code))
            for name in MODELS
            for code in ("swa", "urd")
            for measure in ("rpd", "absolute")
        ),
        *(
            number(measure, "xnli", "phoneme", (), against)
            for against in ("reference_score", "sinkhorn", "cka")
            for measure in ("spearman", "spearman_p", "kendall", "kendall_p", "n")
        ),
    ]


def _table(task: str) -> str:
    return "table2" if task == "xnli" else "table1"


def bounds() -> list[Number]:
    """Of Theorem C.2."""
    terms = {"proxy_a_distance": 1.9, "divergence": 0.99, "complexity": 4.82, "bound": 5.81}
    return [
        Number(
            measure,
            value,
            uri("bound", name),
            "table2",
            "xnli",
            name,
            ("eng", second),
            interval=Interval(1.8, 1.95) if measure == "proxy_a_distance" else None,
            note=NO_INTERVAL,
        )
        for name in MODELS
        for second in ("swa", "urd")
        for measure, value in terms.items()
    ]


def pairs(chance: random.Random, token_languages: tuple[str, ...], intervals: bool) -> list[Number]:
    """CKA and Sinkhorn distances of pairs of languages."""

    def number(measure: str, value: float, task: str, name: str, languages: tuple[str, ...]) -> Number:
        bounds = Interval(value * 0.9, value * 1.2, 0.95, "jackknife over sentences") if intervals else None
        tested = 0.001 if measure == "cka" and intervals else None
        manifest = uri(measure, task, name)
        of = (manifest, _table(task), task, name, languages)
        return Number(measure, value, *of, interval=bounds, p=tested, note=NO_INTERVAL)

    centers = {"cka": 0.45, "sinkhorn": 0.05}
    return [
        *(
            number(measure, center + chance.uniform(-0.12, 0.12), task, name, pair)
            for task in ("ner", "pos")
            for name, center in CENTERS
            for measure in ("cka", "cka_debiased")
            for pair in itertools.combinations(token_languages, 2)
        ),
        *(
            number(measure, center * chance.uniform(0.8, 1.2), "xnli", name, ("eng", second))
            for name in MODELS
            for second in ("swa", "urd")
            for measure, center in centers.items()
        ),
    ]


def robustness(codes: tuple[str, ...]) -> list[Number]:
    """Other readings, and without each language."""
    rows = [("table1", task, name) for task in ("ner", "pos") for name, _ in CENTERS]
    jackknife = Interval(0.3, 0.5, 0.95, "jackknife over sentences")
    over_items = Interval(2.5, 4.5, 0.95, "bootstrap over items")
    return [
        *(Number("mean_cka_residual", 0.4, uri("cka"), *row, interval=jackknife, n=1012) for row in rows),
        *(Number("mean_cka_length_matched", 0.25, uri("cka"), *row, note=NO_INTERVAL) for row in rows),
        *(
            Number("mean_cka_debiased", 0.3, uri("cka"), *row, reading="untrained", interval=jackknife)
            for row in rows
        ),
        *(
            Number("mean_rpd", 3.5, uri("gap"), *row, without=code, interval=over_items)
            for row in rows
            for code in codes
        ),
    ]


def of_seeds(number: Number, scatter: float, seeds: int = SEEDS) -> Number:
    """The number as if it were the mean of several seeds that scatter so much."""
    middle, bounds = number.value or 0.0, number.interval
    own = []
    for seed in range(seeds):
        shift = scatter * (seed - (seeds - 1) / 2)
        moved = replace(bounds, low=bounds.low + shift, high=bounds.high + shift) if bounds else None
        manifest = uri(number.manifest, str(seed))
        own.append((seed, replace(number, value=middle + shift, interval=moved, manifest=manifest)))
    return over_seeds(own)


def differences() -> list[Number]:
    """The phonemes' gap is surely smaller on NER, surely larger on POS; CKA cannot be told."""
    numbers = []
    for task, middle in (("ner", -3.0), ("pos", 3.0)):
        interval = Interval(middle - 1, middle + 1, 0.95, "bootstrap over items")
        of_cka = Interval(-0.1, 0.1, 0.95, "jackknife over sentences")
        of = {"table": "table1", "task": task, "input": "phoneme", "less": "character"}
        of |= {"manifest": uri("comparison", task)}
        numbers += [
            Number("mean_rpd", middle, **of, interval=interval, p=0.55),  # type: ignore[arg-type]
            Number("mean_cka", 0.01, **of, interval=of_cka),  # type: ignore[arg-type]
            Number("mean_cka_residual", 0.01, **of, interval=of_cka),  # type: ignore[arg-type]
        ]
    numbers = [of_seeds(number, (number.value or 0.0) / 50) for number in numbers]
    for code in ("swa", "urd"):
        place = uri("comparison", "xnli")
        bounds = Interval(-9, -5, 0.95, "bootstrap over items")
        of = {"languages": ("eng", code), "less": "subword", "interval": bounds}  # type: ignore[dict-item]
        numbers.append(of_seeds(Number("rpd", -7.0, place, "table2", "xnli", "phoneme", **of), 0.1))  # type: ignore[arg-type]
    return numbers
