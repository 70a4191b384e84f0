"""`isogloss mirror` against a local hub: what it copies, and how it goes on after a failure."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sources import open_source
from sources.origins import NAME as ORIGINS
from sources.revisions import WIKIANN
from sources.snapshot import PickledSnapshot, fetch_snapshot
from tests.contract.sources import paper_hub
from tests.contract.sources.local_hub import LocalHub

LANGUAGES = ("eng", "kor", "swa")
ROWS = 8


@pytest.fixture(scope="module")
def hub() -> Iterator[LocalHub]:
    content = LocalHub()
    paper_hub.fill(content, open_source("sample"), LANGUAGES, rows=ROWS)
    with content.serve() as served:
        yield served


def mirror(hub: LocalHub, home: Path, target: Path, token: str = paper_hub.TOKEN) -> tuple[int, str, str]:
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
    revision = f"--set=models.character.revision={paper_hub.UNPINNED}"
    command = ["mirror", str(target), "--languages", ",".join(LANGUAGES), revision]
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
