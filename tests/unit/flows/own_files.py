"""Five languages that no profile of ours has, each with files in another format, as people have them."""

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Sentence = list[tuple[str, str]]
WORDS: dict[str, tuple[str, str, str]] = {  # a determiner, a noun, a verb
    "ces": ("ten", "pes", "vidí"),
    "deu": ("der", "Hund", "sieht"),
    "vie": ("những", "con chó", "tìm kiếm"),
    "tam": ("இந்த", "நாய்", "பார்க்கிறான்"),
    "pol": ("ten", "pies", "widzi"),
}
SPLITS = {"train": 70, "dev": 8, "test": 8}
PROFILE: dict[str, Any] = {
    "name": "mine",
    "source": {"kind": "mirror", "location": "files"},
    "data": {
        "pos": {
            "ces": {"path": "cs-{split}.conllu"},
            "deu": {"path": "deutsch/{split}.tsv", "columns": {"tokens": "Wort", "labels": "Wortart"}},
            "vie": {
                "path": "vi.{split}.jsonl",
                "columns": {"tokens": "words", "labels": "upos"},
                "splits": {"train": "training", "dev": "validation", "test": "testing"},
            },
            "tam": {
                "path": "tamil_{split}.csv",
                "columns": {"tokens": "token", "labels": "tag", "sentence": "sent"},
            },
            "pol": {"path": "pl-{split}.parquet"},
        },
        "mytext": {"path": "par.{language}.txt"},
    },
    "parallel": {"corpus": "mytext", "split": "test"},
    "models": {
        name: {
            "architecture": "roberta",
            "layers": 1,
            "hidden_size": 32,
            "attention_heads": 2,
            "feed_forward_size": 64,
        }
        for name in ("character", "phoneme")
    },
    "hyperparameters": {
        "pos": {
            name: {"learning_rate": 0.005, "epochs": 1, "batch_size": 16, "max_length": 128}
            for name in ("character", "phoneme")
        }
    },
    "tables": {
        "main": {
            "kind": "gaps",
            "tasks": ["pos"],
            "languages": list(WORDS),
            "inputs": ["character", "phoneme"],
            "figure_task": "pos",
        }
    },
    "gaps": {"tsne_perplexity": 5, "tsne_points": 10},
}


def sentences(code: str, split: str) -> list[Sentence]:
    """No two alike."""
    determiner, noun, verb = WORDS[code]
    first = sum(count for name, count in SPLITS.items() if name < split)
    rows = range(first, first + SPLITS[split])
    return [
        [(determiner, "DET"), (noun, "NOUN"), (verb, "VERB"), (str(row), "NUM"), (".", "PUNCT")]
        for row in rows
    ]


def write(folder: Path) -> None:
    """All of it below `folder`."""
    (folder / "deutsch").mkdir(parents=True)
    for split in SPLITS:
        conllu = _conllu(sentences("ces", split))
        (folder / f"cs-{split}.conllu").write_bytes(b"\xef\xbb\xbf" + conllu.encode())
        lines = ["Lemma\tWort\tWortart\n"]
        for sentence in sentences("deu", split):
            lines += [*(f"_\t{word}\t{tag}\n" for word, tag in sentence), "\n"]
        (folder / f"deutsch/{split}.tsv").write_text("".join(lines), encoding="utf-8")
        rows = [
            {"words": [word for word, _ in sentence], "upos": [tag for _, tag in sentence], "id": 1}
            for sentence in sentences("vie", split)
        ]
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        called = PROFILE["data"]["pos"]["vie"]["splits"][split]
        (folder / f"vi.{called}.jsonl").write_text(text, encoding="utf-8")
        with (folder / f"tamil_{split}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL)
            writer.writerow(["sent", "token", "tag"])
            for number, sentence in enumerate(sentences("tam", split)):
                writer.writerows([number, word, tag] for word, tag in [*sentence[:-1], ('"', "PUNCT")])
        polish = sentences("pol", split)
        columns = {
            "tokens": [[word for word, _ in item] for item in polish],
            "labels": [[tag for _, tag in item] for item in polish],
        }
        pq.write_table(pa.table(columns), folder / f"pl-{split}.parquet")
    for code, words in WORDS.items():
        (folder / f"par.{code}.txt").write_text("".join(f"{' '.join(words)} {row}.\n" for row in range(20)))


def _conllu(rows: list[Sentence]) -> str:
    """With comments, a range of a multiword token, an empty node, and line ends of Windows."""
    lines = ["# newdoc id = x"]
    for number, sentence in enumerate(rows):
        lines += [f"# sent_id = {number}", f"# text = {' '.join(word for word, _ in sentence)}"]
        for place, (word, tag) in enumerate(sentence, 1):
            if place == 2:
                lines.append("\t".join(["2-3", sentence[1][0] + sentence[2][0], *"________"]))
            lines.append("\t".join([str(place), word, "_", tag, *"______"]))
            if place == 3:
                lines.append("\t".join(["3.1", "být", "být", "AUX", *"______"]))
        lines.append("")
    return "\r\n".join(lines) + "\r\n"
