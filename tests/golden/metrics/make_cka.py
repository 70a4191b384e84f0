"""How `cka.json` was made: linear CKA by another implementation, ckatorch 1.0.3 (torch, float64).

pip install ckatorch==1.0.3
python -m tests.golden.metrics.make_cka > tests/golden/metrics/cka.json
"""

import json
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

SHAPES = {"tall": (60, 5), "wide": (20, 50), "far from the origin": (40, 12)}
LANGUAGES = ("eng", "kor", "hin")


def features(name: str) -> list[NDArray[np.float64]]:
    """Vectors of three languages: waves with a common part, which depend on no random stream."""
    n, d = SHAPES[name]
    i, j = np.arange(n)[:, None], np.arange(d)
    offset = 50.0 if name == "far from the origin" else 0.0
    common = np.sin(1.7 * i * (j + 1)) + offset
    return [common + 0.8 * k * np.cos(0.37 * i * (j + 2) + k) for k in range(1, len(LANGUAGES) + 1)]


def main() -> None:
    """Print the golden values."""
    import torch
    from ckatorch.core import cka_base  # type: ignore[import-not-found]  # only here

    golden = {}
    for name in SHAPES:
        tensors = [torch.tensor(x) for x in features(name)]
        golden[name] = {
            f"{LANGUAGES[a]}-{LANGUAGES[b]}": {
                "biased": float(cka_base(tensors[a], tensors[b], unbiased=False)),
                "debiased": float(cka_base(tensors[a], tensors[b], unbiased=True)),
            }
            for a, b in combinations(range(len(LANGUAGES)), 2)
        }
    print(json.dumps(golden, indent=1))


if __name__ == "__main__":
    main()
