"""`isogloss profile check`: an experiment looked through without a stack, before anything is spent.

The nodes are the run's own: what reads is read here, what checks is checked, and nothing is stored.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flows import intake
from flows.estimate import shape_of
from flows.graph import build
from flows.nodes import Graph
from flows.profile import Profile, Snapshot
from flows.requests import PHONEMES
from flows.run import source_of
from isogloss.errors import IsoglossError
from isogloss.settings import Settings
from sources.check import check
from sources.dataset import Dataset
from sources.errors import SourceError
from sources.places import open_place
from sources.snapshot import CONFIG, WEIGHTS

_MIB = 2**20


@dataclass(frozen=True)
class Finding:
    """One thing found. `wrong`: it would stop the run or cost cells; otherwise a note."""

    wrong: bool
    text: str


def check_profile(profile: Profile, config: Settings) -> Iterator[Finding]:
    """Everything that can be known about a profile that is valid in itself."""
    graph = build(profile)
    results: dict[str, Any] = {}
    if profile.source.kind == "hub":
        yield Finding(
            False, "data are on the hub: splits, rows and phonemes are not checked before they are read"
        )
    else:
        yield from _read(profile, graph, results)
        yield from _compute(graph, results)
        yield from _phonemes(profile, graph, results)
    yield from _models(profile, graph)
    yield from _room(profile, graph, config)


def _read(profile: Profile, graph: Graph, results: dict[str, Any]) -> Iterator[Finding]:
    """Every corpus, whole: missing splits, broken rows, labels that the task does not have."""
    for node in graph.values():
        if node.call == "read":
            try:
                corpus, _, _ = intake.peek_corpus(
                    profile, source_of(profile, node.about[0]), None, *node.about
                )
            except SourceError:
                yield from _wrong(profile, *node.about)
            except IsoglossError as error:
                yield Finding(True, f"{node.label}: {error.message}")
            else:
                results[node.id] = corpus
                yield from (Finding(False, note) for note in corpus.notes)
        if node.call == "gather":
            try:
                results[node.id] = intake.peek_text(profile, partial(source_of, profile), None, node.about)[0]
            except IsoglossError as error:
                yield Finding(True, f"{node.id}: {error.message}")


def _wrong(profile: Profile, corpus: str, code: str) -> Iterator[Finding]:
    """Everything that is wrong with a corpus, and not the first of it alone."""
    parallel = profile.parallel
    needs = {parallel.split} if corpus == parallel.corpus else profile.needed_splits(code)
    found = [
        str(item) for item in check(source_of(profile, corpus), corpus, [code], sorted(needs)) if item.wrong
    ]
    for text in dict.fromkeys(found):
        yield Finding(True, f"{corpus}/{code}: {text.removeprefix('error: ')}")


def _compute(graph: Graph, results: dict[str, Any]) -> Iterator[Finding]:
    """The run's own check of what was read."""
    try:
        graph["check data"].request(results)
    except IsoglossError as error:
        yield Finding(True, error.message)


def _phonemes(profile: Profile, graph: Graph, results: dict[str, Any]) -> Iterator[Finding]:
    """The gate of G2P, by the engine in this process: the services' own, so with the same outcome."""
    heard = [node for node in graph.values() if node.kind == PHONEMES and node.needs[0] in results]
    if not heard:
        return
    try:
        from isogloss.g2p.engine import catalog  # noqa: F401  # an extra, which the flow's own image lacks
    except ImportError:
        yield Finding(False, "phonemes: not converted here, since isogloss[g2p] is not installed")
        return
    qualities: dict[str, list[Any]] = {}
    for node in heard:
        task, code = node.about
        source, splits = source_of(profile, task), results[node.needs[0]].splits
        try:
            measured = [_quality(profile, code, source.read(task, code, split)) for split in splits]
        except IsoglossError as error:
            yield Finding(True, f"{node.id}: {error.message}")
        else:
            qualities.setdefault(code, []).extend(measured)
    try:
        scored = {code: item for code, item in qualities.items() if code in profile.scored_languages}
        notes = profile.phoneme_gate.check(scored, profile.registry)
    except IsoglossError as error:
        yield Finding(True, error.message)
    else:
        yield from (Finding(False, note) for note in notes)


def _quality(profile: Profile, code: str, dataset: Dataset) -> Any:
    """What one split's words leave over, in the shape in which a service says it."""
    from isogloss.g2p.engine.converter import load as converter
    from isogloss.g2p.engine.options import Options
    from isogloss.g2p.engine.quality import QualityCounter

    counter = QualityCounter(converter(code, Options(normalization=profile.normalization)))
    for name in ("tokens", "text", "premise", "hypothesis"):
        if name in dataset.table.column_names:
            for value in dataset.table[name].to_pylist():
                counter.add(value if isinstance(value, list) else value.split())
    return SimpleNamespace(quality=counter.result())


def _models(profile: Profile, graph: Graph) -> Iterator[Finding]:
    """Whether a mirror has the snapshots, with a configuration and weights."""
    choices = [node.about for node in graph.values() if node.call == "fetch"]
    if not choices:
        return
    if profile.source.kind != "mirror" or profile.source.location is None:
        ids = ", ".join(choice.id for choice in choices)
        yield Finding(False, f"{ids}: fetched from the hub when the run begins, and not looked at here")
        return
    place = open_place(profile.source.location)
    for choice in choices:
        folder = f"models/{choice.id}/{choice.revision}"
        files: dict[str, tuple[str, ...]] = {"configuration": (CONFIG,), "weights": WEIGHTS}
        for what, names in files.items():
            if not any(place.exists(f"{folder}/{name}") for name in names):
                fix = "Add the snapshot's files, or fill the mirror with isogloss mirror."
                looked = ", ".join(f"{folder}/{name}" for name in names)
                yield Finding(
                    True, f"models: {choice.id} has no {what} in the mirror: looked for {looked}. {fix}"
                )


def _room(profile: Profile, graph: Graph, config: Settings) -> Iterator[Finding]:
    """Whether the disk of the local store has room for the models that would be trained."""
    needed = 0.0
    for node in graph.values():
        if node.call == "trainer.Train":
            needed += _model_bytes(profile, node.about.input)
    folder = config.state_dir if config.state_dir.exists() else Path()
    free = shutil.disk_usage(folder).free
    if needed > free:
        fix = "Make room, narrow the run, or set ISOGLOSS_STATE_DIR to a larger disk."
        problem = f"the models need about {needed / _MIB:,.0f} MiB, and {free / _MIB:,.0f} are free"
        yield Finding(True, f"disk of {folder.resolve()}: {problem}. {fix}")


def _model_bytes(profile: Profile, name: str) -> float:
    """Of a trained model in float32; a multilingual vocabulary is taken for 120,000 rows."""
    choice = profile.models[name]
    shape, _ = shape_of(choice)
    rows = 120_000 if isinstance(choice, Snapshot) else choice.vocabulary_size
    layers = shape.layers * (4 * shape.hidden**2 + 2 * shape.hidden * shape.feed_forward)
    return 4.0 * (layers + rows * shape.hidden)
