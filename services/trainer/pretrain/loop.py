"""The pre-training loop, from top to bottom.

    state = train(model, drawing, plan, hyperparameters, device, hooks)

One optimizer step reads the windows of one step of the plan, in micro-batches of like length; the loss is
the mean over the step's hidden units. On the CPU the same arguments give bit-equal weights, also when the
run was interrupted and resumed: nothing random is drawn but what the plan and the seed's place in it say.
"""

# ruff: noqa: N803, N806, N815  # shape suffixes are upper case

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor
from torch.nn import functional

from isogloss.errors import Failed, InvalidInput
from services.trainer.engine.loop import learning_rate
from services.trainer.engine.seeds import seed_torch
from services.trainer.pretrain.batches import Batch, Drawing, micro_batches
from services.trainer.pretrain.model import MaskedModel
from services.trainer.pretrain.plan import Plan

ADAM_BETAS = (0.9, 0.98)  # RoBERTa's
ADAM_EPSILON = 1e-6
_MULTIPLE = {"cpu": 1, "cuda": 8}  # ids that rows are rounded up to: tensor cores like eights


@dataclass(frozen=True)
class Hyperparameters:
    """Every field is explicit."""

    learning_rate: float
    weight_decay: float = 0.01
    schedule: str = "linear"  # constant, linear, cosine
    warmup_ratio: float = 0.06  # share of the steps
    max_grad_norm: float = 1.0  # 0: no clipping
    least_occurrences: int = 5  # of a unit of the vocabulary
    ids_per_micro_batch: int = 4_096  # padding included
    precision: str = "float32"  # or bfloat16: of the forward pass; weights and optimizer are float32 always
    compiled: bool = False
    log_every: int = 50  # steps

    def check(self) -> None:
        """Raise `InvalidInput` for what cannot be trained with."""
        for name, least in (("learning_rate", 0.0), ("ids_per_micro_batch", 0), ("log_every", 0)):
            if not getattr(self, name) > least:
                problem = f"{getattr(self, name)} is not positive"
                raise InvalidInput(f"hyperparameters.{name}", problem, "Use more than 0.")
        if self.precision not in ("float32", "bfloat16"):
            problem = f"unknown precision {self.precision!r}"
            raise InvalidInput("hyperparameters.precision", problem, "Use float32 or bfloat16.")


@dataclass
class State:
    """Where a run stands and what it measured."""

    step: int = 0
    seconds: float = 0.0  # of training, by all attempts
    units: int = 0  # real ids trained on
    positions: int = 0  # ids and padding
    resumed_at: list[int] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)  # one entry for each `log_every` steps


@dataclass(frozen=True)
class Hooks:
    """What the loop tells the outside, between two steps."""

    report: Callable[[State, int], None] = lambda state, total: None  # at each entry of the history
    # Called before each step with a function that makes a checkpoint; raises to end the run.
    safe_point: Callable[[Callable[[], dict[str, bytes]]], None] = lambda make_checkpoint: None


def train(
    model: MaskedModel,
    drawing: Drawing,
    plan: Plan,
    hp: Hyperparameters,
    seed: int,
    device: torch.device,
    hooks: Hooks,
    checkpoint: Mapping[str, bytes] | None = None,
    steps: int | None = None,
) -> State:
    """Train through the plan (or its first `steps`) and return the final state.

    Raises:
        Failed: loss or gradient is not finite.
        Whatever `hooks.safe_point` raises.
    """
    hp.check()
    total = plan.settings.steps if steps is None else steps
    optimizer = make_optimizer(model, hp)
    state = State() if checkpoint is None else unpack(checkpoint, model, optimizer)
    tally = Tally.zeros(len(plan.languages), device)
    if checkpoint is not None:
        state.resumed_at.append(state.step)
        tally.sums_3K.copy_(load_tensors(checkpoint["tally.safetensors"])["sums"])
    multiple = _MULTIPLE.get(device.type, 1)
    model.train()
    started = time.perf_counter()

    def pause() -> dict[str, bytes]:
        nonlocal started
        state.seconds += time.perf_counter() - started
        started = time.perf_counter()
        return pack(state, model, optimizer, tally)

    while state.step < total:
        hooks.safe_point(pause)
        rate = learning_rate(state.step, total, hp.learning_rate, hp.schedule, hp.warmup_ratio)
        for group in optimizer.param_groups:
            group["lr"] = rate
        seed_torch(seed, "step", state.step)  # dropout
        parts = micro_batches(drawing.batch(state.step, multiple), hp.ids_per_micro_batch, multiple)
        _step(model, optimizer, parts, hp, device, tally)
        state.step += 1
        state.units += sum(int(part.lengths_B.sum()) for part in parts)
        state.positions += sum(part.ids_BL.size for part in parts)
        if state.step % hp.log_every == 0 or state.step == total:
            entry = tally.take(plan.languages, state.step)
            state.seconds += time.perf_counter() - started
            started = time.perf_counter()
            entry |= {"learning_rate": rate, "units_per_s": state.units / state.seconds,
                      "fill": state.units / state.positions}  # fmt: skip
            state.history.append(entry)
            hooks.report(state, total)
    return state


def make_optimizer(model: MaskedModel, hp: Hyperparameters) -> torch.optim.AdamW:
    """AdamW with no decay on biases and LayerNorm, which are the parameters with one dimension."""
    decayed = [parameter for parameter in model.parameters() if parameter.dim() > 1]
    plain = [parameter for parameter in model.parameters() if parameter.dim() <= 1]
    groups: list[dict[str, Any]] = [
        {"params": decayed, "weight_decay": hp.weight_decay},
        {"params": plain, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=hp.learning_rate, betas=ADAM_BETAS, eps=ADAM_EPSILON, fused=True)


@dataclass
class Tally:
    """Loss, right answers and hidden units of K languages since the last entry, and the largest gradient's
    norm; kept on the device, so that no step waits for it."""

    sums_3K: Tensor
    norm: Tensor

    @classmethod
    def zeros(cls, languages: int, device: torch.device) -> "Tally":
        """Nothing yet."""
        return cls(
            torch.zeros(3, languages, dtype=torch.float64, device=device), torch.zeros((), device=device)
        )

    def add(self, losses_M: Tensor, right_M: Tensor, languages_M: Tensor) -> None:
        """Count the hidden units of a micro-batch."""
        values_3M = torch.stack([losses_M, right_M, torch.ones_like(losses_M)]).double()
        self.sums_3K.index_add_(1, languages_M, values_3M)

    def take(self, languages: Sequence[str], step: int) -> dict[str, Any]:
        """An entry of the history; starts anew. Raises `Failed` when something was not finite."""
        loss_K, right_K, count_K = self.sums_3K.tolist()
        norm = float(self.norm)
        if not (math.isfinite(sum(loss_K)) and math.isfinite(norm)):
            raise Failed(
                f"loss or gradient is not finite at step {step}: lower hyperparameters.learning_rate"
            )
        self.sums_3K.zero_()
        count = max(1.0, sum(count_K))
        return {
            "step": step,
            "loss": sum(loss_K) / count,
            "accuracy": 100 * sum(right_K) / count,
            "languages": {
                name: {"loss": loss / number, "accuracy": 100 * right / number, "hidden": int(number)}
                for name, loss, right, number in zip(languages, loss_K, right_K, count_K, strict=True)
                if number
            },
        }


def autocast(device: torch.device, precision: str) -> AbstractContextManager[Any]:
    """The context of a forward pass."""
    return torch.autocast(device.type, dtype=torch.bfloat16) if precision == "bfloat16" else nullcontext()


def _step(
    model: MaskedModel,
    optimizer: torch.optim.Optimizer,
    parts: Sequence[Batch],
    hp: Hyperparameters,
    device: torch.device,
    tally: Tally,
) -> None:
    """Forward, backward and update over the micro-batches of one step."""
    optimizer.zero_grad(set_to_none=True)
    hidden = sum(len(part.targets_M) for part in parts)
    for part in parts:
        ids_BL, rows_M, positions_M, targets_M, languages_M, lengths_B = (
            torch.from_numpy(array).to(device, non_blocking=True)
            for array in (
                part.ids_BL,
                part.rows_M,
                part.positions_M,
                part.targets_M,
                part.languages_M,
                part.lengths_B,
            )
        )
        mask_BL = torch.arange(ids_BL.shape[1], device=device) < lengths_B[:, None]
        with autocast(device, hp.precision):
            logits_MV = model(ids_BL, mask_BL.long(), rows_M, positions_M)
        losses_M = functional.cross_entropy(logits_MV.float(), targets_M, reduction="none")
        (losses_M.sum() / hidden).backward()  # type: ignore[no-untyped-call]
        tally.add(losses_M.detach(), (logits_MV.argmax(-1) == targets_M).float(), languages_M)
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), hp.max_grad_norm or math.inf)
    tally.norm.copy_(norm.detach())
    optimizer.step()


def pack(
    state: State, model: MaskedModel, optimizer: torch.optim.Optimizer, tally: Tally
) -> dict[str, bytes]:
    """A checkpoint as files: safetensors and JSON."""
    moments = optimizer.state_dict()["state"]
    return {
        "state.json": json.dumps(asdict(state)).encode(),
        "weights.safetensors": save_tensors(_on_cpu(model.state_dict())),
        "optimizer.safetensors": save_tensors(
            _on_cpu(
                {
                    f"{number}.{name}": value
                    for number, entry in moments.items()
                    for name, value in entry.items()
                }
            )
        ),
        "tally.safetensors": save_tensors(_on_cpu({"sums": tally.sums_3K})),
    }


def unpack(files: Mapping[str, bytes], model: MaskedModel, optimizer: torch.optim.Optimizer) -> State:
    """Put a checkpoint into a model and an optimizer made for it, and return where the run stood."""
    model.load_state_dict(load_tensors(files["weights.safetensors"]))
    moments: dict[int, dict[str, Tensor]] = {}
    for name, tensor in load_tensors(files["optimizer.safetensors"]).items():
        number, _, moment = name.partition(".")
        moments.setdefault(int(number), {})[moment] = tensor
    optimizer.load_state_dict({"state": moments, "param_groups": optimizer.state_dict()["param_groups"]})
    return State(**json.loads(files["state.json"]))


def _on_cpu(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
