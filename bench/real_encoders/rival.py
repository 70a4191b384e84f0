"""transformers.Trainer over an epoch of the same sequences, for what it takes a step."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

from bench.real_encoders.sentences import IGNORED, labelled
from bench.real_encoders.shapes import CLASSES, MODELS
from services.encoders.families import FAMILIES
from services.encoders.units import Encoded

RATE = 2e-5
Marks = list[tuple[float, int]]
"""When a step ended, and the real units that had been read by then."""


def train(
    name: str,
    sequences: Sequence[Encoded],
    padding: str,
    precision: str,
    size: Mapping[str, Any],
    length_padded: int,
    batch: int,
    cpu: bool,
    wait: Callable[[], None],
) -> tuple[Marks, list[tuple[int, int]]]:
    """Marks, and of each batch its real units and its positions. `padding`: `padded` to `length_padded`, or
    `dynamic` to the longest of a batch.
    """
    entry = MODELS[name]
    config = entry.config(**size)
    config.num_labels = CLASSES
    model = entry.rival(config)
    batches: list[tuple[int, int]] = []  # real units and positions of each, in order: they are made ahead

    def pad(rows: list[dict[str, Any]]) -> dict[str, Any]:
        longest = FAMILIES[config.model_type].padded_length(len(row["input_ids"]) for row in rows)
        length = max(length_padded, longest) if padding == "padded" else longest
        batches.append((sum(len(row["input_ids"]) for row in rows), length * len(rows)))
        fill = {"input_ids": entry.frame.pad, "attention_mask": 0, "labels": IGNORED}
        return {
            key: torch.tensor([row[key] + [value] * (length - len(row[key])) for row in rows])
            for key, value in fill.items()
        }

    settings = TrainingArguments(
        output_dir="/tmp/unused",
        num_train_epochs=1,
        per_device_train_batch_size=batch,
        learning_rate=RATE,
        weight_decay=0.01,
        lr_scheduler_type="constant",
        max_grad_norm=1.0,
        seed=0,
        use_cpu=cpu,
        bf16=precision == "bfloat16",
        logging_steps=10_000,
        report_to=[],
        save_strategy="no",
        disable_tqdm=True,
        dataloader_pin_memory=False,
    )
    marks: list[tuple[float, int]] = []

    class Mark(TrainerCallback):
        def on_step_end(self, *arguments: Any, **more: Any) -> None:
            wait()
            done = sum(units for units, _ in batches[: len(marks) + 1])
            marks.append((time.perf_counter(), done))

    loop: Any = Trainer(model=model, args=settings, train_dataset=[labelled(s) for s in sequences],
                        data_collator=pad, callbacks=[Mark()])  # fmt: skip
    loop.remove_callback(PrinterCallback)
    loop.train()
    return marks, batches
