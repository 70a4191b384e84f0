"""The graph: an experiment's nodes in their order, what each needs, and how failures spread."""

import doctest

import pytest

from flows import graph as graph_module
from flows.graph import build
from flows.load import load
from flows.nodes import Graph, Outcome, obstacle, results_for
from flows.requests import readings_of

DONE = Outcome("done", "result")


def test_the_worked_example_is_true() -> None:
    assert doctest.testmod(graph_module).failed == 0


@pytest.mark.parametrize("profile", ["sample", "small", "paper"])
@pytest.mark.parametrize("options", [{}, {"regime": "zero_shot"}, {"sweep": {"kind": "pruned"}}])
def test_every_profile_becomes_a_graph_in_which_all_awaited_comes_first(
    profile: str, options: dict[str, object]
) -> None:
    graph = build(load(profile, options=options))
    seen: set[str] = set()
    for node in graph.values():
        assert seen >= set(node.awaited)
        seen.add(node.id)
    assert sum(node.kind == "embed" for node in graph.values()) == sum(
        node.call == "embedder.Embed" for node in graph.values()
    )


def test_nothing_is_trained_before_all_data_have_been_checked() -> None:
    graph = build(load("sample"))
    check = graph["check data"]
    assert check.barrier
    assert {node.id for node in graph.values() if node.call in ("read", "g2p.ConvertCorpus")} - set(
        check.wants
    ) == {node.id for node in graph.values() if node.kind == "unknown"}
    assert all("check data" in node.needs for node in graph.values() if node.call == "trainer.Train")


def test_a_failure_takes_what_needs_it_and_names_the_first_cause() -> None:
    graph = build(load("sample", tasks=["pos"]))
    train = "train pos/phoneme/kor seed 0"
    outcomes = dict.fromkeys(graph, DONE) | {train: Outcome("failed", why="the loss is NaN")}
    embed = obstacle(graph["embed pos/phoneme/kor seed 0"], outcomes)
    assert embed == Outcome("not run", why=f"{train} failed: the loss is NaN")
    outcomes["embed pos/phoneme/kor seed 0"] = embed
    compared = obstacle(graph["similarities compared table1 pos/character"], outcomes)
    assert compared == embed, "the first cause, not a chain of them"


def test_a_gap_is_measured_over_the_languages_that_were_trained() -> None:
    graph = build(load("sample", tasks=["pos"]))
    gap = graph["gap table1 pos/phoneme"]
    outcomes = dict.fromkeys(graph, DONE) | {gap.wants[0]: Outcome("failed", why="no memory")}
    assert obstacle(gap, outcomes) is None
    assert set(results_for(gap, outcomes)) == set(gap.wants[1:])
    outcomes |= dict.fromkeys(gap.wants[:-1], Outcome("failed", why="no memory"))
    refused = obstacle(gap, outcomes)
    assert refused is not None
    assert refused.ending == "not run"


def test_one_language_without_data_leaves_the_vocabulary_of_the_others() -> None:
    graph = build(load("sample", tasks=["pos"]))
    outcomes = dict.fromkeys(graph, DONE) | {"dataset pos/kor": Outcome("failed", why="row 3 has no label")}
    assert obstacle(graph["train pos/character/eng seed 0"], outcomes) is None
    assert obstacle(graph["train pos/character/kor seed 0"], outcomes) is not None


def test_items_of_one_premise_are_sampled_together() -> None:
    graph = build(load("sample"))
    assert "dataset xnli/eng" in graph["gap table2 xnli/phoneme"].needs
    assert "dataset xnli/eng" in graph["gaps compared table2 xnli/subword"].needs
    assert graph["gap table1 pos/phoneme"].needs == (), "a sentence is an item"


def test_every_seed_is_trained_and_measured_and_compared_with_its_like() -> None:
    graph = build(load("sample", tasks=["pos"], languages=["eng", "kor"], options={"seeds": 3}))
    assert sum(node.call == "trainer.Train" for node in graph.values()) == 2 * 2 * 3
    compared = [node for node in graph.values() if node.kind == "gaps compared"]
    assert [(first.seed, second.seed) for first, second in (node.about for node in compared)] == [
        (0, 0),
        (1, 1),
        (2, 2),
    ]
    assert "train pos/phoneme/kor seed 2" in graph["gap table1 pos/phoneme seed 2"].wants
    assert "train pos/phoneme/kor seed 1" not in graph["gap table1 pos/phoneme seed 2"].wants


def test_a_table_may_have_seeds_of_its_own_and_one_plane_is_drawn() -> None:
    graph = build(load("sample", options={"seeds": 2, "table2.seeds": 1}))
    assert "gap table1 ner/phoneme seed 1" in graph
    assert "gap table2 xnli/phoneme" in graph
    assert sum(node.kind == "plane" for node in graph.values()) == 2, "one for each input"


def test_each_source_language_trains_models_of_its_own_that_all_are_tested_by() -> None:
    options = {"regime": "zero_shot", "source_language": ["eng", "kor"]}
    graph = build(load("sample", tasks=["pos"], languages=["eng", "kor", "hin"], options=options))
    trained = [node.label for node in graph.values() if node.call == "trainer.Train"]
    assert sorted(trained) == [
        f"pos/{name}/{source} seed 0" for name in ("character", "phoneme") for source in ("eng", "kor")
    ]
    assert graph["gap table1 pos/phoneme from kor"].wants == ("train pos/phoneme/kor seed 0",)
    assert "embed pos/phoneme/hin from kor seed 0" in graph
    (first, second) = graph["gaps compared table1 pos/character from kor"].about
    assert (first.trained_on, second.trained_on) == ("kor", "kor")


def test_each_language_in_turn_is_the_matrix_and_one_alone_keeps_its_names() -> None:
    def graph(**options: object) -> Graph:
        chosen = {"regime": "zero_shot"} | options
        return build(load("sample", tasks=["pos"], languages=["eng", "kor", "hin"], options=chosen))

    matrix = graph(source_language="each")
    assert sum(node.call == "trainer.Train" for node in matrix.values()) == 2 * 3
    assert "gap table1 pos/phoneme" in graph()


def test_hidden_layers_are_read_beside_the_papers() -> None:
    profile = load("sample", tasks=["pos"], options={"gaps.layers": "all"})
    assert "similarity table1 pos/phoneme" in build(profile)
    assert "layer 1" in readings_of(profile, "pos", "phoneme", only_raw=False)
    assert "layer 1" not in readings_of(profile, "pos", "phoneme", only_raw=True)
    assert "layer 1" not in readings_of(load("sample"), "pos", "phoneme", only_raw=False)
