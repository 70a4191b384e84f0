"""The report of a run: fill a `RunRecord`, then `write_report`, `publish` and `console_tables`."""

from report.compare import compare
from report.console import console_comparison, console_tables
from report.manifests import with_manifests
from report.paper import printed, printed_figures, printed_hyperparameters, printed_sizes
from report.record import (
    BoundRow,
    Cell,
    CorrelationPoint,
    DatasetRow,
    DerivedRow,
    DevPoint,
    Difference,
    G2PRow,
    HyperparameterRow,
    Interval,
    LossPoint,
    ManifestRow,
    Number,
    Pair,
    ProjectedPoint,
    Projection,
    RobustnessRow,
    RunRecord,
)
from report.write import publish, write_comparison, write_report

__all__ = [
    "BoundRow",
    "Cell",
    "CorrelationPoint",
    "DatasetRow",
    "DerivedRow",
    "DevPoint",
    "Difference",
    "G2PRow",
    "HyperparameterRow",
    "Interval",
    "LossPoint",
    "ManifestRow",
    "Number",
    "Pair",
    "ProjectedPoint",
    "Projection",
    "RobustnessRow",
    "RunRecord",
    "compare",
    "console_comparison",
    "console_tables",
    "printed",
    "printed_figures",
    "printed_hyperparameters",
    "printed_sizes",
    "publish",
    "with_manifests",
    "write_comparison",
    "write_report",
]
