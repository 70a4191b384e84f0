"""Run records with invented figures, to test the report against. They are no results of anything."""

import itertools
import math
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from report.paper import LANGUAGES, printed
from report.record import (
    ROWS,
    BoundRow,
    Cell,
    CorrelationPoint,
    DatasetRow,
    DerivedRow,
    DevPoint,
    Difference,
    G2PRow,
    HyperparameterRow,
    Input,
    Interval,
    LossPoint,
    ManifestRow,
    Number,
    Pair,
    ProjectedPoint,
    Projection,
    RobustnessRow,
    RunRecord,
    Task,
)

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CENTERS: tuple[tuple[Input, float], ...] = (("character", 0.46), ("phoneme", 0.72))
MODELS: dict[Input, str] = {
    "subword": "bert-base-multilingual-cased",
    "character": "google/canine-s",
    "phoneme": "vinai/xphonebert-base",
}
NO_INTERVAL = "Invented: no interval."


def empty() -> RunRecord:
    """A run that was asked for one task and finished nothing."""
    return RunRecord("empty", "small", START, START, ("pos",), ("eng",), "in_language", "honest")


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
        ("ner", "pos", "xnli"),
        languages,
        "in_language",
        "paper",
        numbers=tuple(_numbers(chance, token_languages, intervals)),
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
        pairs=tuple(_pairs(chance, token_languages, intervals)),
        bounds=tuple(_bounds()) if intervals else (),
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
        differences=tuple(_differences()) if intervals else (),
        robustness=tuple(_robustness(token_languages)) if intervals else (),
        derived=(
            DerivedRow("table1", "ner/phoneme", "std", 0.0259, 0.02595, True, "ddof 0", uri("check")),
            DerivedRow("table3", "gap_vs_cka", "kendall_p", 2.1e-06, 2.12e-06, True, "exact", uri("check")),
        )
        if intervals
        else (),
        manifests=tuple(_manifest(cell.manifest) for cell in cells),
        notes=("XNLI: train is half of dev, because XNLI's train set is not at hand.",),
        banner=banner,
        command=f"prefect deployment run replicate/full --param profile={profile}",
        code_version="0.1.0+invented",
        hardware="2 cores, x86_64",
    )


def uri(*parts: str) -> str:
    """An invented manifest URI that looks like a real one."""
    return f"s3://isogloss/{parts[0]}/{random.Random(repr(parts)).getrandbits(256):064x}/manifest.json"


def _numbers(chance: random.Random, codes: tuple[str, ...], intervals: bool) -> list[Number]:
    def number(table: str, row: str, column: str) -> Number:
        paper = printed(table, row, column)  # type: ignore[arg-type]
        center = paper if paper is not None else 0.02
        spread = abs(center) * 0.03
        value = center if column == "n" else min(center + chance.gauss(0, spread), 99.5)
        interval = (
            Interval(value - 2 * spread, value + 1.5 * spread, 0.95, "bootstrap") if intervals else None
        )
        return Number(
            table,  # type: ignore[arg-type]
            row,
            column,
            value,
            paper,
            uri("metrics" if column not in codes else "train", table, row, column),
            note="" if interval else NO_INTERVAL,
            interval=None if column == "n" or column.endswith("_p") else interval,
            verdict="definition differs" if (row, column) == ("ner/phoneme", "std") and intervals else None,
        )

    table1 = (*codes, "std", "mean_rpd", "mean_cka", "mean_cka_debiased")
    table2 = ("eng", "swa", "swa_rpd", "swa_abs", "urd", "urd_rpd", "urd_abs")
    table3 = ("spearman", "spearman_p", "kendall", "kendall_p", "n")
    return [
        *(number("table1", row, column) for row in ROWS["table1"] for column in table1),
        *(number("table2", row, column) for row in ROWS["table2"] for column in table2),
        *(number("table3", row, column) for row in ROWS["table3"] for column in table3),
    ]


def _cells(chance: random.Random, token_languages: tuple[str, ...], reused: bool) -> list[Cell]:
    plan: list[tuple[Task, Input, str]] = [
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


def _cell(chance: random.Random, task: Task, model_input: Input, code: str, reused: bool) -> Cell:
    row, table = (model_input, "table2") if task == "xnli" else (f"{task}/{model_input}", "table1")
    score = (printed(table, row, code) or 90.0) - chance.uniform(0, 3)  # type: ignore[arg-type]
    steps = range(0, 3000, 10)
    return Cell(
        task,
        model_input,
        code,
        seed=0,
        score=score,
        metric={"ner": "span F1", "pos": "accuracy", "xnli": "accuracy"}[task],
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


def _bounds() -> list[BoundRow]:
    return [
        BoundRow(
            model_input,
            "eng",
            second,
            1.9,
            Interval(1.8, 1.95),
            0.99,
            4.82,
            5.81,
            0.11,
            Interval(0.08, 0.14),
            True,
            uri("bound", model_input),
        )
        for model_input in MODELS
        for second in ("swa", "urd")
    ]


def _pairs(chance: random.Random, token_languages: tuple[str, ...], intervals: bool) -> list[Pair]:
    found = [
        Pair(
            task,
            model_input,
            first,
            second,
            metric,
            center + chance.uniform(-0.12, 0.12),
            uri("cka", task, model_input),
        )
        for task in ("ner", "pos")
        for model_input, center in CENTERS
        for metric in ("cka", "cka_debiased")
        for first, second in itertools.combinations(token_languages, 2)
    ]
    for model_input in MODELS:
        for second in ("swa", "urd"):
            found += [
                Pair(
                    "xnli",
                    model_input,
                    "eng",
                    second,
                    "absolute",
                    chance.uniform(10, 20),
                    uri("gap", model_input),
                ),
                Pair(
                    "xnli",
                    model_input,
                    "eng",
                    second,
                    "cka",
                    chance.uniform(0.2, 0.7),
                    uri("cka", model_input),
                ),
                Pair(
                    "xnli",
                    model_input,
                    "eng",
                    second,
                    "sinkhorn",
                    chance.uniform(0.02, 0.09),
                    uri("ot", model_input),
                ),
            ]
    if not intervals:
        return [replace(pair, note=NO_INTERVAL) for pair in found]
    return [
        replace(pair, interval=Interval(pair.value * 0.9, pair.value * 1.2, 0.95, "jackknife over sentences"))
        for pair in found
    ]


def _projection(chance: random.Random, task: Task, model_input: Input, codes: tuple[str, ...]) -> Projection:
    centers = {code: (chance.gauss(0, 30), chance.gauss(0, 30)) for code in codes}
    if model_input == "phoneme":
        centers = {code: (x / 4, y / 4) for code, (x, y) in centers.items()}
    points = tuple(
        ProjectedPoint(code, chance.gauss(x, 12), chance.gauss(y, 12))
        for code, (x, y) in centers.items()
        for _ in range(1012)
    )
    return Projection(task, model_input, points, uri("tsne", task, model_input))


def _correlations(chance: random.Random, seeds: int) -> list[CorrelationPoint]:
    found = []
    for seed, pair in itertools.product(range(seeds), ("eng-swa", "eng-urd")):
        gap = chance.gauss(11 if pair == "eng-swa" else 16, 1)
        found.append(
            CorrelationPoint(
                seed,
                pair,
                gap,
                chance.gauss(60, 1),
                gap / 300 + chance.gauss(0, 0.005),
                0.9 - gap / 30 + chance.gauss(0, 0.03),
            )
        )
    return found


def _robustness(codes: tuple[str, ...]) -> list[RobustnessRow]:
    series = [f"{task} {model_input}" for task in ("NER", "POS") for model_input, _ in CENTERS]
    jackknife = Interval(0.3, 0.5, 0.95, "jackknife over sentences")
    return [
        *(
            RobustnessRow(
                "Mean CKA by estimator and reading",
                what,
                0.4,
                jackknife,
                n=1012,
                manifest=uri("cka"),
                series=name,
            )
            for name in series
            for what in ("raw (the paper's)", "debiased", "debiased, sentence length regressed out")
        ),
        *(
            RobustnessRow(
                "Mean RPD without one language, %",
                f"without {code}",
                3.5,
                Interval(2.5, 4.5, 0.95, "bootstrap over items"),
                manifest=uri("gap"),
                series=name,
                digits=2,
            )
            for name in series
            for code in codes
        ),
        RobustnessRow(
            "Gap of one input less the gap of another",
            "mean RPD, %",
            -0.5,
            p=0.55,
            n=10,
            manifest=uri("comparison"),
            note=NO_INTERVAL,
            series="NER character less phoneme",
        ),
    ]


def _differences() -> list[Difference]:
    """The phonemes' gap is surely smaller on NER, surely larger on POS; CKA cannot be told."""
    found: list[Difference] = []
    for task, middle in (("ner", -3.0), ("pos", 3.0)):
        interval = Interval(middle - 1, middle + 1, 0.95, "bootstrap over items")
        of_cka = Interval(-0.1, 0.1, 0.95, "jackknife over sentences")
        place = uri("comparison", task)
        found += [
            Difference(task, "phoneme", "character", "mean_rpd", middle, interval, place, 0.55),  # type: ignore[arg-type]
            Difference(task, "phoneme", "character", "mean_cka", 0.01, of_cka, place),  # type: ignore[arg-type]
        ]
    return found


def _manifest(manifest: str) -> ManifestRow:
    return ManifestRow(
        manifest,
        "train",
        code_version="0.1.0+invented",
        started=START.isoformat(),
        finished=(START + timedelta(seconds=90)).isoformat(),
        seed=0,
        inputs={"train": "a" * 64, "dev": "b" * 64},
        files={"model": "c" * 64},
        libraries={"torch": "2.13.0", "transformers": "5.23.0"},
        hardware={"machine": "x86_64", "python": "3.11.2"},
        request={"task": "TASK_NER", "hyperparameters": {"learning_rate": 5e-05, "epochs": 30}},
    )
