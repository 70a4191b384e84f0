"""An atlas as nodes: no task, no training; a language that G2P cannot speak is left out and nothing stops."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from flows import atlas, checks
from flows.graph import build
from flows.load import load
from flows.profile import Profile
from isogloss.artifacts import PARQUET, Artifact
from isogloss.errors import InvalidInput
from isogloss.g2p.v1 import g2p_pb2
from isogloss.metrics.v1 import metrics_pb2


def experiment(**options: Any) -> Profile:
    return load("atlas", languages=["eng", "fin", "urd"], options=options)


def heard(leaked: int) -> dict[str, g2p_pb2.ConvertCorpusResult]:
    quality = g2p_pb2.Quality(characters=100, leaked_characters=leaked)
    corpus = Artifact("s3://b/k/p.parquet", "0" * 64, 1, PARQUET).to_proto()
    return {"devtest": g2p_pb2.ConvertCorpusResult(quality=quality, corpus=corpus)}


def results(profile: Profile, **leaked: int) -> dict[str, Any]:
    """Of every node but the last: corpora of equal length, phonemes, vectors."""
    made: dict[str, Any] = {"check data": []}
    artifact = Artifact("s3://b/k/d.parquet", "1" * 64, 1, PARQUET)
    for code in profile.languages:
        made[f"dataset flores/{code}"] = SimpleNamespace(rows={"devtest": 9}, splits={"devtest": artifact})
        made[f"phonemes flores/{code}"] = heard(leaked.get(code, 0))
        for name in ("character", "phoneme"):
            made[f"embed atlas/{name}/{code}"] = SimpleNamespace(vectors=artifact.to_proto())
    return made


def test_nothing_is_trained_and_every_language_is_embedded_by_every_input() -> None:
    graph = build(experiment())
    assert [node.id for node in graph.values() if node.call == "embedder.Embed"] == [
        f"embed atlas/{name}/{code}" for name in ("character", "phoneme") for code in ("eng", "fin", "urd")
    ]
    assert {node.kind for node in graph.values()} == {"dataset", "phonemes", "check", "embed", "similarity"}


def test_an_untrained_encoder_has_one_vocabulary_for_all_languages() -> None:
    profile = experiment()
    node = build(profile)["embed atlas/phoneme/eng"]
    asked = node.request(results(profile))
    assert (asked.input, asked.untrained_seed, asked.HasField("scratch")) == ("phoneme", 0, True)
    assert len(asked.scratch.vocabulary_corpora) == 3
    assert asked.corpus.uri.endswith("p.parquet"), "phonemes are read from what G2P made"


def test_a_snapshot_is_read_as_it_is() -> None:
    model = {"id": "a/b", "revision": "0" * 40}
    options = {
        "models.subword": model,
        "atlas.inputs": ["subword"],
        "atlas.layer": "last",
        "atlas.content": "all",
    }
    profile = experiment(**options)
    graph = build(profile)
    assert graph["model subword"].call == "fetch"
    assert "model subword" in graph["embed atlas/subword/eng"].needs
    assert "phonemes flores/eng" in graph, "G2P's quality is of the page, whatever is embedded"


def test_who_does_not_pass_the_gate_is_left_out_of_every_input_and_stops_nothing() -> None:
    profile = experiment()
    made = results(profile, urd=36)
    assert checks.check_data(profile, made) == []
    for name in ("character", "phoneme"):
        asked = build(profile)[f"similarity atlas {name}"].request(made)
        assert [item.language for item in asked.languages] == ["eng", "fin"]
    response = metrics_pb2.ComputeLinguisticGapResponse(
        pairs=[metrics_pb2.PairSimilarity(first="eng", second="fin", cka=0.5, cka_debiased=0.4)]
    )
    speech = {code: made[f"phonemes flores/{code}"] for code in profile.languages}
    filed = atlas.filed(profile, atlas.Place("atlas", "phoneme"), response, speech)
    assert filed.left_out == {"urd": "36.0% of its letters did not become phonemes"}
    assert [place.code for place in filed.places] == ["eng", "fin"]
    assert filed.shown(filed.pairs[0]) == 0.4


def test_fewer_than_two_languages_are_no_atlas() -> None:
    profile = experiment()
    with pytest.raises(InvalidInput) as caught:
        build(profile)["similarity atlas phoneme"].request(results(profile, urd=36, fin=50))
    assert "36.0%" in caught.value.problem


def test_all_is_what_the_mirror_has(tmp_path: Path) -> None:
    (tmp_path / "flores").mkdir()
    for name in ("eng_Latn", "fin_Latn", "uzn_Latn", "zzz_Latn"):
        (tmp_path / "flores" / f"{name}.devtest").write_text("a\n")
    assert load("atlas", data=str(tmp_path)).languages == ["eng", "fin", "uzb-Latn"]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"atlas.inputs": ["subword"]}, "inputs"),
        ({"atlas.layer": "last"}, "content"),
        ({"atlas.inputs": []}, "tables.atlas.inputs"),
    ],
)
def test_what_cannot_be_read_is_an_error_before_anything_runs(options: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        experiment(**options)
    assert field in f"{caught.value.field} {caught.value.problem}"
