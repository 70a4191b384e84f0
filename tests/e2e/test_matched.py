"""The controlled experiment end to end: pre-trained here, fine-tuned, compared by rules fixed beforehand."""

import hashlib
import json

import pytest

from flows.rules import claims_file
from report import RunRecord
from report.record import Matched
from tests.local_stack import LocalStack

SMALL = ["--profile", "matched-tiny", '--set=matched.inputs=["phoneme", "letters"]']


@pytest.fixture(scope="module")
def experiment(local_stack: LocalStack) -> Matched:
    """Two inputs, two seeds, two languages of the sample."""
    output = local_stack.finish(local_stack.command("replicate", *SMALL))
    assert "error" not in output
    record = RunRecord.from_json((local_stack.reports / "latest" / "run.json").read_text())
    assert record.matched is not None
    return record.matched


def test_all_arms_read_by_one_plan_and_are_judged_by_the_rules_of_the_file(experiment: Matched) -> None:
    assert [(arm.input, arm.seed) for arm in experiment.arms] == [
        (name, seed) for seed in (0, 1) for name in ("phoneme", "letters")
    ]
    assert len({arm.plan_sha256 for arm in experiment.arms}) == 1
    assert experiment.rules.sha256 == hashlib.sha256(claims_file("matched").read_bytes()).hexdigest()
    assert experiment.left_out["rus"] > 0, "train sentences that stand in dev or test, too"
    assert all(arm.curve[-1][1] < arm.curve[0][1] for arm in experiment.arms), "loss falls"
    assert all(arm.fill > 0.9 for arm in experiment.arms)


def test_every_encoder_is_fine_tuned_in_language_zero_shot_and_looked_at(experiment: Matched) -> None:
    asked = {(s.input, s.seed, s.regime, s.language) for s in experiment.scores}
    inputs, codes = ("phoneme", "letters"), ("eng", "rus")
    assert asked == {
        *((name, seed, regime, code) for name in inputs for seed in (0, 1) for code in codes
          for regime in ("in_language", "zero_shot")),
        *((name, 0, "untrained", code) for name in inputs for code in codes),
    }  # fmt: skip
    readings = {item.reading for item in experiment.likeness}
    assert readings == {"embeddings", "last layer", "untrained", "fine-tuned on pos, last layer"}


def test_the_page_shows_it_and_the_plan_finds_all_of_it(experiment: Matched, local_stack: LocalStack) -> None:
    page = (local_stack.reports / "latest" / "index.html").read_text()
    assert experiment.plan_sha256 in page
    assert experiment.rules.sha256 in page
    assert 'id="matched"' in page
    planned = json.loads(local_stack.finish(local_stack.command("plan", *SMALL, "--json")))
    states = {step["state"] for step in planned["steps"]}
    assert states == {"exists"}, "what is planned is what was run"
    assert sum(step["kind"] == "pretrain" for step in planned["steps"]) == 4
