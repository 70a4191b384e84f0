"""The paper's three encoders at real size on the CPU: time and memory of each stage of a run.

    python bench/real_size.py [--sentences 16] [--language fin] [--threads 1] [--data MIRROR]

Snapshots have the hub's files and sizes with random weights (`tests/contract/encoders/hub_snapshots.py`). One
encoder after the other goes through stages in processes of their own, since memory is the largest resident
set that a process ever had: `import` turns pickled weights into safetensors; `run` loads the snapshot, trains
two steps on FLORES sentences, packs a checkpoint between them (not uploaded), and embeds the sentences from
both layers. Needs 8 GB and some minutes.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

# ruff: noqa: E402  # the repository's root comes first
import torch

from isogloss.child import Reporter
from isogloss.inputs import INPUTS
from isogloss.tasks import TASKS
from services.embedder.engine.embed import ALL, EMBEDDINGS, LAST, embed
from services.encoders import models
from services.encoders.corpus import Example
from services.encoders.targets import targets
from services.encoders.units import encode
from services.trainer.engine.callback import Callback
from services.trainer.engine.loop import Data, Hyperparameters, Numerics, train
from services.trainer.unpickle import unpickle
from tests.contract.encoders.hub_snapshots import PICKLED, WRITERS

CPU = torch.device("cpu")
POS = TASKS["pos"]
Figures = dict[str, float]


def main() -> None:
    """Run all stages of all encoders, print a table and, as the last line, one JSON object."""
    arguments = _arguments()
    if arguments.stage:
        torch.set_num_threads(arguments.threads)
        print(json.dumps(STAGES[arguments.stage](arguments.input, arguments)))
        return
    found = {name: all_stages(name) for name in WRITERS}
    print(f"{'':20}" + "".join(f"{name:>12}" for name in found))
    for column in found["character"]:
        print(f"{column:20}" + "".join(f"{found[name].get(column, 0):12.2f}" for name in found))
    print(json.dumps(found))


def all_stages(input_name: str) -> Figures:
    """One encoder's figures: seconds, and memory in GB (10^9 bytes)."""
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as folder:
        for stage in ("write", "import", "run") if input_name in PICKLED else ("write", "run"):
            command = [sys.executable, __file__, *sys.argv[1:], "--stage", stage, "--input", input_name]
            done = subprocess.run(
                [*command, "--folder", folder], stdout=subprocess.PIPE, text=True, check=True
            )
            figures |= json.loads(done.stdout.splitlines()[-1])
    return figures


def write(input_name: str, arguments: argparse.Namespace) -> Figures:
    """Lay the snapshot down."""
    WRITERS[input_name](arguments.folder)
    return {}


def convert(input_name: str, arguments: argparse.Namespace) -> Figures:
    """What ImportModel's child does."""
    job = {"directory": str(arguments.folder)}
    seconds = timed(lambda: unpickle(job, Reporter(lambda event: None)))
    return {"import, s": seconds, "import, GB": peak_gb()}


def run(input_name: str, arguments: argparse.Namespace) -> Figures:
    """Load, train, checkpoint, embed."""
    figures = {
        "weights, MB": (arguments.folder / "model.safetensors").stat().st_size / 1e6,
        "libraries, GB": peak_gb(),
    }
    started = time.perf_counter()
    model, units = models.from_snapshot(
        arguments.folder, INPUTS[input_name], len(POS.labels), False, "snapshot"
    )
    figures |= {"load, s": time.perf_counter() - started, "load, GB": peak_gb()}

    words = read(arguments, input_name)
    sequences = [encode(units, [row], 512) for row in words]
    figures["units a sentence"] = sum(len(sequence.ids) for sequence in sequences) / len(sequences)
    labelled = [
        targets(sequence, [0] * len(row), POS, "first_unit")
        for sequence, row in zip(sequences, words, strict=True)
    ]
    hp = Hyperparameters(1e-5, 0.01, 2, len(words), "cosine", 0, 1.0, 512, 0, "first_unit", 0)

    class Checkpoint(Callback):
        def before_step(self, make_checkpoint: Callable[[], dict[str, bytes]]) -> None:
            """Before the second step: the optimizer has its moments and the first epoch is the best one."""
            steps.append(peak_gb())
            if len(steps) == 2:
                figures["two steps, GB"] = peak_gb()
                started = time.perf_counter()
                files = make_checkpoint()
                figures["checkpoint, s"] = time.perf_counter() - started
                figures["checkpoint, MB"] = sum(map(len, files.values())) / 1e6
                figures["checkpoint, GB"] = peak_gb()

    steps: list[float] = []
    callback = Checkpoint()
    state = train(model, Data(sequences, labelled, units.frame), lambda: 0.0, hp, 0, Numerics(CPU), callback)
    figures["step, s"] = state.seconds / state.step

    examples = [Example((row,), (row,), ()) for row in words]
    for layer, column in ((EMBEDDINGS, "embeddings, s"), (LAST, "last, s")):
        figures[column] = timed(lambda layer=layer: embed(model, units, examples, layer, ALL, CPU))
    return figures | {"whole run, GB": peak_gb()}


STAGES: dict[str, Callable[[str, argparse.Namespace], Figures]] = {
    "write": write,
    "import": convert,
    "run": run,
}


def read(arguments: argparse.Namespace, input_name: str) -> Sequence[tuple[str, ...]]:
    """Sentences of FLORES; for phonemes each letter stands for one, which is near their number."""
    path = next(arguments.data.glob(f"flores/{arguments.language}_*.devtest"))
    lines = path.read_text(encoding="utf-8").splitlines()[: arguments.sentences]
    between = " " if input_name == "phoneme" else ""
    return [tuple(between.join(word) for word in line.split()) for line in lines]


def timed(compute: Callable[[], Any]) -> float:
    """Seconds of a call."""
    started = time.perf_counter()
    compute()
    return time.perf_counter() - started


def peak_gb() -> float:
    """The largest resident set of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sentences", type=int, default=16)
    parser.add_argument("--language", default="fin")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--stage", choices=STAGES, help=argparse.SUPPRESS)
    parser.add_argument("--input", choices=WRITERS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
