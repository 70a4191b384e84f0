"""`isogloss pretrain`: text files in, a folder for plain transformers out."""

import json
from pathlib import Path

import pytest
from transformers import AutoModel, AutoTokenizer
from typer.testing import CliRunner

from isogloss.cli import build
from isogloss.errors import InvalidInput
from tests.unit.trainer.pretrain import invented

SMALL = [
    "--steps",
    "4",
    "--windows",
    "2",
    "--length",
    "64",
    "--layers",
    "1",
    "--hidden",
    "16",
    "--heads",
    "2",
]


def text(folder: Path, words: int = 1500) -> Path:
    folder.mkdir()
    lines = invented.lines_of("Latn", words)
    (folder / "fin.txt").write_text("".join(" ".join(line) + "\n" for line in lines))
    return folder


def test_text_becomes_an_encoder_that_plain_transformers_loads(tmp_path: Path) -> None:
    held_out = tmp_path / "test"
    held_out.mkdir()
    data = text(tmp_path / "own")
    longest = max((data / "fin.txt").read_text().splitlines(), key=lambda line: len(line.split()))
    (held_out / "fin.txt").write_text(longest.upper())
    arguments = [
        "--languages",
        "fin",
        "--data",
        str(data),
        "--held-out",
        str(held_out),
        *SMALL,
        str(tmp_path / "out"),
    ]
    result = CliRunner().invoke(build("pretrain"), ["pretrain", *arguments], catch_exceptions=False)
    assert "step 4/4: loss" in result.output

    record = json.loads((tmp_path / "out/pretraining.json").read_text())
    assert record["leaks"] == {"fin": 1}
    assert record["input"] == "phoneme"
    assert "phonemes, normalization standard" in record["renderer"]
    encoded = AutoTokenizer.from_pretrained(tmp_path / "out")("t a ▁ k iː", return_tensors="pt")
    assert encoded["input_ids"].shape == (1, 7)
    assert AutoModel.from_pretrained(tmp_path / "out")(**encoded).last_hidden_state.shape == (1, 7, 16)


def test_what_cannot_be_pretrained_on_is_refused(tmp_path: Path) -> None:
    def refused(match: str, languages: str, data: Path, *more: str) -> None:
        arguments = [
            "pretrain",
            "--languages",
            languages,
            "--data",
            str(data),
            *SMALL,
            *more,
            str(tmp_path / "o"),
        ]
        with pytest.raises(InvalidInput, match=match):
            CliRunner().invoke(build("pretrain"), arguments, catch_exceptions=False)

    refused(r"eng.txt is missing", "eng", text(tmp_path / "own"))
    refused(r"data\[fin\]: \d+ words, and 1000 are the least", "fin", text(tmp_path / "short", 300))
    refused("'subword' has no single units", "fin", tmp_path / "own", "--input", "subword")
