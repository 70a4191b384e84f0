"""Our training loop against transformers.Trainer: same model, sentences, batch size and steps, one thread.

    python bench/training.py [--language hun] [--sentences 480] [--epochs 2] [--seeds 3] [--max-length 512]
                             [--data DIR]

Three ways to use Trainer: padded to the maximum length, padded to the longest of a random batch, and
`group_by_length`. Time is the CPU time of one thread in the training loop alone, so that whatever else the
machine does does not count. Real UD sentences, read as characters, in a small RoBERTa without dropout. The
dev accuracy of each stands beside its speed, since a fast loop that learns less is worth nothing: its mean
over seeds, which draw the order of the sentences, and how far the seeds lie apart.
"""

import argparse
import gzip
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import RobertaForTokenClassification, Trainer, TrainingArguments
from transformers.trainer_callback import PrinterCallback

from isogloss.inputs import INPUTS

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from isogloss.tasks import TASKS
from services.encoders.batches import collate, readings
from services.encoders.classifier import Classifier
from services.encoders.corpus import Example
from services.encoders.models import Scratch, from_scratch
from services.encoders.targets import single, targets
from services.encoders.units import NO_WORD, Encoded, Vocabulary, encode
from services.encoders.vocabulary import build_word_level
from services.trainer.engine.callback import Callback
from services.trainer.engine.loop import ADAM_EPSILON, Data, Hyperparameters, Numerics, train

CHARACTERS = INPUTS["character"]

# ruff: noqa: E402  # the repository's root comes first
POS = TASKS["pos"]
IGNORED = -100
BATCH = 16
RATE = 3e-3
Figures = dict[str, Any]


def main() -> None:
    """Measure, print a table and, as the last line, one JSON object."""
    arguments = _arguments()
    torch.set_num_threads(1)
    examples = read(arguments.data, arguments.language, "train", arguments.sentences)
    dev = read(arguments.data, arguments.language, "dev", 200)
    units = Vocabulary(
        build_word_level((w for e in examples for w in e.words[0]), CHARACTERS, 1000),
        CHARACTERS,
        "",
    )
    sequences = [encode(units, example.words, arguments.max_length) for example in examples]
    runs: dict[str, Callable[[int], Figures]] = {
        "ours": lambda seed: ours(units, examples, sequences, arguments, seed)
    }
    ways = {"padded": ("max", "random"), "dynamic": ("longest", "random")}
    ways["grouped"] = ("longest", "group_by_length")
    for name, (padding, sampling) in ways.items():
        runs[name] = lambda seed, padding=padding, sampling=sampling: trainer(
            units, examples, sequences, arguments, padding, sampling, seed
        )
    found = {name: over_seeds(run, units, dev, arguments) for name, run in runs.items()}
    real = sum(len(sequence.ids) for sequence in sequences) * arguments.epochs * arguments.seeds
    print(f"{'':10}{'seconds':>9}{'units/s':>9}{'fill':>7}{'last loss':>11}{'dev accuracy':>14}")
    for name, item in found.items():
        speed = real / item["seconds"]
        scores = f"{item['accuracy']:.1f} ± {item['apart'] / 2:.1f}"
        print(f"{name:10}{item['seconds']:9.1f}{speed:9.0f}{item['fill']:7.2f}{item['losses'][-1]:11.3f}"
              f"{scores:>14}")  # fmt: skip
    print("loss by tenth of the run, of the last seed")
    for name, item in found.items():
        print(f"{name:10}" + "".join(f"{loss:7.2f}" for loss in item["losses"]))
    ratios = {f"vs_{name}": round(found[name]["seconds"] / found["ours"]["seconds"], 2) for name in ways}
    accuracies = {name: round(item["accuracy"], 1) for name, item in found.items()}
    apart = {name: round(item["apart"], 1) for name, item in found.items()}
    quality = {"accuracy": accuracies, "accuracy_range": apart}
    print(json.dumps(ratios | {"fill": round(found["ours"]["fill"], 3)} | quality))


def over_seeds(
    run: Callable[[int], Figures], units: Vocabulary, dev: Sequence[Example], arguments: argparse.Namespace
) -> Figures:
    """Seconds of all seeds together, mean and range of the accuracies; the rest is of the last seed."""
    results = [run(seed) for seed in range(arguments.seeds)]
    scores = [accuracy(item.pop("model"), units, dev, arguments.max_length) for item in results]
    return results[-1] | {
        "seconds": sum(item["seconds"] for item in results),
        "accuracy": sum(scores) / len(scores),
        "apart": max(scores) - min(scores),
    }


def ours(
    units: Vocabulary,
    examples: Sequence[Example],
    sequences: Sequence[Encoded],
    arguments: argparse.Namespace,
    seed: int,
) -> Figures:
    """Our loop."""
    model = fresh(units, arguments.max_length)
    labelled = [targets(s, e.labels, POS, "first_unit") for s, e in zip(sequences, examples, strict=True)]
    hp = Hyperparameters(RATE, 0.0, arguments.epochs, BATCH, "linear", 0.0, 1.0, arguments.max_length, 0,
                         "first_unit", 0.0)  # fmt: skip
    started = time.process_time()
    data, numerics = Data(sequences, labelled, units.frame), Numerics(torch.device("cpu"))
    state = train(model, data, lambda: 0.0, hp, seed, numerics, Callback())
    seconds = time.process_time() - started
    losses = [entry["loss"] for entry in state.history if "loss" in entry]
    return {
        "seconds": seconds,
        "fill": state.units / state.positions,
        "losses": tenths(losses),
        "model": model,
    }


def trainer(
    units: Vocabulary,
    examples: Sequence[Example],
    sequences: Sequence[Encoded],
    arguments: argparse.Namespace,
    padding: str,
    sampling: str,
    seed: int,
) -> Figures:
    """transformers.Trainer from the same weights."""
    start = fresh(units, arguments.max_length)
    config: Any = start.encoder.config
    config.num_labels = len(POS.labels)
    model = RobertaForTokenClassification(config)
    model.roberta.load_state_dict(start.encoder.state_dict())
    model.classifier.load_state_dict(start.head.state_dict())
    counted = [0, 0]

    def pad(rows: list[dict[str, list[int]]]) -> dict[str, torch.Tensor]:
        length = arguments.max_length if padding == "max" else max(len(row["input_ids"]) for row in rows)
        counted[0] += sum(len(row["input_ids"]) for row in rows)
        counted[1] += length * len(rows)
        fill = {"input_ids": units.frame.pad, "attention_mask": 0, "labels": IGNORED}
        return {
            name: torch.tensor([row[name] + [value] * (length - len(row[name])) for row in rows])
            for name, value in fill.items()
        }

    rows = [row_of(sequence, example) for sequence, example in zip(sequences, examples, strict=True)]
    settings = TrainingArguments(
        output_dir="unused", num_train_epochs=arguments.epochs, per_device_train_batch_size=BATCH,
        learning_rate=RATE, weight_decay=0.0, lr_scheduler_type="linear", max_grad_norm=1.0, seed=seed,
        use_cpu=True,
        adam_epsilon=ADAM_EPSILON, train_sampling_strategy=sampling, logging_steps=1, report_to=[],
        save_strategy="no", disable_tqdm=True,
    )  # fmt: skip
    loop: Any = Trainer(model=model, args=settings, train_dataset=rows, data_collator=pad)
    loop.remove_callback(PrinterCallback)
    started = time.process_time()
    loop.train()
    seconds = time.process_time() - started
    losses = [float(entry["loss"]) for entry in loop.state.log_history if "loss" in entry]
    start.encoder.load_state_dict(model.roberta.state_dict())
    start.head.load_state_dict(model.classifier.state_dict())
    return {"seconds": seconds, "fill": counted[0] / counted[1], "losses": tenths(losses), "model": start}


def fresh(units: Vocabulary, max_length: int) -> Classifier:
    """The same weights each time."""
    torch.manual_seed(0)
    return from_scratch(
        Scratch("roberta", 2, 64, 2, 128, 1000, 0.0), units, len(POS.labels), False, max_length
    )


def row_of(sequence: Encoded, example: Example) -> dict[str, list[int]]:
    """A row as Trainer wants it: labels on first units."""
    labels = [IGNORED] * len(sequence.ids)
    for place, label in zip(sequence.firsts, example.labels, strict=True):
        if place != NO_WORD:
            labels[place] = label
    return {"input_ids": sequence.ids, "attention_mask": [1] * len(sequence.ids), "labels": labels}


@torch.no_grad()
def accuracy(model: Classifier, units: Vocabulary, dev: Sequence[Example], max_length: int) -> float:
    """Share of words tagged right, in percent."""
    model.eval()
    right = total = 0
    for example in dev:
        sequence = encode(units, example.words, max_length)
        kept = [
            (place, label) for place, label in zip(sequence.firsts, example.labels, strict=True) if place >= 0
        ]
        batch = collate([sequence], units.frame, "roberta")
        logits = model(batch, readings([single([place for place, _ in kept])], torch.device("cpu")))
        right += sum(int(a) == b for a, (_, b) in zip(logits.argmax(-1), kept, strict=True))
        total += len(example.labels)
    return 100 * right / total


def tenths(losses: Sequence[float]) -> list[float]:
    """Means of ten stretches of the run."""
    size = max(1, len(losses) // 10)
    return [sum(part) / len(part) for at in range(0, len(losses), size) if (part := losses[at : at + size])]


def read(data: Path, language: str, split: str, most: int) -> list[Example]:
    """Sentences of UD from a mirror directory."""
    text = gzip.decompress((data / f"ud/pos/{language}/{split}.tsv.gz").read_bytes()).decode()
    examples = []
    for block in text.strip().split("\n\n")[:most]:
        pairs = [line.split("\t") for line in block.split("\n")]
        words = (tuple(word for word, _ in pairs),)
        examples.append(Example(words, words, tuple(POS.labels.index(label) for _, label in pairs)))
    return examples


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--language", default="hun")
    parser.add_argument("--sentences", type=int, default=480)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--max-length", type=int, default=512)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    return parser.parse_args()


if __name__ == "__main__":
    main()
