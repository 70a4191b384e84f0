"""Where a run stands, and how that is written down: safetensors and JSON, nothing else."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from safetensors.torch import load, save
from torch import Tensor

from services.encoders.classifier import Classifier

Weights = dict[str, Tensor]


@dataclass
class State:
    """The position in the data, the best epoch so far, and what has been measured.

    There are no random states: randomness is a function of seed and step (`seeds`).
    """

    epoch: int = 0  # from 0: the epoch under way
    batch: int = 0  # the next batch of this epoch
    step: int = 0  # optimizer steps done
    best_epoch: int = 0  # from 1; 0: none yet
    best_score: float = float("-inf")
    budget: int = 0  # positions per micro-batch; halved when memory runs out
    seconds: float = 0.0  # of training, by all attempts
    units: int = 0  # real units trained on
    positions: int = 0  # units and padding
    resumed_at: list[int] = field(default_factory=list)  # steps done where an attempt took over from another
    history: list[dict[str, Any]] = field(default_factory=list)
    best_weights: Weights | None = None

    @property
    def finished_by_patience(self) -> int:
        """Epochs done since the best one."""
        return self.epoch - self.best_epoch


def pack(state: State, model: Classifier, optimizer: torch.optim.Optimizer) -> dict[str, bytes]:
    """A checkpoint as files."""
    plain = asdict(_without_weights(state))
    plain.pop("best_weights")
    plain["best_score"] = state.best_score if state.best_epoch else None  # JSON has no infinity
    files = {
        "state.json": json.dumps(plain).encode(),
        "weights.safetensors": save(_contiguous(model.state_dict())),
        "optimizer.safetensors": save(_optimizer_tensors(optimizer)),
    }
    if state.best_weights is not None:
        files["best.safetensors"] = save(_contiguous(state.best_weights))
    return files


def unpack(files: Mapping[str, bytes], model: Classifier, optimizer: torch.optim.Optimizer) -> State:
    """Put a checkpoint into a model and an optimizer made for it, and return where the run stood."""
    plain = json.loads(files["state.json"])
    if plain["best_score"] is None:
        plain["best_score"] = float("-inf")
    model.load_state_dict(load(files["weights.safetensors"]))
    _restore_optimizer(optimizer, load(files["optimizer.safetensors"]))
    best = load(files["best.safetensors"]) if "best.safetensors" in files else None
    return State(**plain, best_weights=best)


def step_of(files: Mapping[str, bytes]) -> int:
    """Optimizer steps done when a checkpoint was made."""
    return int(json.loads(files["state.json"])["step"])


def snapshot(model: Classifier) -> Weights:
    """A copy of the weights on the CPU."""
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in model.state_dict().items()}


def _without_weights(state: State) -> State:
    return State(**{**vars(state), "best_weights": None})


def _contiguous(tensors: Mapping[str, Tensor]) -> Weights:
    return {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}


def _optimizer_tensors(optimizer: torch.optim.Optimizer) -> Weights:
    """AdamW's moments and step counts, named `<parameter number>.<moment>`."""
    moments = optimizer.state_dict()["state"]
    return {
        f"{number}.{name}": tensor.detach().cpu().contiguous()
        for number, entries in moments.items()
        for name, tensor in entries.items()
    }


def _restore_optimizer(optimizer: torch.optim.Optimizer, tensors: Weights) -> None:
    moments: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        number, _, moment = name.partition(".")
        moments.setdefault(int(number), {})[moment] = tensor
    optimizer.load_state_dict({"state": moments, "param_groups": optimizer.state_dict()["param_groups"]})
