"""What a run hands to its report: one `RunRecord`, filled by the flow: every figure and its provenance.

Tasks, inputs and languages are free names with titles. A figure without a value says why; it is never zero.
Every class checks its fields when it is made (pydantic), so a wrong number fails in the flow, at the line
that made it, and not in a template.
"""

from report.record.atlas import Atlas, AtlasPair, Place
from report.record.inputs import (
    Cell,
    CorrelationPoint,
    DatasetRow,
    DerivedRow,
    DevPoint,
    Failure,
    G2PRow,
    HyperparameterRow,
    LossPoint,
    ManifestRow,
    ProjectedPoint,
    Projection,
    SplitCard,
    Table,
)
from report.record.matched import Arm, Contrast, ContrastRules, Endpoint, Likeness, Matched, TunedScore
from report.record.measures import MEASURES, STRATIFIED, Measure, layer_name
from report.record.numbers import Interval, Number, OfSeed
from report.record.rules import Cells, Claim, Design, Rules
from report.record.run import FORMAT, PAPER, RunRecord

__all__ = [
    "FORMAT",
    "MEASURES",
    "PAPER",
    "STRATIFIED",
    "Arm",
    "Atlas",
    "AtlasPair",
    "Cell",
    "Cells",
    "Claim",
    "Contrast",
    "ContrastRules",
    "CorrelationPoint",
    "DatasetRow",
    "DerivedRow",
    "Design",
    "DevPoint",
    "Endpoint",
    "Failure",
    "G2PRow",
    "HyperparameterRow",
    "Interval",
    "Likeness",
    "LossPoint",
    "ManifestRow",
    "Matched",
    "Measure",
    "Number",
    "OfSeed",
    "Place",
    "ProjectedPoint",
    "Projection",
    "Rules",
    "RunRecord",
    "SplitCard",
    "Table",
    "TunedScore",
    "layer_name",
]
