"""Readers of the paper's data and models: the sample in this package, a mirror, or the Hugging Face hub.

Used by the flow's worker alone: it checks and normalizes data once and stores them as artifacts.

    source = open_source("mirror", "data/", ReadOptions(limit={"train": 1000}))
    train = source.read("pos", "eng", "train")   # Dataset
    train.to_parquet()                           # the same rows, the same bytes
"""

from sources.card import DataCard, card
from sources.check import Finding, check
from sources.corpus import Corpus, corpora
from sources.data import FileData, HubData, TaskData
from sources.dataset import Dataset, SourceFile
from sources.errors import SourceError
from sources.options import ReadOptions, Substitute, parse_substitutes
from sources.overlap import Overlap, overlaps
from sources.sizes import Size, sizes
from sources.snapshot import PickledSnapshot, Snapshot, fetch_snapshot
from sources.source import Provenance, Source, open_source

__all__ = [
    "Corpus",
    "DataCard",
    "Dataset",
    "FileData",
    "Finding",
    "HubData",
    "Overlap",
    "PickledSnapshot",
    "Provenance",
    "ReadOptions",
    "Size",
    "Snapshot",
    "Source",
    "SourceError",
    "SourceFile",
    "Substitute",
    "TaskData",
    "card",
    "check",
    "corpora",
    "fetch_snapshot",
    "open_source",
    "overlaps",
    "parse_substitutes",
    "sizes",
]
