"""An atlas as nodes: how alike languages look, without any task.

    datasets ─▶ renderings ─▶ check ─▶ [model] ─▶ embed (language × input) ─▶ similarity (input)

A language whose text does not become phonemes well enough is left out, with its share of leaked letters;
a table of scores would stop the run. Of a hundred languages some always fail.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flows import requests
from flows.nodes import Node, Results
from flows.profile import Profile, Snapshot
from flows.requests import PHONEMES
from flows.run import source_of
from flows.tables import AtlasTable
from isogloss.embedder.v1 import embedder_pb2
from isogloss.errors import InvalidInput
from isogloss.inputs import INPUTS
from isogloss.metrics.v1 import metrics_pb2
from report import record

EVERYTHING = "all"
"""In place of a list of languages: every one that the parallel text is at hand in and that G2P converts."""
RESOURCES = ("flores", "ntrex")
"""Parallel texts that have names of their own for languages."""


@dataclass(frozen=True)
class Place:
    """What a node of an atlas is about: one input of one table, and of an embedding one language."""

    table: str
    input: str
    language: str = ""


def atlases(profile: Profile) -> Iterator[tuple[str, AtlasTable]]:
    """The atlases of a profile, by name."""
    for name, table in profile.live.items():
        if isinstance(table, AtlasTable):
            yield name, table


def corpora_read(profile: Profile) -> list[tuple[str, str, str]]:
    """(corpus, language, input) of everything that is read; phonemes always, which say how good G2P is."""
    parallel = profile.parallel.corpus
    return [
        (parallel, code, name)
        for _, table in atlases(profile)
        for code in table.languages
        for name in dict.fromkeys((*table.inputs, "phoneme"))
    ]


def nodes(profile: Profile) -> Iterator[Node]:
    """Embeddings and similarities of every atlas, after the nodes of its data and models."""
    for name, table in atlases(profile):
        for reads in table.inputs:
            embedded = [_embed(profile, Place(name, reads, code), table) for code in table.languages]
            yield from embedded
            yield _similarity(profile, Place(name, reads), table, embedded)


def _embed(profile: Profile, place: Place, table: AtlasTable) -> Node:
    choice, corpus = profile.models[place.input], profile.parallel.corpus
    model = (f"model {place.input}",) if isinstance(choice, Snapshot) else ()
    source = _source(corpus, place.language, place.input)
    shared = table.languages if requests.reads_vocabulary(profile, place.input) else []
    wanted = {code: _source(corpus, code, place.input) for code in shared}

    def text(results: Results, name: str) -> Any:
        return requests.splits_of(results[name])[profile.parallel.split]

    def request(results: Results) -> embedder_pb2.EmbedRequest:
        asked = embedder_pb2.EmbedRequest(
            input=place.input,
            language=place.language,
            corpus=text(results, source),
            layer=embedder_pb2.Layer.Value(f"LAYER_{table.layer.upper()}"),
            content=embedder_pb2.Content.Value(f"CONTENT_{table.content.upper()}"),
        )
        if model:
            asked.model.CopyFrom(results[model[0]])
        else:
            assert not isinstance(choice, Snapshot)
            known = [text(results, name) for name in wanted.values() if name in results]
            asked.scratch.CopyFrom(requests.scratch_encoder(choice, known))
            asked.untrained_seed = profile.seed
        return asked

    return Node(
        "embed",
        f"{place.table}/{place.input}/{place.language}",
        "embedder.Embed",
        request,
        place,
        needs=("check data", source, *model),
        wants=tuple(name for name in wanted.values() if name != source),
    )


def _similarity(profile: Profile, place: Place, table: AtlasTable, embedded: Iterable[Node]) -> Node:
    vectors = {node.about.language: node.id for node in embedded}
    heard = {code: f"{PHONEMES} {profile.parallel.corpus}/{code}" for code in table.languages}

    def request(results: Results) -> metrics_pb2.ComputeLinguisticGapRequest:
        lost = left_out(profile, {code: results.get(name) for code, name in heard.items()})
        kept = [code for code, name in vectors.items() if name in results and code not in lost]
        if len(kept) < 2:
            why = "; ".join(list(lost.values())[:3])
            raise InvalidInput(
                f"tables.{place.table}.languages", f"fewer than two are left: {why}", "Add some."
            )
        return metrics_pb2.ComputeLinguisticGapRequest(
            languages=[
                metrics_pb2.LanguageVectors(language=code, vectors=results[vectors[code]].vectors)
                for code in kept
            ],
            resampling=metrics_pb2.Resampling(level=profile.gaps.level),
        )

    return Node(
        "similarity",
        f"{place.table} {place.input}",
        "metrics.ComputeLinguisticGap",
        request,
        place,
        wants=(*vectors.values(), *heard.values()),
        at_least=2,
    )


def left_out(profile: Profile, heard: Mapping[str, Mapping[str, Any] | None]) -> dict[str, str]:
    """The languages that do not pass the gate of G2P, and why; `heard` are what G2P answered, by language."""
    gate, lost = profile.phoneme_gate, {}
    for code, results in heard.items():
        if results is None:
            lost[code] = "its text did not become phonemes"
            continue
        leak = gate.leak([result.quality for result in results.values()])
        if leak > gate.max_leak_rate and code not in gate.tolerated:
            lost[code] = f"{leak:.1%} of its letters did not become phonemes"
    return lost


def _source(corpus: str, code: str, name: str) -> str:
    rendering = INPUTS[name].rendering
    return f"{rendering or 'dataset'} {corpus}/{code}"


def everything(profile: Profile) -> list[str]:
    """Every language that G2P converts by itself, without espeak-ng, and that the source has the parallel
    text in; of the hub, that the resource has a name for.
    """
    corpus, split = profile.parallel.corpus, profile.parallel.split
    named = [
        record.code
        for record in profile.registry.values()
        if record.epitran and not record.backend and (corpus not in RESOURCES or getattr(record, corpus))
    ]
    if profile.source.kind == "hub" or (profile.source.kind == "mirror" and profile.source.location is None):
        return named
    source = source_of(profile, corpus)
    return [code for code in named if split in source.splits(corpus, code)]


# --- Its place in the record


def filed(
    profile: Profile, place: Place, similarity: Any, heard: Mapping[str, Mapping[str, Any] | None]
) -> record.Atlas:
    """One input's atlas, from what the metrics service answered, or why it did not."""
    table = next(table for name, table in atlases(profile) if name == place.table)
    answered = isinstance(similarity, metrics_pb2.ComputeLinguisticGapResponse)
    pairs = similarity.pairs if answered else []
    here = {code for pair in pairs for code in (pair.first, pair.second)}
    lost = left_out(profile, heard)
    choice = profile.models[place.input]
    return record.Atlas(
        table=place.table,
        input=place.input,
        model=choice.describe() if isinstance(choice, Snapshot) else f"{choice.describe()}, untrained",
        read={"all": f"layer {table.layer}", "letters": "letters, without positions"}.get(
            table.content, "units, without positions"
        ),
        corpus=profile.parallel.corpus,
        sentences=similarity.sentences if answered else 0,
        places=tuple(_place(profile, code) for code in table.languages if code in here),
        pairs=tuple(map(_likeness, pairs)),
        left_out={
            code: lost.get(code, "it could not be embedded") for code in table.languages if code not in here
        },
        manifest=similarity.record.manifest.uri if answered else "",
        reason="" if answered else str(similarity or "not run"),
    )


def _place(profile: Profile, code: str) -> record.Place:
    language = profile.language(code)
    return record.Place(code, language.title, language.family, language.script)


def _likeness(pair: metrics_pb2.PairSimilarity) -> record.AtlasPair:
    residual = pair.cka_debiased_length_residual if pair.HasField("cka_debiased_length_residual") else None
    return record.AtlasPair(pair.first, pair.second, pair.cka, pair.cka_debiased, residual)
