"""A pre-training from files to files: equal starts, equal bytes, a snapshot that others can load."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from isogloss.errors import Failed, InvalidInput
from services.trainer.pretrain import corpus as corpora
from services.trainer.pretrain import plan
from services.trainer.pretrain.loop import Hooks, Hyperparameters
from services.trainer.pretrain.model import MaskedModel, Shape, body
from services.trainer.pretrain.run import Request, run
from tests.unit.trainer.pretrain import invented

CPU = torch.device("cpu")
SHAPE = Shape(layers=2, hidden_size=32, attention_heads=2, feed_forward_size=64, positions=128)
HP = Hyperparameters(learning_rate=5e-3, least_occurrences=1, ids_per_micro_batch=256, log_every=5)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return invented.corpora(tmp_path_factory.mktemp("corpora"))


@pytest.fixture(scope="module")
def plan_path(paths: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plan") / "plan.safetensors"
    corpus = corpora.read(paths, invented.INPUTS)
    plan.make(corpus, plan.Settings(steps=20, windows=8, length=64)).save(path)
    return path


@pytest.fixture
def request_for(paths: dict[str, Path], plan_path: Path) -> Callable[..., Request]:
    def make(name: str = "phoneme", **changes: Any) -> Request:
        return Request(**{"input": name, "corpora": paths, "plan": plan_path, "shape": SHAPE,
                          "hyperparameters": HP, "seed": 3, **changes})  # fmt: skip

    return make


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class StopError(Exception):
    """What a hook raises to end a run."""


def interrupted_at(step: int, kept: dict[str, bytes]) -> Hooks:
    steps = iter(range(10_000))

    def safe_point(make_checkpoint: Callable[[], dict[str, bytes]]) -> None:
        if next(steps) == step:
            kept.update(make_checkpoint())
            raise StopError

    return Hooks(safe_point=safe_point)


def test_bodies_are_bit_equal_at_the_start_and_vocabularies_are_not() -> None:
    few, many = (body(MaskedModel(SHAPE, size, 7, "eager")) for size in (50, 300))
    assert few.keys() == many.keys()
    assert all(torch.equal(few[name], many[name]) for name in few)
    other = body(MaskedModel(SHAPE, 50, 8, "eager"))
    assert not torch.equal(few["dense.weight"], other["dense.weight"])
    assert len(few) == sum(1 for _ in MaskedModel(SHAPE, 50, 7, "eager").parameters()) - 2


def test_two_runs_give_the_same_bytes(request_for: Callable[..., Request], tmp_path: Path) -> None:
    for name in ("first", "second"):
        run(request_for(), tmp_path / name, CPU, Hooks())
    assert files_of(tmp_path / "first") == files_of(tmp_path / "second")


@pytest.mark.parametrize("dropout", [0.0, 0.1])
def test_an_interrupted_run_ends_with_the_same_bytes(
    request_for: Callable[..., Request], tmp_path: Path, dropout: float
) -> None:
    request = request_for(shape=Shape(2, 32, 2, 64, 128, dropout))
    run(request, tmp_path / "whole", CPU, Hooks())
    checkpoint: dict[str, bytes] = {}
    for step in (7, 9):  # seven steps, then nine more in another attempt, then the rest in a third
        with pytest.raises(StopError):
            run(request, tmp_path / "part", CPU, interrupted_at(step, checkpoint), dict(checkpoint) or None)
    assert json.loads(checkpoint["state.json"])["step"] == 16
    run(request, tmp_path / "resumed", CPU, Hooks(), checkpoint)
    assert files_of(tmp_path / "whole") == files_of(tmp_path / "resumed")


@pytest.mark.parametrize("name", invented.INPUTS)
def test_what_is_pretrained_learns_and_plain_transformers_loads_it(
    request_for: Callable[..., Request], tmp_path: Path, name: str
) -> None:
    record = run(request_for(name), tmp_path / "out", CPU, Hooks()).record
    history = record["history"]
    assert history[-1]["loss"] < history[0]["loss"] - 0.1
    assert set(history[-1]["languages"]) == {"aaa", "bbb"}
    assert 0 < history[-1]["fill"] <= 1

    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out")
    model = AutoModel.from_pretrained(tmp_path / "out").eval()
    units = list(json.loads((tmp_path / "out/tokenizer.json").read_text())["model"]["vocab"])[6:10]
    text = f"{units[0]} {units[1]} ▁ {units[2]} {units[3]}"
    encoded = tokenizer([text, units[0]], padding=True, return_tensors="pt")
    assert encoded["input_ids"][0].tolist() == [0, 6, 7, 4, 8, 9, 2]
    assert encoded["input_ids"][1].tolist() == [0, 6, 2, 1, 1, 1, 1]
    assert tokenizer.mask_token_id == 5
    hidden = model(input_ids=encoded["input_ids"], attention_mask=encoded["attention_mask"]).last_hidden_state
    alone = model(**tokenizer(units[0], return_tensors="pt", return_token_type_ids=False)).last_hidden_state
    torch.testing.assert_close(hidden[1, :3], alone[0], atol=1e-5, rtol=1e-4)


def test_the_card_says_what_it_is_made_of(request_for: Callable[..., Request], tmp_path: Path) -> None:
    about: Mapping[str, Any] = {"renderer": "G2P 1.2", "leaks": {"aaa": 2}}
    record = run(request_for(about=about), tmp_path / "out", CPU, Hooks()).record
    card = (tmp_path / "out/README.md").read_text()
    for expected in ("Encoder of phoneme units", "Rendering by: G2P 1.2", '{"aaa": 2}', record["plan_sha256"],
                     record["words_sha256"]["bbb"], "| aaa | 1603 |"):  # fmt: skip
        assert expected in card


def test_a_loss_that_is_not_finite_ends_the_run(request_for: Callable[..., Request], tmp_path: Path) -> None:
    hp = Hyperparameters(learning_rate=1e30, least_occurrences=1, max_grad_norm=0, log_every=5)
    with pytest.raises(Failed, match=r"not finite at step \d+: lower hyperparameters.learning_rate"):
        run(request_for(hyperparameters=hp), tmp_path / "out", CPU, Hooks())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"shape": Shape(1, 32, 3, 64, 128)}, "shape.attention_heads"),
        ({"shape": Shape(1, 32, 2, 64, 32)}, "shape.positions"),
        ({"hyperparameters": Hyperparameters(learning_rate=0)}, "hyperparameters.learning_rate"),
        ({"hyperparameters": Hyperparameters(1e-3, precision="half")}, "hyperparameters.precision"),
        ({"hyperparameters": Hyperparameters(1e-3, least_occurrences=10**6)}, "least_occurrences"),
    ],
)
def test_bad_requests_are_refused(
    request_for: Callable[..., Request], tmp_path: Path, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as raised:
        run(request_for(**change), tmp_path / "out", CPU, Hooks())
    assert raised.value.field == field
