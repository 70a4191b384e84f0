"""Batches hold every sequence once, waste little, and never change a result."""

import random
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from isogloss.inputs import INPUTS
from services.encoders import canine
from services.encoders.batches import by_length, collate, readings, shuffled_buckets, within_budget
from services.encoders.classifier import Classifier
from services.encoders.families import FAMILIES
from services.encoders.models import Scratch, from_scratch
from services.encoders.targets import single
from services.encoders.units import CodePoints, Encoded, Units, Vocabulary, encode
from services.encoders.vocabulary import build_word_level

CHARACTERS = INPUTS["character"]

lengths = st.lists(st.integers(3, 300), min_size=1, max_size=200)


@given(lengths, st.integers(1, 40), st.integers(0, 5))
def test_an_epoch_has_every_sentence_once(drawn: list[int], batch_size: int, seed: int) -> None:
    batches = shuffled_buckets(drawn, batch_size, random.Random(seed))
    assert sorted(index for batch in batches for index in batch) == list(range(len(drawn)))
    assert len(batches) == -(-len(drawn) // batch_size)
    assert batches == shuffled_buckets(drawn, batch_size, random.Random(seed))


def of_length(length: int, unit: int = 7) -> Encoded:
    """A sequence of one unit again and again."""
    return Encoded.of([unit] * length, [0] * length, [0], [True] * length, length, cut=False)


@given(lengths, st.integers(300, 3000), st.randoms(use_true_random=False))
def test_the_plan_of_batches_depends_on_what_is_read_and_not_on_its_order(
    drawn: list[int], budget: int, draw: random.Random
) -> None:
    """Equal sentences stand in it once."""

    def plan(sequences: list[Encoded]) -> list[list[int]]:
        return [[len(sequences[index].ids) for index in run] for run in by_length(sequences, budget, "bert")]

    assert sorted(length for run in plan([of_length(n) for n in drawn]) for length in run) == sorted(
        set(drawn)
    )
    shuffled = draw.sample(drawn, len(drawn))
    assert plan([of_length(n) for n in shuffled]) == plan([of_length(n) for n in drawn])


@given(lengths, st.integers(300, 3000), st.sampled_from(["bert", "canine"]))
def test_no_batch_is_over_its_budget(drawn: list[int], budget: int, architecture: str) -> None:
    sequences = [of_length(length, number) for number, length in enumerate(drawn)]
    for runs in (
        within_budget(range(len(drawn)), drawn, budget, architecture),
        by_length(sequences, budget, architecture),
    ):
        assert sorted(index for run in runs for index in run) == list(range(len(drawn)))
        for run in runs:
            size = len(run) * FAMILIES[architecture].padded_length(drawn[index] for index in run)
            assert size <= budget or len(run) == 1


def test_buckets_fill_nine_tenths_where_random_batches_fill_a_third() -> None:
    draw = random.Random(0)
    drawn = [max(3, int(draw.lognormvariate(4, 0.8))) for _ in range(4000)]
    batches = shuffled_buckets(drawn, 32, random.Random(1))
    units, positions = sum(drawn), sum(len(batch) * max(drawn[i] for i in batch) for batch in batches)
    shuffled = draw.sample(drawn, len(drawn))
    plain = sum(32 * max(shuffled[at : at + 32]) for at in range(0, 4000, 32))
    assert units / positions > 0.9
    assert units / plain < 0.5


@given(st.integers(8, 3000))
def test_the_position_table_has_room_for_the_padding(longest: int) -> None:
    for family in FAMILIES.values():
        table = family.positions_needed(longest)
        config = SimpleNamespace(max_position_embeddings=table, num_hash_buckets=16_384)
        assert family.longest_sequence(config) >= longest
    assert max(canine.room(length) for length in range(1, longest + 1)) <= canine.positions_needed(longest)


def model(architecture: str) -> tuple[Classifier, Units]:
    torch.manual_seed(0)
    units: Units = (
        CodePoints(CHARACTERS)
        if architecture == "canine"
        else Vocabulary(build_word_level("abcdefgh", CHARACTERS, 50), CHARACTERS, "test")
    )
    scratch = Scratch(architecture, 2, 32, 2, 64, 50, 0.1)
    return from_scratch(scratch, units, 7, pooled=False, max_length=512).eval(), units


@pytest.mark.parametrize("architecture", ["roberta", "canine"])
def test_logits_do_not_depend_on_the_batch(architecture: str) -> None:
    """Each sentence alone and beside a long one; the lengths around 128 are CANINE's hard cases."""
    network, units = model(architecture)
    draw = random.Random(3)
    neighbor = sentence(units, 300, draw)
    for length in [4, 5, 6, 7, 11, 30, 126, 127, 128, 129, 130, 255, 256, 257]:
        one = sentence(units, length, draw)
        alone, beside = logits(network, units, [one]), logits(network, units, [one, neighbor])
        assert (alone - beside[: len(alone)]).abs().max() < 1e-5, length


def sentence(units: Units, length: int, draw: random.Random) -> Encoded:
    word = "".join(draw.choice("abcdefgh") for _ in range(length - 2))
    encoded = encode(units, [[word]], 1000)
    assert len(encoded.ids) == length
    return encoded


@torch.no_grad()
def logits(network: Classifier, units: Units, sequences: list[Encoded]) -> torch.Tensor:
    batch = collate(sequences, units.frame, network.architecture)
    places = [single(list(range(len(item.ids)))) for item in sequences]
    return network(batch, readings(places, torch.device("cpu")))  # type: ignore[no-any-return]
