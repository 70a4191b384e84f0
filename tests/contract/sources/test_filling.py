"""`isogloss mirror` against a local hub: what it copies, and how it goes on after a failure."""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from datasets import ClassLabel, Features, Value
from datasets import Dataset as Rows

from flows.load import load
from flows.run import source_of
from isogloss.errors import InvalidInput
from sources import open_source
from sources.origins import NAME as ORIGINS
from sources.revisions import WIKIANN
from sources.snapshot import PickledSnapshot, fetch_snapshot
from tests.contract.sources import paper_hub
from tests.contract.sources.local_hub import LocalHub, Repository

LANGUAGES = ("eng", "kor", "swa")
ROWS = 8
UNPINNED_CANINE = f"--set=models.character.revision={paper_hub.UNPINNED}"


@pytest.fixture(scope="module")
def hub() -> Iterator[LocalHub]:
    content = LocalHub()
    paper_hub.fill(content, open_source("sample"), LANGUAGES, rows=ROWS)
    with content.serve() as served:
        yield served


def mirror(
    hub: LocalHub,
    home: Path,
    target: Path,
    token: str = paper_hub.TOKEN,
    options: Sequence[str] = ("--languages", ",".join(LANGUAGES), UNPINNED_CANINE),
) -> tuple[int, str, str]:
    """The command as a user types it: exit code, stdout and stderr."""
    ours = ("HF_", "ISOGLOSS_")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    proxies = {name: "" for name in clean if name.lower().endswith("_proxy")}
    settings = {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(home),
        "HF_TOKEN": token,
        "ISOGLOSS_TREEBANK_URL": f"{hub.url}/raw",
    }
    command = ["mirror", str(target), *options]
    done = subprocess.run(
        [sys.executable, "-m", "isogloss.cli", *command],
        env=clean | proxies | settings,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_mirror_goes_on_where_it_broke_off_and_holds_what_the_hub_does(
    hub: LocalHub, tmp_path: Path
) -> None:
    target = tmp_path / "mirror"
    hub.broken[next(f"raw/{path}" for path in hub.raw if path.endswith("kaist-ud-test.conllu"))] = "cut"
    code, out, err = mirror(hub, tmp_path / "home", target)
    assert code == 1
    assert "pos/eng: 3 splits\n" in out
    assert "the same command goes on from there" in err

    hub.log.clear()
    code, out, err = mirror(hub, tmp_path / "home", target)
    assert code == 0, err
    assert "pos/eng: 3 splits, there\n" in out
    assert "pos/kor: 3 splits, 2 of them there\n" in out
    assert not [path for path in hub.log if "en_ewt" in path], "what is there is not fetched again"

    read = open_source("mirror", str(target))
    assert read.read("pos", "kor", "test").sentences == 2287, "as many as tag r2.13 has"
    assert read.read("ner", "eng", "train").sentences == ROWS
    assert read.read("xnli", "swa", "dev").sentences == ROWS
    assert read.splits("flores", "swa") == ("devtest",)
    sample = open_source("sample").read("flores", "swa", "devtest").rows
    assert read.read("flores", "swa", "devtest").rows[: len(sample)] == sample
    (origin,) = json.loads((target / ORIGINS).read_text())["wikiann/eng/dev.tsv.gz"]
    assert origin["name"].startswith(WIKIANN)
    assert origin["revision"] == paper_hub.UNPINNED

    (tmp_path / "model").mkdir()
    snapshot = fetch_snapshot(paper_hub.CANINE, tmp_path / "model", str(target), paper_hub.UNPINNED)
    assert isinstance(snapshot, PickledSnapshot)
    assert {name: path.read_bytes() for name, path in snapshot.files.items()} == {
        name: hub.models[paper_hub.CANINE].files[name] for name in snapshot.files
    }


def test_gated_data_stop_it_with_what_to_do(hub: LocalHub, tmp_path: Path) -> None:
    code, _, err = mirror(hub, tmp_path / "home", tmp_path / "mirror", token="")
    assert code == 1
    assert "accept its terms" in err


OWN = """
name: own
source: {{kind: hub}}
tasks:
  intent: {{kind: text, labels: [ask, tell]}}
  names: {{kind: tokens, labels: [O, B-DATE, I-DATE], scheme: bio, score: span_f1}}
data:
  intent:
    hub: owner/intents
    revision: {commit}
    config: "{{iso639_3}}"
    columns: {{text: utterance, label: intent}}
    license: CC0
  names: {{path: "files/{{language}}/{{split}}.conll"}}
  flores: {{path: "files/{{language}}.txt"}}
models:
  character: {{architecture: canine, layers: 1, hidden_size: 32, attention_heads: 2, feed_forward_size: 32}}
hyperparameters:
  intent: {{character: &one {{learning_rate: 0.001, epochs: 1}}}}
  names: {{character: *one}}
tables:
  mine: {{kind: gaps, tasks: [intent, names], languages: [eng, uzb-Cyrl], inputs: [character]}}
"""


def own_hub() -> LocalHub:
    """A data set of one's own, of two languages by their two-letter names, as `datasets` writes it."""
    features = Features({"utterance": Value("string"), "intent": ClassLabel(names=["ask", "tell"])})
    files: dict[str, bytes] = {}
    configs = []
    for name in ("eng", "uzb"):
        splits = ("train", "validation", "test")
        for split in splits:
            out = io.BytesIO()
            columns = {"utterance": [f"{name} {split}?", "Так."], "intent": [0, 1]}
            Rows.from_dict(columns, features=features).to_parquet(out)
            files[f"{name}/{split}-0.parquet"] = out.getvalue()
        paths = [{"split": split, "path": f"{name}/{split}-*"} for split in splits]
        configs.append({"config_name": name, "data_files": paths})
    card = f"---\nconfigs: {json.dumps(configs)}\n---\n"
    commit = paper_hub.UNPINNED
    return LocalHub(datasets={"owner/intents": Repository(commit, {"README.md": card.encode(), **files})})


def test_own_tasks_of_the_hub_and_of_files_are_mirrored_and_read_without_either(tmp_path: Path) -> None:
    """The same profile reads its copy: of the hub at just that revision, of just those files."""
    folder, target = tmp_path / "files", tmp_path / "mirror"
    folder.mkdir()
    for code in ("eng", "uzb-Cyrl"):
        (folder / f"{code}.txt").write_text("Бир.\nИкки.\n")
        for split in ("train", "dev", "test"):
            (folder / code).mkdir(exist_ok=True)
            (folder / code / f"{split}.conll").write_text(f"12 B-DATE\nмай I-DATE\n{split} O\n\n")
    profile = tmp_path / "own.yaml"
    profile.write_text(OWN.format(commit=paper_hub.UNPINNED))
    with own_hub().serve() as hub:
        code, out, err = mirror(hub, tmp_path / "home", target, options=["--profile", str(profile)])
    assert code == 0, err
    assert "intent/uzb-Cyrl: 3 splits\n" in out
    assert "names/eng: 3 splits\n" in out

    shutil.rmtree(folder)  # and the hub is down
    chosen = load(str(profile), data=str(target))
    intents = source_of(chosen, "intent").read("intent", "uzb-Cyrl", "dev")
    assert intents.rows == [{"text": "uzb validation?", "label": "ask"}, {"text": "Так.", "label": "tell"}]
    assert intents.license == "CC0"
    (row,) = source_of(chosen, "names").read("names", "eng", "test").rows
    assert row == {"tokens": ["12", "май", "test"], "labels": ["B-DATE", "I-DATE", "O"]}
    assert source_of(chosen, "flores").read("flores", "eng", "devtest").sentences == 2

    profile.write_text(profile.read_text().replace("files/{language}/{split}", "other/{language}/{split}"))
    other = load(str(profile), data=str(target))  # files of the same names in another folder
    with pytest.raises(InvalidInput, match=r"looked for .*other/eng/test\.conll"):
        source_of(other, "names").read("names", "eng", "test")
