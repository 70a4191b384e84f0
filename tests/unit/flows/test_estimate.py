"""What a run is estimated to cost: that the arithmetic is that of the encoders, and grows with the work."""

import pytest
from transformers import BertConfig, BertModel

from flows.cells import Cell
from flows.estimate import Estimate, Machine, Shape, Speed, shape_of
from flows.load import load
from flows.plan import NO_STORE, make_plan
from isogloss.errors import InvalidInput
from sources.expected import expected_rows

H100 = Machine(989, 0.1)


def test_operations_are_two_for_each_weight_and_attentions_products() -> None:
    config = BertConfig(hidden_size=32, num_hidden_layers=3, num_attention_heads=2, intermediate_size=64)
    layers = BertModel(config).encoder.layer
    matrices = sum(weight.numel() for weight in layers.parameters() if weight.ndim == 2)
    shape = Shape("bert", 3, 32, 64)
    assert shape.operations(0) == 2 * matrices
    assert shape.operations(10) - shape.operations(0) == 3 * 2 * 2 * 10 * 32, "scores and sums of values"


def test_canine_reads_a_character_for_less_than_bert_reads_a_subword() -> None:
    canine, _ = shape_of(load("paper").models["character"])
    bert, _ = shape_of(load("paper").models["subword"])
    assert 0.4 < canine.operations(150) / bert.operations(150) < 0.6


def test_hours_grow_with_what_is_trained() -> None:
    paper = load("paper")
    rows = {(corpus, "eng"): expected_rows(corpus, "eng") or {} for corpus in ("xnli", "flores")}
    estimate = Estimate(paper, rows, H100)
    whole = Cell("xnli", "phoneme", "eng", 0)
    tenth = Cell("xnli", "phoneme", "eng", 0, train_fraction=0.1)
    assert estimate.training_hours(tenth, []) < estimate.training_hours(whole, []) / 5
    halved = Estimate(paper, rows, Machine(989, 0.2))
    assert halved.training_hours(whole, []) == pytest.approx(estimate.training_hours(whole, []) / 2)


def test_a_measured_speed_takes_the_place_of_the_assumed_gpu() -> None:
    paper = load("paper")
    rows = {("ner", "eng"): {"train": 3_600, "dev": 0, "test": 0}}
    speeds = {("ner", "phoneme"): Speed(43.0 * 0.97, 2, "a slow one")}
    measured = Estimate(paper, rows, H100, speeds)
    cell = Cell("ner", "phoneme", "eng", 0)
    assert measured.training_hours(cell, []) == pytest.approx(30), "30 epochs, a sentence a second"
    assert any("2 earlier results in the store, on a slow one" in line for line in measured.assumptions())


def test_without_a_stack_the_plan_has_every_cell_and_says_that_no_store_was_asked() -> None:
    paper = load("paper")
    plan = make_plan(paper, None, H100)
    assert len(plan.cells) == 94
    assert plan.store == NO_STORE
    assert {step.state for step in plan.steps} == {"unknown"}
    assert plan.missing_hours == plan.hours > 1


@pytest.mark.parametrize("kind", ["grid", "pruned"])
def test_a_sweep_is_planned_with_all_of_its_rounds(kind: str) -> None:
    swept = load("paper", options={"sweep": {"kind": kind}})
    plan = make_plan(swept, None, H100)
    trials = [step for step in plan.steps if step.kind == "trial"]
    # Forty searches of 4 points, and nine of 40.
    assert len(trials) == {"grid": 40 * 4 + 9 * 40, "pruned": 40 * (4 + 2 + 1) + 9 * (40 + 14 + 5)}[kind]
    trained = [step for step in plan.steps if step.kind == "train"]
    assert len(trained) == 94
    assert sum(step.hours > 0 for step in trained) == 45, "the others are trials that were chosen"


def test_too_many_hours_are_refused_with_the_estimate_and_the_fix() -> None:
    plan = make_plan(load("paper"), None, H100)
    plan.check(plan.missing_hours)
    with pytest.raises(
        InvalidInput, match=r"GPU-hours, more than 1 .*no GPU was measured.*isogloss plan"
    ) as raised:
        plan.check(1)
    assert raised.value.field == "max_gpu_hours"


def test_nothing_to_run_is_an_error() -> None:
    with pytest.raises(InvalidInput, match="nothing is left to run"):
        load("paper", tasks=["pos"], tables=["table2"])
