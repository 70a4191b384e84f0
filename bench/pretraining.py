"""Masked-language-model pre-training: ours against `transformers.Trainer`, same text, shape, precision and
steps.

    python bench/pretraining.py [--data MIRROR] [--languages eng rus fin] [--steps 12] [--threads 1]

Both read characters of the parallel courses and hide 15 % of them in whole words. Trainer does it as one
would with its parts: a line a sample, batches padded to their longest line, a collator that hides whole
words, and RobertaForMaskedLM, which predicts at all places. Ours reads full windows and predicts at hidden
places. Seconds are of the process, after two steps to warm up, in turns; speeds count real units. Needs two
minutes.
"""

import argparse
import gzip
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

# ruff: noqa: E402  # the repository's root comes first
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from transformers import (
    PrinterCallback,
    RobertaForMaskedLM,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from services.trainer.pretrain import corpus as corpora
from services.trainer.pretrain import plan as plans
from services.trainer.pretrain.corpus import Corpus
from services.trainer.pretrain.loop import Hooks, Hyperparameters, State, train
from services.trainer.pretrain.model import Shape
from services.trainer.pretrain.plan import Plan, Settings
from services.trainer.pretrain.run import Request, prepare
from services.trainer.pretrain.vocabulary import END, MASK, PAD, SEPARATOR, START, Vocabulary, build

SHAPE = Shape(layers=4, hidden_size=128, attention_heads=4, feed_forward_size=512, positions=512)
RATE, LENGTH, WINDOWS = 1e-3, 128, 32
WARM_UP = 2
IGNORED = -100
Figures = dict[str, float]


def main() -> None:
    """Measure in turns, print a table and, as the last line, one JSON object."""
    arguments = _arguments()
    torch.set_num_threads(arguments.threads)
    with tempfile.TemporaryDirectory() as name:
        paths = {language: write(Path(name), arguments.data, language) for language in arguments.languages}
        corpus = corpora.read(paths, ["character"])
        plan = plans.make(corpus, Settings(arguments.steps + WARM_UP, WINDOWS, LENGTH))
        lines = read_lines(paths)
    vocabulary = build(corpus.readings["character"], plan, 5)
    turns = [
        (ours(plan, corpus, "float32"), ours(plan, corpus, "bfloat16"), trainer(lines, vocabulary, arguments))
        for _ in range(arguments.repeats)
    ]
    names = ("ours", "ours, bfloat16", "Trainer")
    print(f"{'':16}{'units/s':>10}{'fill':>7}{'loss':>7}")
    found: dict[str, Figures] = {}
    for index, label in enumerate(names):
        rows = [turn[index] for turn in turns]
        found[label] = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
        print(
            f"{label:16}{found[label]['units_per_s']:10.0f}{found[label]['fill']:7.3f}{found[label]['loss']:7.2f}"
        )
    ratios = [turn[0]["units_per_s"] / turn[2]["units_per_s"] for turn in turns]
    print(json.dumps({
        "vs_trainer": round(statistics.median(ratios), 2),
        "vs_trainer_bfloat16": round(
            statistics.median(turn[1]["units_per_s"] / turn[2]["units_per_s"] for turn in turns), 2
        ),
        "fill": round(found["ours"]["fill"], 3),
        "units_per_s": round(found["ours"]["units_per_s"] / arguments.threads),
        "trainer": found["Trainer"],
    }))  # fmt: skip


def ours(plan: Plan, corpus: Corpus, precision: str) -> Figures:
    """Our loop; `units_per_s` by the process's clock."""
    hp = Hyperparameters(RATE, schedule="constant", warmup_ratio=0.0, precision=precision, log_every=1,
                         ids_per_micro_batch=1_024)  # fmt: skip
    request = Request("character", {}, Path(), SHAPE, hp, 0)
    device = torch.device("cpu")
    model, _, drawing = prepare(request, plan, corpus, device)
    marks: list[tuple[float, int]] = []

    def report(state: State, total: int) -> None:
        marks.append((time.process_time(), state.units))

    state = train(model, drawing, plan, hp, 0, device, Hooks(report))
    return {"units_per_s": speed(marks), "fill": state.units / state.positions,
            "loss": float(state.history[-1]["loss"])}  # fmt: skip


def trainer(lines: Sequence[Sequence[str]], vocabulary: Vocabulary, arguments: argparse.Namespace) -> Figures:
    """transformers.Trainer on lines."""
    torch.manual_seed(0)
    model = RobertaForMaskedLM(SHAPE.config(len(vocabulary.names), 0.0))
    ids = {name: number for number, name in enumerate(vocabulary.names)}
    draw = random.Random(0)
    rows = [encode(line, ids, vocabulary) for line in lines]
    # As many units a step as ours has, of lines of their own lengths.
    mean = sum(len(row["input_ids"]) for row in rows) / len(rows)
    per_batch = max(1, round(WINDOWS * LENGTH / mean))
    rows = rows[: per_batch * (arguments.steps + WARM_UP)]
    batches: list[tuple[int, int]] = []

    def collate(samples: list[dict[str, list[int]]]) -> dict[str, torch.Tensor]:
        width = max(len(sample["input_ids"]) for sample in samples)
        batches.append((sum(len(sample["input_ids"]) for sample in samples), width * len(samples)))
        shown, labels, mask = [], [], []
        for sample in samples:
            read, target = list(sample["input_ids"]), [IGNORED] * width
            for start, end in zip(sample["starts"], sample["ends"], strict=True):
                if draw.random() < 0.15:
                    kind = draw.random()
                    for place in range(start, end):
                        target[place] = read[place]
                        if kind < 0.8:
                            read[place] = MASK
                        elif kind < 0.9:
                            read[place] = draw.randrange(6, len(ids))
            gap = width - len(read)
            shown.append(read + [PAD] * gap)
            mask.append([1] * len(read) + [0] * gap)
            labels.append(target)
        return {
            "input_ids": torch.tensor(shown),
            "attention_mask": torch.tensor(mask),
            "labels": torch.tensor(labels),
        }

    marks: list[tuple[float, int]] = []

    class Mark(TrainerCallback):
        def on_step_end(self, *positional: Any, **named: Any) -> None:
            done = sum(units for units, _ in batches[: len(marks) + 1])
            marks.append((time.process_time(), done))

    settings = TrainingArguments(
        output_dir="unused", num_train_epochs=1, per_device_train_batch_size=per_batch, learning_rate=RATE,
        lr_scheduler_type="constant", weight_decay=0.01, max_grad_norm=1.0, use_cpu=True, seed=0,
        logging_steps=1, report_to=[], save_strategy="no", disable_tqdm=True, remove_unused_columns=False,
    )  # fmt: skip
    loop: Any = Trainer(
        model=model, args=settings, train_dataset=rows, data_collator=collate, callbacks=[Mark()]
    )
    loop.remove_callback(PrinterCallback)
    loop.train()
    losses = [float(entry["loss"]) for entry in loop.state.log_history if "loss" in entry]
    real, padded = (sum(column) for column in zip(*batches, strict=True))
    return {"units_per_s": speed(marks), "fill": real / padded, "loss": losses[-1]}


def speed(marks: Sequence[tuple[float, int]]) -> float:
    """Units a second after the warm-up."""
    first, last = marks[WARM_UP - 1], marks[-1]
    return (last[1] - first[1]) / (last[0] - first[0])


def encode(line: Sequence[str], ids: dict[str, int], vocabulary: Vocabulary) -> dict[str, list[int]]:
    """A line of at most LENGTH * 4 ids, and where its words are."""
    run, starts, ends = [START], [], []
    for number, word in enumerate(line):
        if len(run) + len(word) + 2 > 4 * LENGTH:
            break
        run += [SEPARATOR] * bool(number)
        starts.append(len(run))
        run += [ids.get(character, 3) for character in word]
        ends.append(len(run))
    return {"input_ids": [*run, END], "starts": starts, "ends": ends}


def write(folder: Path, data: Path, language: str) -> Path:
    """The courses of a language as a corpus."""
    text = gzip.decompress((data / f"text/docs/{language}.tsv.gz").read_bytes()).decode()
    lines = [words for line in text.splitlines()[:3_000] if (words := line.split("\t")[1].split())]
    path = folder / f"{language}.parquet"
    pq.write_table(pa.table({"tokens": pa.array(lines, pa.list_(pa.string()))}), path)
    return path


def read_lines(paths: dict[str, Path]) -> list[list[str]]:
    """All lines, in one random order."""
    lines = [line for path in paths.values() for line in pq.read_table(path)["tokens"].to_pylist()]
    random.Random(0).shuffle(lines)
    return lines


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--languages", nargs="+", default=("eng", "rus", "fin"))
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
