"""The hub read against a local one: pins, label names, gated data, data that differ from the pin."""

import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import ClassLabel, Dataset, Features, List, Value
from safetensors.numpy import save

from sources.revisions import DATASETS as PINS
from sources.revisions import FLORES, MODELS, WIKIANN, XNLI
from tests.contract.sources.local_hub import LocalHub, Repository

COMMIT = "c" * 40
TOKEN = "hf_test"
BIO = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]
NLI = ["entailment", "neutral", "contradiction"]
TREEBANK = "# text = Run!\n1\tRun\trun\tVERB\t_\t_\t0\troot\t_\t_\n2\t!\t!\tPUNCT\t_\t_\t1\tpunct\t_\t_\n\n"


def parquet(columns: dict[str, list[Any]], features: Features) -> bytes:
    """A file as `datasets` writes it: the features stand in its metadata."""
    out = io.BytesIO()
    Dataset.from_dict(columns, features=features).to_parquet(out)
    return out.getvalue()


def wikiann() -> Repository:
    """Two sentences; the names of the labels stand on the card, not in the files."""
    plain = Features({"tokens": List(Value("string")), "ner_tags": List(Value("int64"))})
    tokens = [["Ada", "Lovelace", "wrote"], ["Paris"]]
    data = parquet({"tokens": tokens, "ner_tags": [[1, 2, 0], [5]]}, plain)
    names = {str(number): name for number, name in enumerate(BIO)}
    features = [
        {"name": "tokens", "sequence": "string"},
        {"name": "ner_tags", "sequence": {"class_label": {"names": names}}},
    ]
    splits = ("train", "validation", "test")
    info = {"config_name": "en", "features": features}
    config = {"config_name": "en", "data_files": [{"split": name, "path": f"en/{name}-*"} for name in splits]}
    card = f"---\ndataset_info: {json.dumps([info])}\nconfigs: {json.dumps([config])}\n---\n"
    files = {f"en/{name}-00000-of-00001.parquet": data for name in splits}
    return Repository(COMMIT, {"README.md": card.encode(), **files})


def xnli() -> Repository:
    """Two pairs; the names of the labels stand in the file, as `datasets` writes it."""
    features = Features(
        {"premise": Value("string"), "hypothesis": Value("string"), "label": ClassLabel(names=NLI)}
    )
    columns: dict[str, list[Any]] = {
        "premise": ["Alikuja.", "Alikuja."],
        "hypothesis": ["Yupo.", "Hayupo."],
        "label": [0, 2],
    }
    paths = [{"split": "test", "path": "sw/test-*"}]
    card = f"---\nconfigs: {json.dumps([{'config_name': 'sw', 'data_files': paths}])}\n---\n"
    return Repository(
        str(PINS[XNLI]),
        {"README.md": card.encode(), "sw/test-00000-of-00001.parquet": parquet(columns, features)},
    )


def flores(sentences: int = 1012) -> Repository:
    """Records in no order; `id` gives it."""
    records = [{"id": number, "text": f"Sentensi {number}."} for number in reversed(range(1, sentences + 1))]
    lines = "\n".join(json.dumps(record) for record in records)
    return Repository(str(PINS[FLORES]), {"devtest/swh_Latn.jsonl": lines.encode()}, gated_token=TOKEN)


@pytest.fixture
def hub() -> Iterator[LocalHub]:
    """A hub with the paper's datasets in miniature and one treebank."""
    content = LocalHub(
        datasets={WIKIANN: wikiann(), XNLI: xnli(), FLORES: flores()},
        raw={f"UD_English-EWT/{COMMIT}/en_ewt-ud-dev.conllu": TREEBANK.encode()},
    )
    with content.serve() as served:
        yield served


def run(
    hub: LocalHub, home: Path, job: dict[str, Any], token: str = TOKEN, **environment: str
) -> dict[str, Any]:
    """What `hub_reader` prints for a job."""
    # HF_HUB_OFFLINE, which the encoders set where they are imported, must not reach the reader either.
    kept = os.environ.items()
    clean = {name: value for name, value in kept if not name.lower().endswith("_proxy") and name[:3] != "HF_"}
    settings = {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(home),
        "HF_TOKEN": token,
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.contract.sources.hub_reader", json.dumps(job)],
        env=clean | settings | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_reads_every_resource_and_says_where_each_file_came_from(hub: LocalHub, tmp_path: Path) -> None:
    result = run(
        hub,
        tmp_path,
        {
            "read": [
                ["pos", "eng", "dev"],
                ["ner", "eng", "dev"],
                ["xnli", "swa", "test"],
                ["flores", "swa", "devtest"],
            ],
            "treebanks": {"en_ewt": ["UD_English-EWT", COMMIT, [0, 1, 0]]},
            "treebank_url": f"{hub.url}/raw",
        },
    )

    pos, ner, pairs, text = result["rows"]
    assert pos == [{"tokens": ["Run", "!"], "labels": ["VERB", "PUNCT"]}]
    assert ner == [
        {"tokens": ["Ada", "Lovelace", "wrote"], "labels": ["B-PER", "I-PER", "O"]},
        {"tokens": ["Paris"], "labels": ["B-LOC"]},
    ]
    assert [pair["label"] for pair in pairs] == ["entailment", "contradiction"]
    assert [row["text"] for row in text[:2]] == ["Sentensi 1.", "Sentensi 2."]
    assert result["notes"] == [f"{WIKIANN} has no pinned revision; read at {COMMIT}."]
    files = {file["name"]: file for file in result["provenance"]["files"]}
    name = "en/validation-00000-of-00001.parquet"
    assert files[f"{WIKIANN}/{name}"] == {
        "name": f"{WIKIANN}/{name}",
        "revision": COMMIT,
        "sha256": hashlib.sha256(hub.datasets[WIKIANN].files[name]).hexdigest(),
        "size": len(hub.datasets[WIKIANN].files[name]),
    }
    assert files["UD_English-EWT/en_ewt-ud-dev.conllu"]["revision"] == COMMIT
    assert files[f"{FLORES}/devtest/swh_Latn.jsonl"]["revision"] == PINS[FLORES]


@pytest.mark.parametrize("token", ["", "hf_other"], ids=["401, no token", "403, another's"])
def test_gated_data_say_what_to_do(hub: LocalHub, tmp_path: Path, token: str) -> None:
    result = run(hub, tmp_path, {"read": [["flores", "swa", "devtest"]]}, token=token)

    assert result["error"] == "Denied"
    assert FLORES in result["message"]
    assert "accept its terms" in result["message"]
    assert "HF_TOKEN" in result["message"]
    assert "hf_other" not in result["message"]


@pytest.mark.parametrize(
    ("cell", "offline"),
    [(["flores", "swa", "devtest"], "1"), (["ner", "eng", "dev"], "1"), (["pos", "eng", "dev"], "0")],
)
def test_a_server_that_is_away_is_unavailable(
    hub: LocalHub, tmp_path: Path, cell: list[str], offline: str
) -> None:
    job = {
        "read": [cell],
        "treebanks": {"en_ewt": ["UD_English-EWT", COMMIT, [0, 1, 0]]},
        "treebank_url": "http://127.0.0.1:9",
    }

    assert run(hub, tmp_path, job, HF_HUB_OFFLINE=offline)["error"] == "Unavailable"


def test_a_wrong_revision_is_not_found(hub: LocalHub, tmp_path: Path) -> None:
    job = {"read": [["ner", "eng", "dev"]], "revisions": {WIKIANN: "d" * 40}}

    assert run(hub, tmp_path, job)["error"] == "NotFound"


FLORES_FILE = "devtest/swh_Latn.jsonl"
FLORES_PATH = f"datasets/{FLORES}/resolve/{PINS[FLORES]}/{FLORES_FILE}"
TREEBANK_FILE = f"raw/UD_English-EWT/{COMMIT}/en_ewt-ud-dev.conllu"


@pytest.mark.parametrize("missing", ["file", "repository", "treebank"])
def test_what_is_not_there_is_not_found(hub: LocalHub, tmp_path: Path, missing: str) -> None:
    cell = ["flores", "swa", "devtest"]
    if missing == "file":
        del hub.datasets[FLORES].files[FLORES_FILE]
    elif missing == "repository":
        del hub.datasets[FLORES]
    else:
        hub.raw.clear()
        cell = ["pos", "eng", "dev"]

    result = run(hub, tmp_path, job_of(hub, cell))

    assert result["error"] == "NotFound"
    assert (FLORES if missing != "treebank" else "en_ewt-ud-dev.conllu") in result["message"]


def job_of(hub: LocalHub, cell: list[str]) -> dict[str, Any]:
    treebanks = {"en_ewt": ["UD_English-EWT", COMMIT, [0, 1, 0]]}
    return {"read": [cell], "treebanks": treebanks, "treebank_url": f"{hub.url}/raw"}


@pytest.mark.parametrize(
    ("cell", "path", "flaw", "goes_on"),
    [
        (
            ["flores", "swa", "devtest"],
            f"datasets/{FLORES}/resolve/{PINS[FLORES]}/{FLORES_FILE}",
            "cut",
            True,
        ),
        (
            ["flores", "swa", "devtest"],
            f"datasets/{FLORES}/resolve/{PINS[FLORES]}/{FLORES_FILE}",
            "short",
            False,
        ),
        (["pos", "eng", "dev"], TREEBANK_FILE, "cut", False),
    ],
)
def test_a_download_that_breaks_off(
    hub: LocalHub, tmp_path: Path, cell: list[str], path: str, flaw: str, goes_on: bool
) -> None:
    """It goes on where it broke off, or can be tried again; nothing half-read is ever kept."""
    hub.broken[path] = flaw

    first = run(hub, tmp_path, job_of(hub, cell))
    again = run(hub, tmp_path, job_of(hub, cell))

    assert hub.broken == {}
    assert len(again["rows"][0]) == (1012 if cell[0] == "flores" else 1)
    assert first == again if goes_on else first["error"] == "Unavailable"


def test_pinned_weights_with_another_checksum_are_refused(hub: LocalHub, tmp_path: Path) -> None:
    """CANINE's weights are a pickle on the hub, so its pin names their checksum beside the commit."""
    model = "google/canine-s"
    hub.models[model] = Repository(
        MODELS[model].revision, {"config.json": b"{}", "pytorch_model.bin": b"other"}
    )

    result = run(hub, tmp_path, {"snapshot": model, "revision": None, "folder": str(tmp_path)})

    assert result["error"] == "DataLoss"
    assert str(MODELS[model].weights_sha256) in result["message"]


@pytest.mark.parametrize(
    ("cell", "complaint", "error"),
    [
        (["pos", "eng", "dev"], "1 sentences, expected 7", "SourceError"),
        (["flores", "swa", "devtest"], "1011 sentences, expected 1012", "SourceError"),
        (["ner", "eng", "dev"], "no column ner_tags", "MalformedFile"),  # which costs its own cells alone
    ],
)
def test_data_that_differ_from_the_pin_stop_the_run(
    hub: LocalHub, tmp_path: Path, cell: list[str], complaint: str, error: str
) -> None:
    hub.datasets[FLORES] = flores(sentences=1011)
    plain = io.BytesIO()
    pq.write_table(pa.table({"tokens": [["Ada"]], "tags": [["B-PER"]]}), plain)
    hub.datasets[WIKIANN].files["en/validation-00000-of-00001.parquet"] = plain.getvalue()
    job = {
        "read": [cell],
        "treebanks": {"en_ewt": ["UD_English-EWT", COMMIT, [0, 7, 0]]},
        "treebank_url": f"{hub.url}/raw",
    }

    result = run(hub, tmp_path, job)

    assert result["error"] == error
    assert complaint in result["message"]


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_a_snapshot_comes_without_what_is_not_needed(hub: LocalHub, tmp_path: Path, name: str) -> None:
    weights = save({"weight": np.zeros((2, 3), np.float32)})  # a stand-in: pickles are not opened here anyway
    needed = {"config.json": b"{}", "tokenizer.json": b"{}", name: weights}
    unwanted = {"README.md": b"", "modeling_tiny.py": b"import os", "onnx/model.onnx": b"x"}
    hub.models["someone/tiny"] = Repository(COMMIT, needed | unwanted)
    job = {"snapshot": "someone/tiny", "revision": COMMIT, "folder": str(tmp_path)}

    result = run(hub, tmp_path, job)

    assert {file: bytes.fromhex(data) for file, data in result["files"].items()} == needed
    assert result["pickled"] == (name == "pytorch_model.bin")
    assert not any(path.endswith((".py", ".onnx")) for path in hub.log)


def test_what_has_been_read_once_needs_no_hub(hub: LocalHub, tmp_path: Path) -> None:
    job = {"read": [["flores", "swa", "devtest"]]}
    run(hub, tmp_path, job)
    asked = len(hub.log)

    again = run(hub, tmp_path, job, HF_HUB_OFFLINE="1")

    assert len(again["rows"][0]) == 1012
    assert len(hub.log) == asked
