"""Embedding sentences: ours against a plain loop, and the embedding layer against a full pass.

    python bench/embedding.py [--language fin] [--sentences 300] [--real-size] [--data MIRROR]

The plain loop takes the sentences as they come in batches of 32, padded to the longest of each; ours sorts by
length and fills a budget of positions. The last layer is compared, and then the embedding layer, which needs
no pass through the encoder. CPU time of one thread, so that whatever else the machine does does not count.
`--real-size` takes 12 layers of hidden size 768 with random weights, as XPhoneBERT has, and 32 sentences.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from isogloss.inputs import INPUTS

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from services.embedder.engine.embed import ALL, EMBEDDINGS, LAST, embed
from services.encoders.batches import collate
from services.encoders.classifier import Classifier
from services.encoders.corpus import Example, split_text
from services.encoders.models import Scratch, from_scratch
from services.encoders.units import Vocabulary, encode
from services.encoders.vocabulary import build_word_level

CHARACTERS = INPUTS["character"]

# ruff: noqa: E402, N806  # the repository's root comes first; shape suffixes are upper case
CPU = torch.device("cpu")


def main() -> None:
    """Measure, print a table and, as the last line, one JSON object."""
    arguments = _arguments()
    torch.set_num_threads(1)
    count = 32 if arguments.real_size else arguments.sentences
    examples = read(arguments.data, arguments.language, count)
    words = (word for example in examples for word in example.words[0])
    units = Vocabulary(build_word_level(words, CHARACTERS, 2000), CHARACTERS, "corpus")
    shape = (12, 768, 12, 3072) if arguments.real_size else (2, 128, 2, 256)
    torch.manual_seed(0)
    model = from_scratch(Scratch("roberta", *shape, 2000, 0.0), units, 3, pooled=False, max_length=512).eval()

    plain_s, plain = timed(lambda: plain_loop(model, units, examples))
    last_s, last = timed(lambda: embed(model, units, examples, LAST, ALL, CPU).vectors)
    layer_s, _ = timed(lambda: embed(model, units, examples, EMBEDDINGS, ALL, CPU).vectors)
    difference = float((plain - last).abs().max())
    print(f"{'':24}{'seconds':>9}{'sentences/s':>13}")
    for name, seconds in (
        ("plain loop, last", plain_s),
        ("ours, last", last_s),
        ("ours, embeddings", layer_s),
    ):
        print(f"{name:24}{seconds:9.3f}{count / seconds:13.0f}")
    print(f"largest difference between ours and the plain loop: {difference:.1e}")
    figures = {
        "vs_plain_loop": round(plain_s / last_s, 2),
        "embeddings_vs_full": round(last_s / layer_s, 1),
        "difference": difference,
    }
    print(json.dumps(figures))


@torch.no_grad()
def plain_loop(model: Classifier, units: Vocabulary, examples: Sequence[Example]) -> Tensor:
    """Batches of 32 in the order of the corpus."""
    rows = []
    for at in range(0, len(examples), 32):
        sequences = [encode(units, example.readings, 512) for example in examples[at : at + 32]]
        hidden_BLD = model.hidden(collate(sequences, units.frame, "roberta"))
        for sequence, hidden_LD in zip(sequences, hidden_BLD, strict=True):
            rows.append(hidden_LD[: len(sequence.ids)][torch.tensor(sequence.content)].mean(0))
    return torch.stack(rows)


def timed(compute: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of the second call; the first warms up."""
    compute()
    started = time.process_time()
    result = compute()
    return time.process_time() - started, result


def read(data: Path, language: str, most: int) -> list[Example]:
    """Sentences of FLORES from a mirror directory."""
    path = next(data.glob(f"flores/{language}_*.devtest"))
    lines = path.read_text(encoding="utf-8").splitlines()[:most]
    return [Example((split_text(line),), (split_text(line),), ()) for line in lines]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--language", default="fin")
    parser.add_argument("--sentences", type=int, default=300)
    parser.add_argument("--real-size", action="store_true")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    return parser.parse_args()


if __name__ == "__main__":
    main()
