"""What is filed of a run that is not whole: numbers where there are any, and elsewhere why there are none."""

from types import SimpleNamespace
from typing import Any

from flows.filing import file_outcomes
from flows.graph import build
from flows.load import load
from flows.nodes import Outcome
from isogloss.artifact.v1.artifact_pb2 import Artifact, Record
from isogloss.trainer.v1.trainer_pb2 import EvaluationResult, TrainResult
from report.record import Number

PROFILE = load("sample", tasks=["ner"], languages=["eng", "kor"], options={"table1.inputs": ["character"]})
GRAPH = build(PROFILE)


def trained(score: float) -> Outcome:
    """A training that scored so."""
    record = Record(manifest=Artifact(uri=f"s3://b/train/{score}/manifest.json", sha256="0" * 64))
    scores = {"baseline_majority": 1.0, "baseline_lexicon": 2.0}
    dev = EvaluationResult(name="dev", score=score, scores=scores)
    return Outcome("done", TrainResult(record=record, evaluations=[dev]))


def numbers(outcomes: dict[str, Outcome]) -> list[Number]:
    """The numbers of a run whose other nodes were not run."""
    store = SimpleNamespace(get=lambda _: b"")
    run: Any = SimpleNamespace(profile=PROFILE, store=store)
    every = {name: Outcome("not run", why="train failed: the loss is NaN") for name in GRAPH} | outcomes
    return file_outcomes(run, GRAPH, every).numbers


def of(found: list[Number], measure: str) -> list[Number]:
    return [item for item in found if item.measure == measure]


def test_an_undefined_measure_is_not_available_and_says_why(monkeypatch: Any) -> None:
    monkeypatch.setattr("flows.filing.Artifact.from_proto", lambda *_: None)
    zero = Outcome("undefined", why="scores: two scores are 0, and the relative gap between two zeros is 0/0")
    found = numbers(
        {
            "train ner/character/eng seed 0": trained(0.0),
            "train ner/character/kor seed 0": trained(0.0),
            "gap table1 ner/character": zero,
        }
    )
    assert [item.value for item in of(found, "score")] == [0.0, 0.0]
    for measure in ("std", "mean_rpd"):
        (number,) = of(found, measure)
        assert number.value is None
        assert "two scores are 0" in number.reason


def test_a_language_without_a_model_leaves_the_others_score_and_no_mean(monkeypatch: Any) -> None:
    monkeypatch.setattr("flows.filing.Artifact.from_proto", lambda *_: None)
    found = numbers({"train ner/character/eng seed 0": trained(50.0)})
    assert {item.languages: item.value for item in of(found, "score")} == {("eng",): 50.0, ("kor",): None}
    (number,) = of(found, "mean_rpd")
    assert number.value is None
    assert "kor has no model" in number.reason
