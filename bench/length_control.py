"""Does length leak through its control? `python -m bench.length_control`. One run, a minute or two.

Real sentence lengths (FLORES devtest, five languages) and invented vectors: the right answer is known.
*Leak worlds*: each language has a table of positions of its own, averaged over each sentence as a model's
mean pooling does, with and without the noise of averaged tokens: nothing but length is shared, and the right
residual is 0. *Planted worlds*: a factor beside length is shared, too; what is kept of it is the residual
over the debiased CKA of the same vectors before length was added. Tables are smooth (correlated over 20 or
80 positions), sinusoidal, or random at each position.

The last line is one JSON object, by world: the largest |mean residual|, and the smallest share kept.
`--data DIR` is the folder with `flores/` (default: ISOGLOSS_DATA, else shared/data beside or above).
"""

import argparse
import gzip
import json
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from isogloss.metrics.measures import Similarity, cka

LANGUAGES = ("eng", "hun", "kor", "fin", "hin")
WIDTH, SHARED = 32, 8
SEEDS = range(3)
Array = NDArray[np.float64]


def read_lengths(data: Path, language: str) -> NDArray[np.int64]:
    """Characters of each FLORES sentence, [1012]."""
    path = sorted((data / "flores").glob(f"{language}_*.devtest*"))[0]
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    return np.array([len(line) for line in text.splitlines()])


def positions(kind: str, count: int, rng: np.random.Generator) -> Array:
    """A table of positions, [count, WIDTH], of unit variance."""
    if kind == "random":
        return rng.normal(size=(count, WIDTH))
    if kind == "sinusoidal":
        angles = np.arange(count)[:, None] / 10_000 ** (np.arange(WIDTH // 2) * 2 / WIDTH)
        rotation, _ = np.linalg.qr(rng.normal(size=(WIDTH, WIDTH)))
        return np.asarray(np.concatenate([np.sin(angles), np.cos(angles)], axis=1) @ rotation)
    width = int(kind.removeprefix("smooth "))
    kernel = np.exp(-0.5 * (np.arange(-4 * width, 4 * width + 1) / width) ** 2)
    white = rng.normal(size=(count + 8 * width, WIDTH))
    table = np.stack([np.convolve(column, kernel, "valid") for column in white.T], axis=1)
    return np.asarray(table / table.std())


def world(
    lengths: dict[str, NDArray[np.int64]], kind: str, noise: float, planted: float, seed: int
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Vectors of all languages with length in them, and the same without it."""
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(len(next(iter(lengths.values()))), SHARED))
    whole, rest = {}, {}
    for name, own in lengths.items():
        table = positions(kind, int(own.max()), rng)
        averaged = np.cumsum(table, axis=0)[own - 1] / own[:, None]
        tokens = noise * rng.normal(size=averaged.shape) / np.sqrt(own)[:, None]
        mixed = factor @ rng.normal(size=(SHARED, WIDTH)) / np.sqrt(SHARED)
        rest[name] = tokens + planted * averaged.std() * mixed
        whole[name] = averaged + rest[name]
    return whole, rest


def residual(similarity: Similarity) -> float:
    assert similarity.mean_cka_debiased_length_residual is not None
    return similarity.mean_cka_debiased_length_residual


def main() -> None:
    """Run all worlds and print them."""
    data = arguments().data
    lengths = {name: read_lengths(data, name) for name in LANGUAGES}
    figures: dict[str, float] = {}
    print(f"{len(LANGUAGES)} languages, {len(lengths['eng'])} sentences, mean over {len(SEEDS)} worlds")
    print(f"{'world':36}{'raw':>8}{'matched':>9}{'residual':>10}{'worst':>9}   right: 0")
    for kind in ("smooth 20", "smooth 80", "sinusoidal", "random"):
        for noise in (0.0, 0.1, 1.0):
            found = [cka(world(lengths, kind, noise, 0, seed)[0], lengths) for seed in SEEDS]
            worst = max(abs(residual(item)) for item in found)
            name = f"{kind}, token noise {noise:g}"
            _row(name, found, f"{worst:9.4f}")
            figures[f"leak {name}"] = worst
    print(f"{'':36}{'raw':>8}{'matched':>9}{'residual':>10}{'kept':>9}   right: 1")
    for kind in ("smooth 20", "smooth 80", "sinusoidal", "random"):
        for planted in (0.3, 1.0):
            pairs = [world(lengths, kind, 1.0, planted, seed) for seed in SEEDS]
            found = [cka(whole, lengths) for whole, _ in pairs]
            right = [cka(rest).mean_cka_debiased for _, rest in pairs]
            kept = min(residual(item) / value for item, value in zip(found, right, strict=True))
            name = f"{kind}, planted factor {planted:g}"
            _row(name, found, f"{kept:9.3f}")
            figures[f"kept {name}"] = kept
    print(json.dumps({name: round(value, 5) for name, value in figures.items()}))


def _row(name: str, found: list[Similarity], last: str) -> None:
    raw = np.mean([item.mean_cka_debiased for item in found])
    matched = np.mean([item.mean_cka_length_matched for item in found])
    left = np.mean([residual(item) for item in found])
    print(f"{name:36}{raw:8.3f}{matched:9.3f}{left:10.4f}{last}")


def arguments() -> argparse.Namespace:
    here = Path(__file__).resolve()
    beside = [folder / "shared" / "data" for folder in here.parents]
    default = os.environ.get("ISOGLOSS_DATA") or next((str(p) for p in beside if p.is_dir()), "shared/data")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, default=Path(default))
    return parser.parse_args()


if __name__ == "__main__":
    main()
