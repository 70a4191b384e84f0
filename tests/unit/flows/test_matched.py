"""The controlled experiment as nodes: only the input differs, and what cannot be compared is refused."""

from types import SimpleNamespace
from typing import Any

import pytest

from flows import matched
from flows.cells import cells_of, rows_of
from flows.graph import build
from flows.load import load
from flows.matched import Encoder
from isogloss.artifact.v1 import artifact_pb2
from isogloss.errors import InvalidInput

TINY = load("matched-tiny")
TABLE = "tables.matched"


def request(encoder: Encoder) -> Any:
    corpora = {code: artifact_pb2.Artifact(uri=f"s3://b/{code}") for code in ("eng", "rus")}
    return matched.pretrain_request(TINY, encoder, corpora)


def test_two_pretrainings_differ_in_their_input_alone() -> None:
    phoneme, letters = request(Encoder("phoneme", 1)), request(Encoder("letters", 1))
    letters.input = "phoneme"
    assert phoneme == letters
    assert list(phoneme.plan.settings.inputs) == ["phoneme", "letters", "romanized"]


def test_every_encoder_awaits_the_text_of_all_languages_and_the_check() -> None:
    graph = build(TINY)
    made = [node for node in graph.values() if node.call == "trainer.Pretrain"]
    assert [node.about for node in made[:3]] == [Encoder(n, 0) for n in ("phoneme", "letters", "romanized")]
    assert {node.needs for node in made} == {("check data", "renderings text/eng", "renderings text/rus")}
    assert graph["check plans"].barrier
    train = graph["train pos/letters/rus seed 0 of pre-training 1"]
    assert "pretrain letters seed 1" in train.needs
    assert not any(need.startswith("pretrain") for need in graph["train pos/letters/rus seed 0"].needs)


def test_the_model_of_the_source_language_gives_both_regimes() -> None:
    rows = [row for row in rows_of(TINY) if row.input == "phoneme" and row.cells[0].pretraining == 0]
    own, zero_shot = rows
    assert {cell.training for cell in zero_shot.cells} == {own.cells[0].training}
    trainings = {cell.training for cell in cells_of(rows_of(TINY))}
    assert len(trainings) == 3 * 2 * 2 + 3 * 2  # inputs x seeds x languages, and without pre-training


def test_runs_of_two_plans_are_not_compared() -> None:
    def made(sha256: str) -> Any:
        return SimpleNamespace(plan=SimpleNamespace(sha256=sha256))

    assert matched.check_plans({"a": made("1" * 64), "b": made("1" * 64)}) == "1" * 64
    with pytest.raises(InvalidInput, match="different plans"):
        matched.check_plans({"a": made("1" * 64), "b": made("2" * 64)})


def test_too_little_text_is_refused_before_anything_is_trained() -> None:
    def text(words: int) -> Any:
        return SimpleNamespace(words=words, counts={"pos": 90}, left_out={"pos": 3})

    results = {"text eng": text(2_000), "text rus": text(1_000)}
    [note] = matched.check_text(TINY, results)
    assert "180 lines, 3,000 words in 2 languages; 6 more lines" in note
    with pytest.raises(InvalidInput, match="rus has 999 words"):
        matched.check_text(TINY, results | {"text rus": text(999)})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"models.letters.layers": 2}, "one shape"),
        ({"models.phoneme.architecture": "bert"}, "one shape"),
        ({"hyperparameters.pos.letters.epochs": 3}, "need the same"),
        ({"pretraining": None}, "pretraining: is missing"),
        ({"regime": "zero_shot"}, "in_language"),
        ({f"{TABLE}.contrasts": "nobody"}, "no claims 'nobody'"),
        ({f"{TABLE}.inputs": ["phoneme", "subword"]}, "no single units"),
        ({f"{TABLE}.inputs": ["phoneme"]}, "at least 2"),
    ],
)
def test_what_would_differ_beside_the_input_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        load("matched-tiny", options=options)


@pytest.mark.parametrize("name", ["matched-cpu", "matched-gpu", "matched-full"])
def test_the_larger_profiles_are_whole(name: str) -> None:
    profile = load(name, data="somewhere")
    inputs = profile.pretrained
    assert len(inputs) >= 4
    assert len(profile.languages) == 10
    assert sum(node.call == "trainer.Pretrain" for node in build(profile).values()) >= 3 * len(inputs)
