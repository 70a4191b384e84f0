"""Readers of the paper's data and models: the sample in this package, a mirror, or the Hugging Face hub.

Used by the flow's worker alone: it checks and normalizes data once and stores them as artifacts.

    source = open_source("mirror", "data/", ReadOptions(limit={"train": 1000}))
    train = source.read("pos", "eng", "train")   # Dataset
    train.to_parquet()                           # the same rows, the same bytes
"""

from flows.sources.dataset import TASKS, Dataset, SourceFile
from flows.sources.errors import SourceError
from flows.sources.options import ReadOptions, Substitute, parse_substitutes
from flows.sources.sizes import Size, sizes
from flows.sources.snapshot import PickledSnapshot, Snapshot, fetch_snapshot
from flows.sources.source import Provenance, Source, open_source

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
