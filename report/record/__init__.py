"""What a run hands to its report: one `RunRecord`, filled by the flow: every figure and its provenance.

Values are in the paper's units: scores, baselines, RPD and absolute gaps in percent (87.13), Std. as a
fraction of 1 (0.0316), CKA and correlations from -1 to 1. None always means "not run", never zero.

Every class checks its fields when it is made (pydantic), so a wrong table or row fails in the flow, at the
line that made it, and not in a template.
"""

from report.record.inputs import (
    Cell,
    DatasetRow,
    DevPoint,
    G2PRow,
    HyperparameterRow,
    LossPoint,
    ManifestRow,
)
from report.record.measures import (
    BoundRow,
    CorrelationPoint,
    DerivedRow,
    Difference,
    Measure,
    Pair,
    ProjectedPoint,
    Projection,
    RobustnessRow,
)
from report.record.numbers import (
    COLUMNS,
    ROWS,
    Corpus,
    Evaluation,
    Input,
    Interval,
    Metric,
    Number,
    Regime,
    Table,
    Task,
    Verdict,
)
from report.record.run import RunRecord

__all__ = [
    "COLUMNS",
    "ROWS",
    "BoundRow",
    "Cell",
    "Corpus",
    "CorrelationPoint",
    "DatasetRow",
    "DerivedRow",
    "DevPoint",
    "Difference",
    "Evaluation",
    "G2PRow",
    "HyperparameterRow",
    "Input",
    "Interval",
    "LossPoint",
    "ManifestRow",
    "Measure",
    "Metric",
    "Number",
    "Pair",
    "ProjectedPoint",
    "Projection",
    "Regime",
    "RobustnessRow",
    "RunRecord",
    "Table",
    "Task",
    "Verdict",
]
