"""A pre-training that keeps a checkpoint on disk every other step: `python -m … CORPORA PLAN FOLDER`."""

import sys
from collections.abc import Callable
from pathlib import Path

import torch

from services.trainer.pretrain.loop import Hooks, Hyperparameters
from services.trainer.pretrain.model import Shape
from services.trainer.pretrain.run import Request, run

SHAPE = Shape(layers=1, hidden_size=32, attention_heads=2, feed_forward_size=64, positions=128, dropout=0.1)
HP = Hyperparameters(learning_rate=5e-3, least_occurrences=1, ids_per_micro_batch=256, log_every=5)


def main(corpora: Path, plan: Path, folder: Path) -> None:
    """Go on from the newest checkpoint, to FOLDER/out."""
    torch.set_num_threads(1)
    kept = sorted(folder.glob("checkpoint-*"))
    found = {path.name: path.read_bytes() for path in kept[-1].iterdir()} if kept else None
    steps = iter(range(1, 10_000))

    def safe_point(make_checkpoint: Callable[[], dict[str, bytes]]) -> None:
        if next(steps) % 2:
            return
        files = make_checkpoint()
        draft = folder / "draft"
        draft.mkdir(exist_ok=True)
        for name, content in files.items():
            (draft / name).write_bytes(content)
        draft.rename(folder / f"checkpoint-{len(list(folder.glob('checkpoint-*'))):04}")

    paths = {path.stem: path for path in sorted(corpora.glob("*.parquet"))}
    request = Request("phoneme", paths, plan, SHAPE, HP, seed=2)
    run(request, folder / "out", torch.device("cpu"), Hooks(safe_point=safe_point), found)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
