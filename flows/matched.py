"""The nodes of a controlled experiment: text, its renderings, pre-trainings by one plan, and what they see.

    text ─▶ renderings ─▶ [check data] ─▶ pretrain (input × seed) ─▶ [check plans]
                                              │
                                              ├─▶ embed FLORES by every layer ─▶ similarity
                                              └─▶ train ─▶ embed ─▶ similarity

All of it differs in nothing but the input: corpora carry the renderings of all inputs, and every request
states the same plan.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from flows import measure_requests as ask
from flows import requests
from flows.cells import Cell, Row
from flows.nodes import Node, Results
from flows.pretraining import MatchedTable
from flows.profile import Profile, Scratch
from flows.requests import Reading
from isogloss.errors import InvalidInput
from isogloss.inputs import INPUTS
from isogloss.trainer.v1 import trainer_pb2

TEXT = "text"
RENDERINGS = "renderings"
LEAST_WORDS = 1_000
"""Of a language: fewer would be read again and again. The trainer refuses them, too."""


@dataclass(frozen=True, order=True)
class Encoder:
    """One pre-training: an input and a seed."""

    input: str
    seed: int

    @property
    def label(self) -> str:
        """For people: "phoneme seed 0"."""
        return f"{self.input} seed {self.seed}"

    @property
    def node(self) -> str:
        """The node that makes it."""
        return f"pretrain {self.label}"


def tables(profile: Profile) -> dict[str, MatchedTable]:
    """The profile's tables of this kind, by name."""
    return {name: table for name, table in profile.live.items() if isinstance(table, MatchedTable)}


def languages(profile: Profile) -> list[str]:
    """Of all encoders."""
    return list(dict.fromkeys(code for table in tables(profile).values() for code in table.languages))


def encoders(table: MatchedTable) -> list[Encoder]:
    """Seed after seed, so that a run that is cut off has whole seeds."""
    return [Encoder(name, seed) for seed in range(table.seeds) for name in table.inputs]


def of_cell(cell: Cell) -> Encoder | None:
    """The encoder that a cell fine-tunes; None for one from random weights."""
    return None if cell.pretraining is None else Encoder(cell.input, cell.pretraining)


# --- Text


def text_nodes(profile: Profile) -> Iterator[Node]:
    """The text of every language, and its renderings for all inputs at once: word i is word i in each."""
    renderings = [INPUTS[name].rendering for name in profile.pretrained if INPUTS[name].rendering]
    for code in languages(profile):
        yield Node(TEXT, code, "gather", about=code)

        def request(results: Results, code: str = code) -> Message:
            text = results[f"{TEXT} {code}"]
            asked = requests.rendering_request(profile, "tokens", code, "", text.artifact.to_proto())
            del asked.renderings[:]
            asked.renderings.extend(renderings)
            return asked

        yield Node(
            RENDERINGS, f"{TEXT}/{code}", "g2p.ConvertCorpus", request, code, needs=(f"{TEXT} {code}",)
        )


def check_text(profile: Profile, results: Results) -> list[str]:
    """A note for the report. Raises `InvalidInput` where a language has too little text to learn from."""
    texts = {code: results[f"{TEXT} {code}"] for code in languages(profile) if f"{TEXT} {code}" in results}
    for code, text in texts.items():
        if text.words < LEAST_WORDS:
            problem = f"{code} has {text.words:,} words, and {LEAST_WORDS:,} are the least"
            raise InvalidInput("pretraining.text", problem, "Add text of it, or leave the language out.")
    if not texts:
        return []
    words = sum(text.words for text in texts.values())
    lines, lost = (
        sum(sum(getattr(text, name).values()) for text in texts.values()) for name in ("counts", "left_out")
    )
    return [
        f"Pre-training text: {lines:,} lines, {words:,} words in {len(texts)} languages; {lost:,} more lines"
        " were left out since they hold a sentence of an evaluation set."
    ]


# --- Pre-training


def pretrain_nodes(profile: Profile) -> Iterator[Node]:
    """One call for each input and seed, and the check that all of them read by one plan."""
    made = list(dict.fromkeys(item for table in tables(profile).values() for item in encoders(table)))
    codes = languages(profile)
    texts = tuple(f"{RENDERINGS} {TEXT}/{code}" for code in codes)
    for encoder in made:

        def request(results: Results, encoder: Encoder = encoder) -> Message:
            return pretrain_request(profile, encoder, {
                code: results[name].corpus for code, name in zip(codes, texts, strict=True)
            })  # fmt: skip

        needs = ("check data", *texts)
        yield Node("pretrain", encoder.label, "trainer.Pretrain", request, encoder, needs=needs)
    if made:
        wants = tuple(encoder.node for encoder in made)

        def same(results: Results) -> str:
            return check_plans({name: results[name] for name in wants if name in results})

        yield Node("check", "plans", "compute", same, wants=wants, barrier=True)


def pretrain_request(
    profile: Profile, encoder: Encoder, corpora: Mapping[str, Any]
) -> trainer_pb2.PretrainRequest:
    """Pre-train one encoder: nothing in it but `input` and `seed` differs between two of them."""
    choice, shape = profile.pretraining, profile.models[encoder.input]
    assert choice is not None
    assert isinstance(shape, Scratch)
    plan = choice.plan
    return trainer_pb2.PretrainRequest(
        input=encoder.input,
        corpora=[trainer_pb2.PretrainingCorpus(language=code, corpus=item) for code, item in corpora.items()],
        plan=trainer_pb2.PretrainingPlan(
            settings=trainer_pb2.PlanSettings(**plan.model_dump(), inputs=profile.pretrained)
        ),
        shape=trainer_pb2.PretrainingShape(
            layers=shape.layers,
            hidden_size=shape.hidden_size,
            attention_heads=shape.attention_heads,
            feed_forward_size=shape.feed_forward_size,
            positions=choice.positions,
            dropout=shape.dropout,
        ),
        hyperparameters=choice.hyperparameters(),
        seed=encoder.seed,
        renderer=f"Isogloss G2P, normalization {profile.normalization}",
    )


def check_plans(results: Results) -> str:
    """The sha256 of the one plan; `InvalidInput` where runs would be compared that read other words."""
    plans = {name: result.plan.sha256 for name, result in results.items()}
    if len(set(plans.values())) > 1:
        listed = ", ".join(f"{name}: {sha256[:12]}" for name, sha256 in plans.items())
        fix = "Pre-train all of them by one plan."
        raise InvalidInput("pretraining.plan", f"runs of different plans ({listed})", fix)
    return next(iter(plans.values()), "")


# --- Vectors


def layers(profile: Profile, name: str) -> dict[str, Reading]:
    """How a pre-trained encoder's vectors are read: layer by layer, the last one also with random weights."""
    shape = profile.models[name]
    assert isinstance(shape, Scratch)
    between = {f"layer {n}": Reading("hidden", hidden=n) for n in range(1, shape.layers)}
    return {
        "embeddings": Reading("embeddings", "tokens"),
        **between,
        LAST: Reading("last"),
        "untrained": Reading("last", untrained=True),
    }


LAST = "last layer"
"""The reading of the endpoint."""

TUNED: Mapping[str, Reading] = {LAST: Reading("last")}
"""How the vectors of a fine-tuned encoder are read."""


def is_embedded(row: Row) -> bool:
    """Whether the vectors of a row's fine-tuned encoders are looked at: one seed of fine-tuning, in
    language."""
    pretrained = all(cell.pretraining is not None for cell in row.cells)
    return pretrained and row.seed == 0 and len({cell.training for cell in row.cells}) == len(row.cells)


def seen(encoder: Encoder, code: str) -> str:
    """The node of an encoder's vectors of one language."""
    return f"embed pretrained/{encoder.input}/{code} seed {encoder.seed}"


def likeness(name: str, encoder: Encoder) -> str:
    """The node that says how alike languages look to an encoder of a table."""
    return f"similarity {name} pretrained/{encoder.label}"


def vector_nodes(profile: Profile, source: Any) -> Iterator[Node]:
    """The parallel text as each encoder sees it, before any fine-tuning, and how alike languages look.

    `source(code, input)` is the node of a language's parallel text as an input reads it.
    """
    made = list(dict.fromkeys(item for table in tables(profile).values() for item in encoders(table)))
    for encoder in made:
        for code in languages(profile):
            yield _embed(profile, encoder, code, source(code, encoder.input))
    for name, table in tables(profile).items():
        for encoder in encoders(table):
            yield _similarity(profile, name, table, encoder)


def _embed(profile: Profile, encoder: Encoder, code: str, source: str) -> Node:
    readings = layers(profile, encoder.input)
    split = profile.parallel.split

    def request(results: Results) -> dict[str, Any]:
        made = results[source]
        corpus = made[split].corpus if INPUTS[encoder.input].rendering else made.splits[split].to_proto()
        cell = Cell("", encoder.input, code, encoder.seed)
        asked = requests.embed_requests(cell, readings, results[encoder.node].snapshot, corpus)
        for item in asked.values():
            item.input = encoder.input  # a snapshot does not know what it reads
        return dict(asked)

    kind, _, label = seen(encoder, code).partition(" ")
    return Node(kind, label, "embedder.Embed", request, (encoder, code), needs=(encoder.node, source))


def _similarity(profile: Profile, name: str, table: MatchedTable, encoder: Encoder) -> Node:
    def request(results: Results) -> dict[str, Any]:
        cells = {
            Cell("", encoder.input, code, encoder.seed): results[seen(encoder, code)]
            for code in table.languages
        }
        return {
            reading: ask.linguistic_gap(
                profile, {cell: vectors[reading] for cell, vectors in cells.items()}, with_null=False
            )
            for reading in layers(profile, encoder.input)
        }

    kind, _, label = likeness(name, encoder).partition(" ")
    needs = tuple(seen(encoder, code) for code in table.languages)
    return Node(kind, label, "metrics.ComputeLinguisticGap", request, encoder, needs=needs)


def row_similarity(profile: Profile, row: Row) -> Node:
    """How alike languages look to the encoders of a row, each fine-tuned in its own language."""

    def request(results: Results) -> Message:
        vectors = {cell: results[f"embed {cell.label}"][LAST] for cell in row.cells}
        return ask.linguistic_gap(profile, vectors, with_null=False)

    needs = tuple(f"embed {cell.label}" for cell in row.cells)
    label = f"{row.table} {row.label}"
    return Node("similarity", label, "metrics.ComputeLinguisticGap", request, row, needs=needs)
