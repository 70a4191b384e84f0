"""Rows of the report that stand on what services counted."""

from flows import evidence
from isogloss.g2p.v1 import g2p_pb2

CONVERTED = g2p_pb2.ConvertCorpusResult(
    quality=g2p_pb2.Quality(tokens=4, types=3, characters=10, phonemes=10)
)


def test_unknown_phonemes_are_counted_over_the_tasks() -> None:
    pos = g2p_pb2.Quality(vocabulary_segments=300, vocabulary_unknown=3)
    ner = g2p_pb2.Quality(vocabulary_segments=100, vocabulary_unknown=3)
    assert evidence.phonemes("fra", [CONVERTED], [pos, ner]).extra["<unk> to the model, %"] == 1.5


def test_a_model_without_a_vocabulary_has_no_unknown_phonemes_to_count() -> None:
    assert evidence.phonemes("fra", [CONVERTED], [g2p_pb2.Quality()]).extra["<unk> to the model, %"] == "n/a"
