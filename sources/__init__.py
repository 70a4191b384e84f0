"""Readers of the paper's data and models: the sample in this package, a mirror, or the Hugging Face hub.

Used by the flow's worker alone: it checks and normalizes data once and stores them as artifacts.

    source = open_source("mirror", "data/", ReadOptions(limit={"train": 1000}))
    train = source.read("pos", "eng", "train")   # Dataset
    train.to_parquet()                           # the same rows, the same bytes
"""

from sources.dataset import TASKS, Dataset, SourceFile
from sources.errors import SourceError
from sources.options import ReadOptions, Substitute, parse_substitutes
from sources.sizes import Size, sizes
from sources.snapshot import PickledSnapshot, Snapshot, fetch_snapshot
from sources.source import Provenance, Source, open_source

__all__ = [
    "TASKS",
    "Dataset",
    "PickledSnapshot",
    "Provenance",
    "ReadOptions",
    "Size",
    "Snapshot",
    "Source",
    "SourceError",
    "SourceFile",
    "Substitute",
    "fetch_snapshot",
    "open_source",
    "parse_substitutes",
    "sizes",
]
