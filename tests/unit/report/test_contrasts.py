"""The arithmetic of contrasts, beside libraries; the page of an experiment; what cannot be compared."""

from dataclasses import replace
from itertools import product

import pytest
from scipy import stats

from flows.contrast_rules import contrasts_named
from isogloss.metrics.engine.gap import performance_gap
from report import RunRecord
from report.console import console_tables
from report.contrasts import contrasts, endpoints, of_scores, quantile, two_sided_p
from report.figures.matched import matched_figures
from report.page import render_page
from report.record import Arm, Likeness, Matched, TunedScore

RULES = contrasts_named("matched")
INPUTS, CODES = ("phoneme", "letters"), ("eng", "rus", "kor")


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 9, 30, 31])
def test_students_t_is_scipys(freedom: int) -> None:
    for t in (0.0, 0.1, 1.0, 2.5, 12.0):
        assert two_sided_p(t, freedom) == pytest.approx(2 * stats.t.sf(t, freedom), abs=1e-12)
    for probability in (0.975, 0.998):
        assert quantile(probability, freedom) == pytest.approx(stats.t.ppf(probability, freedom), rel=1e-9)


def test_the_gap_is_the_engines() -> None:
    scores = [90.0, 71.5, 63.25]
    assert of_scores(scores)["mean_rpd"] == pytest.approx(performance_gap(CODES, scores, 1).mean_rpd)


def arm(name: str, seed: int, plan: str = "p" * 64) -> Arm:
    units = 100_000 if name == "phoneme" else 125_000
    return Arm(name, seed, plan, f"s3://b/pretrain/{name}{seed}/manifest.json", units, 0.96, 9.5, 1e9 * units,
               40, 0.001, 2.5, 30.0, ((10, 3.0), (20, 2.5)), dict.fromkeys(CODES, 2.4))  # fmt: skip


def score(name: str, seed: int, tuning: int, code: str, value: float) -> TunedScore:
    manifest = f"s3://b/train/{name}{seed}{tuning}{code}/manifest.json"
    return TunedScore("pos", name, seed, tuning, "in_language", code, value, manifest)


def experiment(seeds: int = 3) -> Matched:
    scores = tuple(
        score(name, seed, tuning, code, 80.0 + place + (seed / 10 if name == "phoneme" else seed / 5 - 10))
        for name, seed, tuning, (place, code) in product(INPUTS, range(seeds), range(2), enumerate(CODES))
    )
    likeness = tuple(
        Likeness(name, seed, "last layer", 0.4, 0.2 + seed / 100, f"s3://b/cka/{name}{seed}/manifest.json")
        for name, seed in product(INPUTS, range(seeds))
    )
    arms = tuple(arm(name, seed) for name, seed in product(INPUTS, range(seeds)))
    return Matched(RULES, (("text", "docs"),), arms, scores, likeness, CODES, "last layer",
                   {"eng": 2000, "rus": 1500}, {"eng": 1, "rus": 2})  # fmt: skip


def test_endpoints_are_of_whole_encoders_and_contrasts_are_paired_by_seed() -> None:
    found = endpoints(experiment())
    assert found["phoneme", 2]["mean_score"] == pytest.approx(81.2)
    made = {item.endpoint: item for item in contrasts(RULES, found)}
    assert made["mean_score"].outcome == "holds"
    assert made["mean_score"].differences == pytest.approx((10.0, 9.9, 9.8))
    assert made["cka_without_length"].mean == 0
    lacking = replace(experiment(), scores=experiment().scores[:-1])
    assert "mean_score" in endpoints(lacking)["letters", 2], "another seed of fine-tuning has that language"
    kept = tuple(s for s in experiment().scores if (s.seed, s.language) != (2, "kor"))
    lacking = replace(experiment(), scores=kept)
    assert {len(item.differences) for item in contrasts(RULES, endpoints(lacking))} == {2, 3}


def test_the_page_has_the_hashes_the_contrasts_and_what_an_input_costs(empty: RunRecord) -> None:
    inputs = {"phoneme": "Phonemes", "letters": "Letters", "character": "Characters"}
    run = replace(empty, inputs=inputs, matched=experiment())
    page = render_page(run, ())
    assert "p" * 64 in page
    assert RULES.sha256 in page
    assert "lines left out since they hold a sentence of an evaluation set: 3" in page
    assert "sound against spelling" in page
    assert ">0.80<" in page, "letters take 1.25 times the operations at equal steps"
    assert {figure.name for figure in matched_figures(run)} == {"matched-loss", "matched-contrasts"}
    assert "phoneme less letters: mean score +9.900" in console_tables(run, color=False)
    assert not matched_figures(replace(run, matched=None))
    assert RunRecord.from_json(run.to_json()).matched == run.matched


def test_one_seed_decides_nothing_and_is_shown() -> None:
    made = contrasts(RULES, endpoints(experiment(seeds=1)))
    assert {(item.outcome, item.interval) for item in made} == {("uninformative", None)}


def test_arms_of_two_plans_make_no_experiment() -> None:
    with pytest.raises(ValueError, match="different plans"):
        replace(experiment(), arms=(arm("phoneme", 0), arm("letters", 0, "q" * 64)))
