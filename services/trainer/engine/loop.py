"""Fine-tuning, from top to bottom: how to train, in what arithmetic, at what rate, and the steps themselves.

    hp = Hyperparameters(learning_rate=3e-4, epochs=5)
    numerics = choose("auto", device)
    numerics.prepare(model)
    state = train(model, data, score_dev, hp, seed, numerics, Callback())
    model.load_state_dict(state.best_weights)

One optimizer step reads `batch_size` sentences of like length, in as many micro-batches as memory asks for;
the loss is the mean over all labelled units of the step, so that the number of micro-batches changes nothing
but rounding. On the CPU the same arguments give bit-equal weights, also when the run was interrupted and
resumed: all randomness is a function of seed and step (`seeds`), and what must survive is a `State`.
"""

# ruff: noqa: N806  # shape suffixes are upper case

import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch.nn import functional

from isogloss.errors import Failed, InvalidInput
from services.encoders import memory
from services.encoders.batches import collate, readings, shuffled_buckets, within_budget
from services.encoders.classifier import Classifier
from services.encoders.targets import Targets
from services.encoders.units import Encoded, Frame
from services.trainer.engine.callback import Callback
from services.trainer.engine.seeds import generator, seed_torch
from services.trainer.engine.state import State, pack, snapshot, unpack

ADAM_BETAS = (0.9, 0.999)
ADAM_EPSILON = 1e-8
POSITIONS_PER_MICRO_BATCH = {"cpu": 16_384, "cuda": 65_536}  # units and padding that go through at once
# A CPU's memory ends in a kill and not in an error, so large models get fewer: positions * layers * hidden.
# At BERT's base size this is 3,640 positions and some 4 GB (bench/real_size.py).
_CPU_ACTIVATIONS = 16_384 * 2_048

AUTO, FLOAT32, BFLOAT16 = "auto", "float32", "bfloat16"


@dataclass(frozen=True)
class Hyperparameters:
    """How to train. The contract with its meanings of zero is `Hyperparameters` in trainer.proto."""

    learning_rate: float = 5e-5  # at its peak
    weight_decay: float = 0.01  # of matrices; biases and LayerNorm have none
    epochs: int = 3
    batch_size: int = 32  # sentences per optimizer step
    schedule: str = "cosine"  # constant, linear, cosine
    warmup_ratio: float = 0.1  # share of the steps
    max_grad_norm: float = 1.0  # 0: no clipping
    max_length: int = 512  # ids per sequence, specials included
    early_stop_epochs: int = 0  # epochs without a better dev score; 0: never
    label_scheme: str = "first_unit"  # first_unit, every_unit, word_mean
    train_fraction: float = 0.0  # share of the train set; 0: all
    precision: str = AUTO  # auto, float32, bfloat16
    lora_rank: int = 0  # of the adapters that are trained in the place of the encoder's layers; 0: none


def learning_rate(step: int, total: int, peak: float, schedule: str, warmup_ratio: float) -> float:
    """Rate for `step` (from 0) of `total`: linear from 0 to `peak` over the warm-up, then constant, or linear
    or cosine down to 0 at the end.
    """
    warmup = math.ceil(total * warmup_ratio)
    if step < warmup:
        return peak * (step + 1) / (warmup + 1)
    if schedule == "constant":
        return peak
    progress = (step - warmup) / max(1, total - warmup)
    if schedule == "linear":
        return peak * (1 - progress)
    return peak * 0.5 * (1 + math.cos(math.pi * progress))


@dataclass(frozen=True)
class Numerics:
    """Where a run computes, in what precision its forward pass, and whether its encoder is compiled.

    Weights, gradients, optimizer and loss are float32 always; so are evaluations, whose results must not
    depend on which sentences share a batch. What was chosen goes into the manifest, since it changes the last
    digits.
    """

    device: torch.device
    precision: str = FLOAT32
    compiled: bool = False

    def autocast(self) -> AbstractContextManager[Any]:
        """The context of a training step's forward pass."""
        if self.precision == FLOAT32:
            return nullcontext()
        return torch.autocast(self.device.type, dtype=torch.bfloat16)

    def prepare(self, model: Classifier) -> None:
        """Move a model to its device and, where wanted, have torch compile its encoder for any length."""
        model.to(self.device)
        if self.compiled:
            model.encoder.compile(dynamic=True)

    def describe(self, model: Classifier) -> dict[str, str]:
        """For the manifest's `hardware`."""
        return {
            "precision": self.precision,
            "attention": str(cast(Any, model.encoder.config)._attn_implementation),
            "compiled": "yes" if self.compiled else "no",
        }


def choose(wanted: str, device: torch.device, compiled: bool = False) -> Numerics:
    """`auto` is bfloat16 on an accelerator that computes in it, float32 elsewhere.

    Raises `InvalidInput` for a bfloat16 that the accelerator would only imitate.
    """
    native = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    if wanted == AUTO:
        return Numerics(device, BFLOAT16 if native else FLOAT32, compiled)
    if wanted == BFLOAT16 and device.type == "cuda" and not native:
        name = torch.cuda.get_device_name(device)
        raise InvalidInput("hyperparameters.precision", f"{name} has no bfloat16", "Use PRECISION_FLOAT32.")
    return Numerics(device, wanted, compiled)


@dataclass(frozen=True)
class Data:
    """The train set: sequences and, parallel to them, what the loss reads."""

    sequences: Sequence[Encoded]
    targets: Sequence[Targets]
    frame: Frame


def train(
    model: Classifier,
    data: Data,
    score_dev: Callable[[], float],
    hyperparameters: Hyperparameters,
    seed: int,
    numerics: Numerics,
    callback: Callback,
    checkpoint: Mapping[str, bytes] | None = None,
) -> State:
    """Train and return the final state, whose `best_weights` are those of the epoch with the best dev score.

    Raises:
        Failed: loss or gradient is not finite, or memory does not suffice for a single sentence.
        Stopped: by the callback, before a step.
    """
    hp = hyperparameters
    optimizer = make_optimizer(model, hp)
    state = State(budget=micro_batch_positions(model, numerics.device))
    if checkpoint is not None:
        state = unpack(checkpoint, model, optimizer)
        state.resumed_at.append(state.step)
    lengths = [len(sequence.ids) for sequence in data.sequences]
    steps_per_epoch = math.ceil(len(lengths) / hp.batch_size)
    total = steps_per_epoch * hp.epochs

    while state.epoch < hp.epochs and not _patience_is_over(state, hp):
        batches = shuffled_buckets(lengths, hp.batch_size, generator(seed, "epoch", state.epoch))
        model.train()
        while state.batch < len(batches):
            callback.before_step(lambda: pack(state, model, optimizer))
            started = time.perf_counter()
            rate = learning_rate(state.step, total, hp.learning_rate, hp.schedule, hp.warmup_ratio)
            for group in optimizer.param_groups:
                group["lr"] = rate
            seed_torch(seed, "step", state.step)  # dropout
            loss = _step_within_memory(
                model, optimizer, data, batches[state.batch], lengths, hp, numerics, state
            )
            state.batch += 1
            state.step += 1
            state.seconds += time.perf_counter() - started
            state.history.append(
                {"step": state.step, "epoch": state.epoch + 1, "loss": loss, "learning_rate": rate}
            )
            callback.after_step(state, total, _measures(state, loss, rate))
        score = score_dev()
        state.epoch, state.batch = state.epoch + 1, 0
        state.history.append({"step": state.step, "epoch": state.epoch, "dev_score": score})
        callback.after_epoch(state, score)
        if score > state.best_score:
            state.best_score, state.best_epoch, state.best_weights = score, state.epoch, snapshot(model)
    return state


def micro_batch_positions(model: Classifier, device: torch.device) -> int:
    """Positions that go through the model at once, before memory ever ran out."""
    most = POSITIONS_PER_MICRO_BATCH[device.type]
    if device.type == "cuda":
        return most
    config = cast(Any, model.encoder.config)
    return min(most, _CPU_ACTIVATIONS // int(config.num_hidden_layers * config.hidden_size))


def make_optimizer(model: Classifier, hyperparameters: Hyperparameters) -> torch.optim.AdamW:
    """AdamW with no decay on biases and LayerNorm, which are the parameters with one dimension."""
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    decayed = [parameter for parameter in trained if parameter.dim() > 1]
    plain = [parameter for parameter in trained if parameter.dim() <= 1]
    groups: list[dict[str, Any]] = [
        {"params": decayed, "weight_decay": hyperparameters.weight_decay},
        {"params": plain, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(
        groups, lr=hyperparameters.learning_rate, betas=ADAM_BETAS, eps=ADAM_EPSILON, fused=True
    )


def _step_within_memory(
    model: Classifier,
    optimizer: torch.optim.Optimizer,
    data: Data,
    batch: Sequence[int],
    lengths: Sequence[int],
    hp: Hyperparameters,
    numerics: Numerics,
    state: State,
) -> float:
    """One step; when memory runs out, the same step again with micro-batches of half the size."""
    while True:
        runs = within_budget(batch, lengths, state.budget, model.architecture)
        try:
            return _step(model, optimizer, data, runs, hp, numerics, state)
        except RuntimeError as error:
            if not memory.ran_out(error):
                raise
            if len(runs) == len(batch):
                raise Failed(
                    f"memory does not suffice for one sequence of {max(lengths[i] for i in batch)} units:"
                    " lower max_length or use a larger accelerator"
                ) from error
        state.budget //= 2
        memory.release()


def _step(
    model: Classifier,
    optimizer: torch.optim.Optimizer,
    data: Data,
    runs: Sequence[Sequence[int]],
    hp: Hyperparameters,
    numerics: Numerics,
    state: State,
) -> float:
    """Forward, backward and update over the micro-batches of one step; returns the mean loss of a labelled
    unit.
    """
    device = numerics.device
    optimizer.zero_grad(set_to_none=True)
    labelled = sum(len(data.targets[index].classes) for run in runs for index in run)
    total_loss, units, positions = 0.0, 0, 0
    for run in runs:
        batch = collate([data.sequences[index] for index in run], data.frame, model.architecture).to(device)
        places = readings([data.targets[index].places for index in run], device)
        classes_N = torch.tensor(
            [number for index in run for number in data.targets[index].classes], device=device
        )
        with numerics.autocast():
            logits_NC = model(batch, places)
        loss = functional.cross_entropy(logits_NC.float(), classes_N, reduction="sum") / labelled
        loss.backward()  # type: ignore[no-untyped-call]
        total_loss += loss.item()
        units += batch.units
        positions += batch.ids_BL.numel()
    _check_finite("loss", total_loss, state)
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), hp.max_grad_norm or math.inf)
    _check_finite("gradient's norm", norm.item(), state)
    optimizer.step()
    state.units += units
    state.positions += positions
    return total_loss


def _check_finite(what: str, value: float, state: State) -> None:
    if not math.isfinite(value):
        raise Failed(f"the {what} is {value} at step {state.step + 1}: lower hyperparameters.learning_rate")


def _patience_is_over(state: State, hp: Hyperparameters) -> bool:
    return (
        bool(hp.early_stop_epochs)
        and state.finished_by_patience >= hp.early_stop_epochs
        and state.best_epoch > 0
    )


def _measures(state: State, loss: float, rate: float) -> dict[str, float]:
    return {
        "loss": loss,
        "learning_rate": rate,
        "tokens_per_s": state.units / state.seconds,
        "fill": state.units / state.positions,
    }
