"""Run records with invented figures, to test the report against. They are no results of anything."""

import itertools
import math
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flows.rules import stated
from isogloss.inputs import INPUTS
from isogloss.languages import LANGUAGES as NAMES
from isogloss.tasks import TASKS
from report.paper import LANGUAGES, printed
from report.record import (
    Cell,
    CorrelationPoint,
    DatasetRow,
    DerivedRow,
    DevPoint,
    Failure,
    G2PRow,
    HyperparameterRow,
    Interval,
    LossPoint,
    ManifestRow,
    Number,
    ProjectedPoint,
    Projection,
    RunRecord,
    Table,
)
from report.seeds import over_seeds

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CENTERS = (("character", 0.46), ("phoneme", 0.72))
TABLES = {"table1": Table(), "table2": Table(reference="eng"), "table3": Table("correlation", "eng")}
MODELS = {
    "subword": "bert-base-multilingual-cased",
    "character": "google/canine-s",
    "phoneme": "vinai/xphonebert-base",
}
SEEDS = 5
NO_INTERVAL = "Invented: no interval."


def empty() -> RunRecord:
    """A run that was asked for one task and finished nothing."""
    titles = {"pos": TASKS["pos"].title}, {"phoneme": "Phonemes"}, {"eng": "English"}
    return RunRecord(
        "empty", "small", START, START, *titles, "in_language", "honest", TABLES, reference="paper"
    )


def others() -> RunRecord:
    """A run of a task, an input and languages that the paper does not have; parts of it failed."""
    codes = ("deu", "nld", "ces", "pol", "tam")
    names = dict(zip(codes, ("German", "Dutch", "Czech", "Polish", "Tamil"), strict=True))
    bounds = Interval(60, 80, 0.95, "bootstrap over items")
    of = ("all", "topics", "romanized")
    refused = "n/a: scores: two scores are 0"
    numbers = [
        Number("score", 70.0 + place, uri("train", code), *of, (code,), interval=bounds, n=500)
        for place, code in enumerate(codes[:-1])
    ]
    return RunRecord(
        "others-invented",
        "mine",
        START,
        START + timedelta(minutes=3),
        {"topics": "Topic of a text"},
        {"romanized": INPUTS["romanized"].title},
        names,
        "in_language",
        "honest",
        {"all": Table()},
        numbers=(
            *numbers,
            Number("score", None, "", *of, ("tam",), reason="failed: loss is not finite"),
            Number("std", None, "", *of, reason=refused),
            Number("mean_rpd", None, "", *of, reason=refused),
        ),
        cells=tuple(
            Cell("topics", "romanized", code, 0, None if code == "tam" else 70.0, "accuracy", reason="failed")
            for code in codes
        ),
        datasets=(DatasetRow("topics", "deu", 100, 100, None, "a folder"),),
        failures=(
            Failure(
                "train topics/romanized/tam seed 0",
                "loss is not finite at step 12: lower learning_rate",
                ("embed topics/romanized/tam seed 0",),
            ),
        ),
        command="isogloss replicate --profile ./mine.yaml",
    )


def sample() -> RunRecord:
    """A run like `sample`: four languages for tokens, three for XNLI, no intervals, everything reused."""
    return _record(
        "sample-invented",
        "sample",
        ("eng", "rus", "kor", "hin", "swa", "urd"),
        ("eng", "rus", "kor", "hin"),
        intervals=False,
        reused=True,
        seeds=2,
        banner="This run shows the machine working and says nothing about languages: the corpus is a few "
        "hundred sentences made from templates and the models are tiny.",
    )


def full() -> RunRecord:
    """A run like `paper`: all languages, intervals, verdicts, the robustness panel."""
    codes = LANGUAGES["table1"]
    return _record(
        "paper-invented", "paper", (*codes, "swa", "urd"), codes, intervals=True, reused=False, seeds=15
    )


def _record(
    run_id: str,
    profile: str,
    languages: tuple[str, ...],
    token_languages: tuple[str, ...],
    *,
    intervals: bool,
    reused: bool,
    seeds: int,
    banner: str = "",
) -> RunRecord:
    chance = random.Random(7)
    cells = tuple(_cells(chance, token_languages, reused))
    return RunRecord(
        run_id,
        profile,
        START,
        START + timedelta(minutes=4, seconds=37),
        {name: TASKS[name].title for name in ("ner", "pos", "xnli")},
        {name: INPUTS[name].title for name in MODELS},
        {code: NAMES[code].name for code in languages},
        "in_language",
        "paper",
        tables=TABLES,
        reference="paper",
        rules=stated("paper") if not banner else None,
        numbers=(
            *_numbers(chance, token_languages, intervals),
            *_pairs(chance, token_languages, intervals),
            *(_bounds() if intervals else ()),
            *(_differences() if intervals else ()),
            *(_robustness(token_languages) if intervals else ()),
        ),
        cells=cells,
        datasets=tuple(_datasets(token_languages)),
        hyperparameters=tuple(
            HyperparameterRow(
                cell.task,
                cell.input,
                cell.language,
                MODELS[cell.input],
                {
                    "learning_rate": 5e-05,
                    "weight_decay": 0.01,
                    "schedule": "cosine",
                    "batch_size": 128,
                    "epochs": 30,
                },
            )
            for cell in cells
        ),
        projections=tuple(
            _projection(chance, task, model_input, token_languages[:5])
            for task in ("ner", "pos")
            for model_input in ("character", "phoneme")
        ),
        correlations=tuple(_correlations(chance, seeds)),
        g2p=tuple(
            G2PRow(
                code,
                20_000,
                chance.random() / 20,
                {"Backend": "epitran", "<unk> rate, %": round(chance.random(), 2)},
                (uri("phonemes", code, "pos"), uri("phonemes", code, "ner")),
            )
            for code in languages
        ),
        derived=(
            DerivedRow("table1", "ner/phoneme", "std", 0.0259, 0.02595, True, "ddof 0", uri("check")),
            DerivedRow("table1", "ner/phoneme", "mean_rpd", 3.52, 3.53, True, "rounding", uri("check")),
            DerivedRow("table3", "gap_vs_eng", "spearman_p", 0.56, 0.56, True, "exact", uri("check")),
            DerivedRow("table3", "gap_vs_cka", "kendall_p", 2.1e-06, 2.12e-06, True, "exact", uri("check")),
        )
        if intervals
        else (),
        manifests=tuple(_manifest(cell.manifest) for cell in cells),
        notes=("XNLI: train is half of dev, because XNLI's train set is not at hand.",),
        banner=banner,
        command=f"prefect deployment run replicate/full --param profile={profile}",
        code_version="0.0+invented",
        hardware="2 cores, x86_64",
    )


def uri(*parts: str) -> str:
    """An invented manifest URI that looks like a real one."""
    return f"s3://isogloss/{parts[0]}/{random.Random(repr(parts)).getrandbits(256):064x}/manifest.json"


def _numbers(chance: random.Random, codes: tuple[str, ...], intervals: bool) -> list[Number]:
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


def _cells(chance: random.Random, token_languages: tuple[str, ...], reused: bool) -> list[Cell]:
    plan = [
        (task, model_input, code)
        for task in ("ner", "pos")
        for model_input in ("character", "phoneme")
        for code in token_languages
    ]
    plan += [
        ("xnli", model_input, code)
        for model_input in ("subword", "character", "phoneme")
        for code in LANGUAGES["table2"]
    ]
    return [_cell(chance, task, model_input, code, reused) for task, model_input, code in plan]


def _cell(chance: random.Random, task: str, model_input: str, code: str, reused: bool) -> Cell:
    score = (printed(task, model_input, "score", code) or 90.0) - chance.uniform(0, 3)
    steps = range(0, 3000, 10)
    return Cell(
        task,
        model_input,
        code,
        seed=0,
        score=score,
        metric={"ner": "span_f1", "pos": "accuracy", "xnli": "accuracy"}[task],
        majority={"ner": 0.0, "pos": 17.2, "xnli": 33.3}[task],
        lexicon={"ner": 45.0, "pos": 82.0, "xnli": None}[task],
        seconds=chance.uniform(20, 2000),
        tokens_per_second=chance.uniform(1e3, 1e5),
        best_epoch=chance.randint(3, 30),
        truncated=chance.randint(0, 40),
        reused=reused,
        manifest=uri("train", task, model_input, code),
        interval=Interval(score - 2, score + 2, 0.95, "bootstrap over items"),
        loss=tuple(
            LossPoint(
                step, 2.5 * math.exp(-step / 700) + 0.1 + chance.random() * 0.1, 5e-5 * (1 - step / 3000)
            )
            for step in steps
        ),
        dev=tuple(
            DevPoint(epoch, score * (1 - math.exp(-epoch / 3)) + chance.uniform(-0.5, 0.5))
            for epoch in range(1, 31)
        ),
    )


def _datasets(token_languages: tuple[str, ...]) -> list[DatasetRow]:
    digests = tuple(f"{random.Random(split).getrandbits(256):064x}" for split in ("train", "dev", "test"))
    rows = [
        DatasetRow("ud", code, 12_544, 2_001, 2_077, "UD 2.13, a mirror", digests) for code in token_languages
    ]
    rows += [
        DatasetRow("wikiann", code, 20_000, 10_000, 10_000, "WikiAnn, a mirror", digests)
        for code in token_languages
    ]
    rows += [
        DatasetRow(
            "xnli", code, 1_245, 1_245, 5_010, "XNLI dev split in two", digests, note="train is half of dev"
        )
        for code in LANGUAGES["table2"]
    ]
    return [
        *rows,
        *(
            DatasetRow("flores", code, None, None, 1_012, "FLORES devtest", digests[:1])
            for code in token_languages
        ),
    ]


def _bounds() -> list[Number]:
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


def _pairs(chance: random.Random, token_languages: tuple[str, ...], intervals: bool) -> list[Number]:
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


def _projection(chance: random.Random, task: str, model_input: str, codes: tuple[str, ...]) -> Projection:
    centers = {code: (chance.gauss(0, 30), chance.gauss(0, 30)) for code in codes}
    if model_input == "phoneme":
        centers = {code: (x / 4, y / 4) for code, (x, y) in centers.items()}
    points = tuple(
        ProjectedPoint(code, chance.gauss(x, 12), chance.gauss(y, 12))
        for code, (x, y) in centers.items()
        for _ in range(1012)
    )
    return Projection("table1", task, model_input, points, uri("tsne", task, model_input))


def _correlations(chance: random.Random, seeds: int) -> list[CorrelationPoint]:
    points = []
    for seed, second in itertools.product(range(seeds), ("swa", "urd")):
        gap = chance.gauss(11 if second == "swa" else 16, 1)
        quantities = {
            "reference_score": chance.gauss(60, 1),
            "sinkhorn": gap / 300 + chance.gauss(0, 0.005),
            "cka": 0.9 - gap / 30 + chance.gauss(0, 0.03),
        }
        points.append(CorrelationPoint("table3", "xnli", "phoneme", seed, ("eng", second), gap, quantities))
    return points


def _robustness(codes: tuple[str, ...]) -> list[Number]:
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


def _differences() -> list[Number]:
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


def _manifest(manifest: str) -> ManifestRow:
    return ManifestRow(
        manifest,
        "train",
        code_version="0.0+invented",
        started=START.isoformat(),
        finished=(START + timedelta(seconds=90)).isoformat(),
        seed=0,
        inputs={"train": "a" * 64, "dev": "b" * 64},
        files={"model": "c" * 64},
        libraries={"torch": "2.13.0", "transformers": "5.23.0"},
        hardware={"machine": "x86_64", "python": "3.11.2"},
        request={"task": "TASK_NER", "hyperparameters": {"learning_rate": 5e-05, "epochs": 30}},
    )
