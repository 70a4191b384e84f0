"""The measures as functions on arrays: what `isogloss.metrics` offers, and what the service answers with.

A function takes arrays by language (any name: ISO 639-3 codes are a habit, not a rule) and gives a frozen
record whose fields are those of metrics.proto; docs/metrics.md says what each is. None stands for what was
not asked for or cannot be had. Bad input (NaN, constant vectors, rows that do not align) is
`isogloss.errors.InvalidInput`, which names the field and the row.
"""

from isogloss.metrics.measures.alignment import procrustes, rsa
from isogloss.metrics.measures.correlations import correlate
from isogloss.metrics.measures.gap import gap_of, gaps
from isogloss.metrics.measures.gap_comparison import compare_gaps, compare_spreads, comparison_of
from isogloss.metrics.measures.outputs import outputs_of, sinkhorn
from isogloss.metrics.measures.similarity import Similarity, cka, similarity

__all__ = [
    "Similarity",
    "cka",
    "compare_gaps",
    "compare_spreads",
    "comparison_of",
    "correlate",
    "gap_of",
    "gaps",
    "outputs_of",
    "procrustes",
    "rsa",
    "similarity",
    "sinkhorn",
]
