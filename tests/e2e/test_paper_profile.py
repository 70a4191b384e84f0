"""The profile `paper` to its end against a local hub: two languages of Table 1, and, slow, every cell of
Tables 1 to 3.

Nothing of the profile is changed but the numbers of sentences and CANINE's revision: the checksum that stands
beside its pin is of the real weights, and these are small and random. Address and token of the hub come from
the environment, as anywhere.
"""

import json
from pathlib import Path

import pytest

from flows.cells import cells_of, rows_of
from flows.load import load
from sources import open_source
from tests.contract.sources import paper_hub
from tests.local_stack import LocalStack


def options(rows: int, sentences: int) -> list[str]:
    """The command line of a run on that many rows of each split, and sentences of FLORES."""
    treebanks = {"train": rows, "dev": rows, "test": rows}
    limit = {"pos": treebanks, "flores": {"devtest": sentences}}
    changed = {"source.limit": limit, "models.character.revision": paper_hub.UNPINNED}
    return ["--profile", "paper", *(f"--set={name}={json.dumps(value)}" for name, value in changed.items())]


def test_the_paper_in_miniature(local_stack: LocalStack) -> None:
    """Though connections break while a treebank and a model are read."""
    source, languages = open_source("sample"), ("eng", "kor")
    paper_hub.fill(local_stack.hub, source, languages, rows=32)
    treebank = next(path for path in local_stack.hub.raw if path.endswith("kaist-ud-dev.conllu"))
    model, commit = paper_hub.CANINE, paper_hub.UNPINNED
    broken = {f"raw/{treebank}": "cut", f"{model}/resolve/{commit}/pytorch_model.bin": "short"}
    local_stack.hub.broken.update(broken)
    chosen = ["--languages", ",".join(languages), "--tables", "table1"]
    local_stack.finish(local_stack.command("replicate", *options(rows=32, sentences=64), *chosen))
    narrowed = load("paper", languages=list(languages), tables=["table1"])
    assert local_stack.hub.broken == {}, "both were read, and broke"
    assert local_stack.progress()["computed"] == len(cells_of(rows_of(narrowed)))
    assert {number[0] for number in local_stack.numbers()} >= {"table1"}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_cell_of_tables_1_to_3(local_stack: LocalStack, shared_data: Path) -> None:
    chosen = load("paper")
    languages = chosen.languages
    source = open_source("mirror", str(shared_data))
    paper_hub.fill(local_stack.hub, source, dict.fromkeys(languages), rows=128)
    run = local_stack.command("replicate", *options(rows=128, sentences=256))
    output = local_stack.finish(run, limit_s=1700)
    assert local_stack.progress()["computed"] == len(cells_of(rows_of(chosen))) == 94, output
    missing = [
        (item["table"], item["row"], item["column"])
        for item in local_stack.summary()
        if item["value"] is None
    ]
    assert missing == []
