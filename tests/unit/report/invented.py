"""Run records with invented figures, to test the report against. They are no results of anything."""

import itertools
import math
import random
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
from tests.unit.report.invented_numbers import (
    MODELS,
    bounds,
    differences,
    numbers,
    pairs,
    robustness,
    uri,
)

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TABLES = {"table1": Table(), "table2": Table(reference="eng"), "table3": Table("correlation", "eng")}


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
            *numbers(chance, token_languages, intervals),
            *pairs(chance, token_languages, intervals),
            *(bounds() if intervals else ()),
            *(differences() if intervals else ()),
            *(robustness(token_languages) if intervals else ()),
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
            DerivedRow("theorem_c2", "thresholds", "dimension", 1, 2, False, "counted", uri("check")),
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
