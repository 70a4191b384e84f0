"""The three encoders at real size on an accelerator: real units a second, MFU, peak memory; ours and Trainer.

    python bench/gpu.py [--data FOLDER] [--budget 300] [--out FILE] [--tiny]

Random weights in the shapes of bert-base-multilingual-cased, google/canine-s and vinai/xphonebert-base.
Fine-tuning reads sentences of ten languages (FOLDER of bench/matched/data.py; made up without one) as the
trainer does, sentences of like length together, in float32, bfloat16, and bfloat16 compiled;
`transformers.Trainer` reads the same ones padded to 512 and padded to the longest of a batch. Pre-training
reads full windows of 512 and predicts 15 % of the units. Speeds are of real units, without padding, after a
warm-up; MFU is of the operations that these units need (counted by torch, padding left out) against the rate
of a large matrix product measured here.

Every measurement is a line of FILE at once, and one that fails is a line with its error; what the budget
(seconds) leaves no time for is listed as skipped. The last line is one JSON object. `--tiny` tries it on a
CPU.
"""

import argparse
import gc
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

# ruff: noqa: E402  # the repository's root comes first
import torch
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoModel

from bench.real_encoders import rival
from bench.real_encoders.rival import RATE
from bench.real_encoders.sentences import encoded, first_units, full_windows, hidden
from bench.real_encoders.shapes import CLASSES, MODELS
from services.encoders.batches import collate, readings
from services.encoders.classifier import Classifier
from services.encoders.device import configure
from services.encoders.units import Encoded
from services.trainer.engine.callback import Callback
from services.trainer.engine.loop import (
    Data,
    Hyperparameters,
    Numerics,
    make_optimizer,
    train,
)

Row = dict[str, Any]
WARM_UP = 0.34  # of the steps


class Bench:
    """Measurements in order of what they tell, while the budget lasts."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.started = time.perf_counter()
        self.arguments = arguments
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        configure(0)
        self.size: Row = (
            {"num_hidden_layers": 1, "hidden_size": 32, "num_attention_heads": 2, "intermediate_size": 64}
            if arguments.tiny
            else {}
        )
        self.length = 128 if arguments.tiny else 512
        self.batch, self.steps = (4, 3) if arguments.tiny else (32, 24)
        self.rows: list[Row] = []
        self.skipped: list[str] = []
        self.peak = 0.0
        self.sequences = {
            name: encoded(name, arguments.data, self.batch * self.steps, self.length) for name in MODELS
        }

    def run(self) -> Row:
        """All of it."""
        self.measure("ceilings", {}, self.ceilings, 10)
        for name in MODELS:
            for way in ("bfloat16", "float32"):
                self.measure(
                    "fine_tuning", {"model": name, "by": "ours", "precision": way}, self.ours(name, way), 15
                )
            for padding in ("dynamic", "padded"):
                cell = {"model": name, "by": f"Trainer, {padding}", "precision": "bfloat16"}
                self.measure("fine_tuning", cell, self.trainer(name, padding, "bfloat16"), 20)
            cell = {"model": name, "by": "ours", "precision": "bfloat16"}
            self.measure("pre_training", cell, self.windows(name, "bfloat16"), 15)
        for name in MODELS:
            cell = {"model": name, "by": "ours", "precision": "float32"}
            self.measure("pre_training", cell, self.windows(name, "float32"), 20)
            cell = {"model": name, "by": "Trainer, dynamic", "precision": "float32"}
            self.measure("fine_tuning", cell, self.trainer(name, "dynamic", "float32"), 30)
        for kind, make in (("pre_training", self.windows), ("fine_tuning", self.ours)):
            for name in reversed(MODELS):  # the fewest surprises first
                cell = {"model": name, "by": "ours", "precision": "bfloat16", "compiled": True}
                self.measure(kind, cell, make(name, "bfloat16", compiled=True), 60)
        return self.summary()

    def measure(self, kind: str, cell: dict[str, Any], stage: Callable[[], Row], needs: float) -> None:
        """One measurement, unless less than `needs` seconds are left."""
        label = " ".join([kind, *map(str, cell.values())])
        if self.arguments.budget - (time.perf_counter() - self.started) < needs:
            self.skipped.append(label)
            return
        gc.collect()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        began = time.perf_counter()
        try:
            found = stage()
        except Exception as error:  # the rest goes on
            found = {"error": f"{type(error).__name__}: {error}"[:600]}
        finally:
            torch._dynamo.reset()
        row = {
            "kind": kind,
            "compiled": False,
            **cell,
            **found,
            "wall_s": round(time.perf_counter() - began, 1),
        }
        if self.device.type == "cuda":
            row["peak_gb"] = round(torch.cuda.max_memory_allocated() / 1e9, 2)
        if "units_per_s" in row and self.peak:
            row["mfu"] = round(row["units_per_s"] * row["flops_per_unit"] / self.peak, 4)
        self.rows.append(row)
        with self.arguments.out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        print(f"[{time.perf_counter() - self.started:5.0f}] {json.dumps(row)}", flush=True)

    def ceilings(self) -> Row:
        """Rates of a large matrix product, operations a second, and of a large copy, bytes a second."""
        n = 256 if self.arguments.tiny else 8192
        rates = {}
        for dtype in (torch.bfloat16, torch.float32):
            a, b = (torch.randn(n, n, device=self.device).to(dtype) for _ in range(2))
            rates[str(dtype).split(".")[1]] = 2 * n**3 / self.seconds(lambda a=a, b=b: a @ b)
        x = torch.randn(n * n, device=self.device)
        y = torch.empty_like(x)
        self.peak = rates["bfloat16"]
        return {"matmul_tflops": {name: round(rate / 1e12, 3) for name, rate in rates.items()},
                "copy_gb_per_s": round(2 * x.nbytes / self.seconds(lambda: y.copy_(x)) / 1e9, 1)}  # fmt: skip

    def seconds(self, compute: Callable[[], Any]) -> float:
        """Of one call, mean of ten after three."""
        for _ in range(3):
            compute()
        self.wait()
        began = time.perf_counter()
        for _ in range(10):
            compute()
        self.wait()
        return (time.perf_counter() - began) / 10

    def wait(self) -> None:
        """Until the device has done what it was given."""
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def ours(self, name: str, precision: str, compiled: bool = False) -> Callable[[], Row]:
        """The trainer's own loop over an epoch."""

        def stage() -> Row:
            model = self.model(name, CLASSES)
            sequences = self.sequences[name]
            data = Data(sequences, [first_units(sequence) for sequence in sequences], MODELS[name].frame)
            numerics = Numerics(self.device, precision, compiled)
            numerics.prepare(model)
            flops = self.flops_per_unit(model, sequences[: self.batch], name)
            marks: list[tuple[float, int]] = []

            class Marks(Callback):
                def after_step(self, state: Any, total: int, measures: Any) -> None:
                    marks.append((time.perf_counter(), state.units))

            hp = Hyperparameters(
                learning_rate=RATE, weight_decay=0.01, epochs=2 if compiled else 1, batch_size=self.batch,
                schedule="constant", warmup_ratio=0.0, max_grad_norm=1.0, max_length=self.length,
                early_stop_epochs=0, label_scheme="first_unit", train_fraction=0.0,
            )  # fmt: skip
            began = time.perf_counter()
            state = train(model, data, lambda: 0.0, hp, 0, numerics, Marks())
            first = len(marks) // 2 if compiled else int(len(marks) * WARM_UP)
            return {
                "units_per_s": round(speed(marks, first)), "fill": round(state.units / state.positions, 3),
                "flops_per_unit": flops, "warm_up_s": round(marks[first][0] - began, 1),
                "step_ms": round(1000 * (marks[-1][0] - marks[first][0]) / (len(marks) - 1 - first), 2),
            }  # fmt: skip

        return stage

    def trainer(self, name: str, padding: str, precision: str) -> Callable[[], Row]:
        """transformers.Trainer over an epoch of the same sequences."""

        def stage() -> Row:
            marks, batches = rival.train(
                name, self.sequences[name], padding, precision, self.size, self.length, self.batch,
                self.device.type == "cpu", self.wait,
            )  # fmt: skip
            first = int(len(marks) * WARM_UP)
            return {
                "units_per_s": round(speed(marks, first)),
                "fill": round(sum(units for units, _ in batches) / sum(size for _, size in batches), 3),
                "flops_per_unit": self.counted("fine_tuning", name),
                "step_ms": round(1000 * (marks[-1][0] - marks[first][0]) / (len(marks) - 1 - first), 2),
            }

        return stage

    def windows(self, name: str, precision: str, compiled: bool = False) -> Callable[[], Row]:
        """Pre-training steps: full windows, 15 % of the units predicted by a linear layer over the
        vocabulary."""

        def stage() -> Row:
            model = self.model(name, MODELS[name].vocabulary)
            windows = full_windows(
                self.sequences[name], self.batch, self.length - (16 if name == "character" else 0)
            )
            numerics = Numerics(self.device, precision, compiled)
            numerics.prepare(model)
            model.train()
            hp = Hyperparameters(RATE, 0.01, 1, self.batch, "constant", 0.0, 1.0, self.length)
            optimizer = make_optimizer(model, hp)
            batch = collate(windows, MODELS[name].frame, model.architecture).to(self.device)
            draw = random.Random(0)
            places, classes = hidden(windows, draw, MODELS[name].vocabulary)
            where, targets = readings(places, self.device), torch.tensor(classes, device=self.device)

            def step() -> None:
                optimizer.zero_grad(set_to_none=True)
                with numerics.autocast():
                    logits = model(batch, where)
                functional.cross_entropy(logits.float(), targets).backward()
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()

            with FlopCounterMode(display=False) as counter:
                if not compiled:
                    step()
            units = sum(len(window.ids) for window in windows)
            flops = counter.get_total_flops() / units if not compiled else self.counted("pre_training", name)
            began = time.perf_counter()
            step()
            self.wait()
            warm_up = time.perf_counter() - began
            seconds = self.seconds(step)
            return {
                "units_per_s": round(units / seconds),
                "fill": round(units / batch.ids_BL.numel(), 3),
                "flops_per_unit": flops,
                "warm_up_s": round(warm_up, 1),
                "step_ms": round(1000 * seconds, 2),
            }

        return stage

    def model(self, name: str, classes: int) -> Classifier:
        """Random weights at the published shape."""
        torch.manual_seed(0)
        config = MODELS[name].config(**self.size)
        config._attn_implementation = "eager" if name == "character" else "sdpa"
        make: Any = AutoModel.from_config
        return Classifier(make(config, add_pooling_layer=False), classes, False)

    def flops_per_unit(self, model: Classifier, sequences: Sequence[Encoded], name: str) -> float:
        """Operations of forward and backward for a real unit, counted one sentence at a time: no padding."""
        flops, units = 0, 0
        architecture = str(model.encoder.config.model_type)
        forward = getattr(model.encoder, "_compiled_call_impl", None)
        if forward is not None:
            return next((row["flops_per_unit"] for row in self.rows if row.get("model") == name
                         and row["kind"] == "fine_tuning" and "flops_per_unit" in row), 0.0)  # fmt: skip
        for sequence in sequences[:4]:
            batch = collate([sequence], MODELS[name].frame, architecture).to(self.device)
            with FlopCounterMode(display=False) as counter:
                model(batch, readings([first_units(sequence).places], self.device)).sum().backward()
            flops += counter.get_total_flops()
            units += len(sequence.ids)
        model.zero_grad(set_to_none=True)
        return flops / units

    def counted(self, kind: str, name: str) -> float:
        """Operations a unit, as an earlier measurement counted them."""
        rows = (row for row in self.rows if row["kind"] == kind and row.get("model") == name)
        return next((row["flops_per_unit"] for row in rows if row.get("flops_per_unit")), 0.0)

    def summary(self) -> Row:
        """Ratios, and where all lines are."""
        speeds = {
            (row["kind"], row["model"], row["by"], row["precision"], row["compiled"]): row["units_per_s"]
            for row in self.rows
            if "units_per_s" in row
        }
        found: Row = {}
        for name in MODELS:
            own = speeds.get(("fine_tuning", name, "ours", "bfloat16", False))
            for padding in ("dynamic", "padded"):
                other = speeds.get(("fine_tuning", name, f"Trainer, {padding}", "bfloat16", False))
                found[f"{name}_vs_{padding}"] = round(own / other, 2) if own and other else None
            for kind in ("pre_training", "fine_tuning"):
                plain = speeds.get((kind, name, "ours", "bfloat16", False))
                for label, key in (
                    ("compiled_vs_not", ("bfloat16", True)),
                    ("float32_vs_bfloat16", ("float32", False)),
                ):
                    other = speeds.get((kind, name, "ours", *key))
                    found[f"{name}_{kind}_{label}"] = round(other / plain, 2) if plain and other else None
        return {
            "device": torch.cuda.get_device_name() if self.device.type == "cuda" else "cpu",
            "torch": torch.__version__,
            "seconds": round(time.perf_counter() - self.started, 1),
            "skipped": self.skipped,
            "errors": sum("error" in row for row in self.rows),
            "ratios": found,
            "units_per_s": {" ".join(map(str, key)): value for key, value in speeds.items()},
            "mfu": {
                f"{row['kind']} {row['model']} {row['by']} {row['precision']} {row['compiled']}": row["mfu"]
                for row in self.rows
                if "mfu" in row
            },
        }


def speed(marks: Sequence[tuple[float, int]], first: int) -> float:
    """Units a second between two marks."""
    return (marks[-1][1] - marks[first][1]) / max(1e-9, marks[-1][0] - marks[first][0])


def main() -> None:
    """Measure, and print one JSON object last."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path)
    parser.add_argument("--budget", type=float, default=300.0)
    parser.add_argument("--out", type=Path, default=Path("gpu.jsonl"))
    parser.add_argument("--tiny", action="store_true")
    print(json.dumps(Bench(parser.parse_args()).run()))


if __name__ == "__main__":
    main()
