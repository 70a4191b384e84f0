"""An experiment of one's own, by one YAML file and its data: languages, tasks, labels and parallel text that
the project does not know.
"""

import json
import random
from pathlib import Path

import pytest
import yaml

from tests.local_stack import LocalStack

LANGUAGES = ["spa", "swa", "uzb-Latn"]
GOOD, BAD, FILLER = ("bueno", "mzuri", "yaxshi"), ("malo", "mbaya", "yomon"), ("a", "ka", "lo", "mi", "ta")
TINY = {
    "architecture": "roberta",
    "layers": 1,
    "hidden_size": 32,
    "attention_heads": 2,
    "feed_forward_size": 64,
    "vocabulary_size": 500,
}
VALUES = {"learning_rate": 0.01, "epochs": 3, "batch_size": 16, "max_length": 64}


def experiment() -> dict[str, object]:
    """Moods of texts, and things in sentences, in three languages."""
    return {
        "name": "mine",
        "languages": LANGUAGES,
        "source": {"kind": "mirror"},
        "tasks": {
            "mood": {"title": "Mood", "kind": "text", "labels": ["good", "bad"]},
            "things": {
                "title": "Things",
                "kind": "tokens",
                "labels": ["O", "B-THING", "I-THING", "E-THING", "S-THING"],
                "scheme": "iobes",
                "score": "span_f1",
            },
        },
        "data": {
            "mood": {"path": "mood/{language}.{split}.csv", "columns": {"text": "review", "label": "mood"}},
            "things": {"path": "things/{language}.{split}.tsv"},
            "mine": {"path": "parallel/{language}.txt"},
        },
        "parallel": {"corpus": "mine"},
        "models": {"character": TINY, "phoneme": TINY},
        "hyperparameters": {
            task: dict.fromkeys(("character", "phoneme"), VALUES) for task in ("mood", "things")
        },
        "tables": {
            "moods": {
                "kind": "gaps",
                "tasks": ["mood"],
                "inputs": ["character", "phoneme"],
                "reference": "spa",
            },
            "things": {"kind": "gaps", "tasks": ["things"], "inputs": ["character"]},
        },
        "gaps": {"replicates": 200, "permutations": 99},
    }


def write_data(folder: Path) -> None:
    """Sixty rows of train and thirty of dev in every language: the mood is a word, a thing is in capitals."""
    for place, code in enumerate(LANGUAGES):
        draw = random.Random(place)
        for split, rows in (("train", 60), ("dev", 30)):
            texts, sentences = ["review,mood"], []
            for row in range(rows):
                words = draw.choices(FILLER, k=4)
                mood = "good" if row % 2 else "bad"
                words.insert(2, (GOOD if row % 2 else BAD)[place])
                texts.append(f"{' '.join(words)} {row},{mood}")
                tagged = [f"{word}\tO" for word in words]
                tagged += ["Red\tB-THING", f"Box{row}\tE-THING"] if row % 2 else [f"Cup{row}\tS-THING"]
                sentences.append("\n".join(tagged) + "\n")
            write(folder / f"mood/{code}.{split}.csv", "\n".join(texts) + "\n")
            write(folder / f"things/{code}.{split}.tsv", "\n".join(sentences) + "\n")
        lines = [" ".join(draw.choices(FILLER, k=3 + line % 5)) for line in range(40)]
        write(folder / f"parallel/{code}.txt", "\n".join(lines) + "\n")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture(scope="module")
def printed(local_stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What `isogloss replicate` prints of it."""
    folder = tmp_path_factory.mktemp("mine")
    write_data(folder)
    file = folder / "mine.yaml"
    file.write_text(yaml.safe_dump(experiment()))
    checked = local_stack.finish(local_stack.command("profile", "check", str(file), "--data", str(folder)))
    assert "nothing is wrong" in checked
    return local_stack.finish(local_stack.command("replicate", "--profile", str(file), "--data", str(folder)))


def test_the_tables_are_those_of_the_experiment(printed: str) -> None:
    assert "Mood" in printed
    assert "Things" in printed
    assert "paper" not in printed, "no figure of the paper beside an experiment that does not name it"


def test_every_score_is_there_by_the_task_and_language_that_the_file_names(
    printed: str, local_stack: LocalStack
) -> None:
    record = json.loads((local_stack.reports / "latest" / "run.json").read_text())
    scores = [item for item in record["numbers"] if item["measure"] == "score"]
    assert {(item["task"], item["input"], *item["languages"]) for item in scores} == {
        (task, name, code)
        for task, inputs in (("mood", ["character", "phoneme"]), ("things", ["character"]))
        for name in inputs
        for code in LANGUAGES
    }
    assert all(item["value"] is not None and item["manifest"].startswith("s3://") for item in scores)
