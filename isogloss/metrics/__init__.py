"""How far apart languages lie in a model, on your own arrays: `pip install 'isogloss[metrics]'`.

    from isogloss.metrics import cka
    result = cka({"eng": eng, "deu": deu}, lengths={"eng": eng_lengths, "deu": deu_lengths})
    result.mean_cka_debiased, result.mean_cka_debiased_length_residual

The functions are those of `isogloss.metrics.measures`: numpy arrays in, frozen records out, the same
arithmetic as the metrics service's. Nothing here needs gRPC, storage or a checkout; numpy is imported at the
first use, because the service's stubs live in this package, too (`isogloss.metrics.v1`).
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from isogloss.metrics.measures import (
        cka,
        compare_gaps,
        compare_spreads,
        correlate,
        gaps,
        procrustes,
        rsa,
        sinkhorn,
    )

__all__ = ["cka", "compare_gaps", "compare_spreads", "correlate", "gaps", "procrustes", "rsa", "sinkhorn"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from isogloss.metrics import measures

    return getattr(measures, name)
