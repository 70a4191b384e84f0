"""What can be measured: each quantity with its title, its digits, its unit and which way is better.

One more quantity is one more line here, and the line in `flows/findings.py` that files it.
"""

import math
from types import MappingProxyType
from typing import Literal, NamedTuple

STRATIFIED = "within pairs"
"""The reading of a correlation that counts nothing that lies between pairs of languages."""


def layer_name(layer: int) -> str:
    """The reading of a hidden layer, 1 being the first."""
    return f"layer {layer}"


class Measure(NamedTuple):
    """One quantity. `digits`: as the paper prints it, None is a p-value; `better`: 1 higher, -1 lower;
    `least`, `most`: it cannot be below or above.
    """

    name: str
    title: str
    digits: int | None = 4
    unit: str = ""
    better: Literal[-1, 0, 1] = 0
    least: float = -math.inf
    most: float = math.inf

    @property
    def heading(self) -> str:
        """The title with an arrow to the better side: "Std. ↓"."""
        return self.title + {1: " ↑", -1: " ↓", 0: ""}[self.better]


MEASURES = MappingProxyType(
    {
        measure.name: measure
        for measure in (
            # Of one language
            Measure("score", "Score, %", 2, "%", 1, least=0, most=100),
            # Of a pair of languages
            Measure("rpd", "RPD, %", 2, "%", -1, least=0, most=200),
            Measure("absolute", "Gap, points", 2, "points", -1, least=0, most=100),
            Measure("cka", "CKA", better=1, least=0, most=1),
            Measure("cka_debiased", "CKA, debiased", better=1),
            Measure("sinkhorn", "Sinkhorn", better=-1, least=0),
            Measure("sinkhorn_debiased", "Sinkhorn, debiased", better=-1, least=0),
            Measure("sinkhorn_exact", "Exact transport", better=-1, least=0),
            Measure("proxy_a_distance", "Proxy A-distance", 3),
            Measure("divergence", "½ divergence", 3),
            Measure("complexity", "Complexity", 3),
            Measure("bound", "Sum of both", 3),
            # Of all languages
            Measure("std", "Std.", better=-1, least=0),
            Measure("mean_rpd", "Mean RPD", 2, "%", -1, least=0, most=200),
            Measure("mean_rpd_elsewhere", "Mean RPD, other languages", 2, "%", -1),
            Measure("mean_cka", "Mean CKA", better=1, least=0, most=1),
            Measure("mean_cka_debiased", "Debiased CKA", better=1),
            Measure("mean_cka_residual", "Debiased CKA without sentence length", better=1),
            Measure("mean_cka_length_matched", "Debiased CKA that sentence length makes"),
            Measure("mean_cka_uncentered", "Mean CKA, not centered", better=1, least=0, most=1),
            Measure("mean_sinkhorn", "Mean Sinkhorn", better=-1, least=0),
            Measure("mean_sinkhorn_debiased", "Mean Sinkhorn, debiased", better=-1, least=0),
            Measure("mean_sinkhorn_exact", "Mean exact transport", better=-1, least=0),
            Measure("spread_ratio", "Spread over other languages, ratio", 3, "", -1, least=0),
            # Of the gap with another quantity, over seeds and pairs of languages
            Measure("spearman", "ρ", 3),
            Measure("spearman_p", "p", None),
            Measure("kendall", "τ", 3),
            Measure("kendall_p", "p", None),
            Measure("n", "n", 0),
        )
    }
)
