"""A cell that fails costs itself and what needs it; a run that is stopped ends at once and goes on later."""

import json
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stack import stack
from stack.prefect_api import AUTH, PrefectApi
from tests.conftest import ROOT
from tests.local_stack import LocalStack

SMALL = ["--tasks", "pos", "--languages", "eng,kor,hin", "--set", 'table1.inputs=["character"]']
EPOCHS = "--set=hyperparameters.pos.character.epochs={}"
INPUTS = ("character", "phoneme")
STOPPED_WITHIN_S = 10.0


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """A mirror that a test can damage: a copy of the sample's data."""
    for name in ("ud", "wikiann", "xnli", "flores"):
        shutil.copytree(ROOT / "sources" / "sample" / name, tmp_path / name)
    return tmp_path


def cells(local_stack: LocalStack) -> dict[str, Any]:
    """The scores of the newest report, by language."""
    return {row[2]: row[3] for row in local_stack.numbers() if len(row[2]) == 3}


def test_a_loss_that_is_no_number_costs_one_cell(local_stack: LocalStack) -> None:
    rates = json.dumps({"default": 0.005, "kor": 1e9})
    run = local_stack.command(
        "replicate", *SMALL, EPOCHS.format(1), f"--set=hyperparameters.pos.character.learning_rate={rates}"
    )
    output, _ = run.communicate(timeout=800)
    assert run.returncode == 4, output
    assert "train pos/character/kor seed 0" in output, "what failed"
    assert set(cells(local_stack)) == {"eng", "hin"}, "the others' numbers"
    page = (local_stack.reports / "latest" / "index.html").read_text()
    assert "train pos/character/kor seed 0" in page
    assert local_stack.progress()["failed"] > 0


def test_one_corrupt_train_file_costs_its_own_language(local_stack: LocalStack, mirror: Path) -> None:
    broken = mirror / "ud/pos/kor/train.tsv"
    broken.write_text("without a tab\n" + broken.read_text())
    run = local_stack.command("replicate", *SMALL, EPOCHS.format(1), "--data", str(mirror))
    output, _ = run.communicate(timeout=800)
    assert run.returncode == 4, output
    assert "ud/pos/kor/train.tsv:1" in output.replace("\n", ""), "file and line"
    assert set(cells(local_stack)) == {"eng", "hin"}


def test_a_parallel_file_that_is_one_line_short_is_refused_before_any_training(
    local_stack: LocalStack, mirror: Path
) -> None:
    short = mirror / "flores/kor_Hang.devtest"
    short.write_text("".join(short.read_text().splitlines(keepends=True)[:-1]))
    before = trained(local_stack)
    run = local_stack.command("replicate", *SMALL, EPOCHS.format(2), "--data", str(mirror))
    output, _ = run.communicate(timeout=800)
    assert run.returncode == 1, output
    assert "devtest is not parallel: kor has 119" in " ".join(output.split())
    assert trained(local_stack) == before


# --- Stopping in mid-run


@pytest.fixture
def under_way(local_stack: LocalStack) -> Iterator[Any]:
    """A run that has begun to train, with more cells waiting than there are trainers."""
    long = [f"--set=hyperparameters.{task}.{name}.epochs=400" for task in ("pos", "ner") for name in INPUTS]
    arguments = ["--tasks", "pos,ner", *long, "--keep-up"]
    process = local_stack.command("replicate", *arguments)
    known = local_stack.runs()
    ends = time.monotonic() + 600
    while time.monotonic() < ends:
        new = local_stack.runs() - known
        if new and "epoch" in json.loads(next(iter(new)).read_text())["message"]:
            break
        time.sleep(0.2)
    else:
        process.kill()
        pytest.fail("no training began")
    yield process
    process.kill()
    process.wait()


@pytest.mark.alone
def test_ctrl_c_ends_all_within_seconds(local_stack: LocalStack, under_way: Any) -> None:
    under_way.send_signal(signal.SIGINT)
    assert_ended(local_stack)


@pytest.mark.alone
def test_a_cancel_in_prefect_ends_all_within_seconds(local_stack: LocalStack, under_way: Any) -> None:
    api = local_stack.setting("PREFECT_API_URL")
    state = {"state": {"type": "CANCELLING", "name": "Cancelling"}, "force": True}
    PrefectApi(api, local_stack.setting(AUTH)).post(f"/flow_runs/{newest(local_stack)}/set_state", state)
    assert_ended(local_stack)
    output, _ = under_way.communicate(timeout=800)
    assert under_way.returncode == 1
    assert "what is done is kept" in " ".join(output.split())


@pytest.mark.alone
def test_sigterm_to_the_engine_ends_all_within_seconds(local_stack: LocalStack, under_way: Any) -> None:
    from stack.processes import of_flow_run

    status = stack.status(local_stack.checkout)
    assert status is not None
    for process in of_flow_run(status.token, newest(local_stack)):
        process.terminate()
    assert_ended(local_stack)


def newest(local_stack: LocalStack) -> str:
    """The id of the newest run."""
    return max(local_stack.runs(), key=lambda path: path.stat().st_mtime).parent.name


def trained(local_stack: LocalStack) -> int:
    """How many trainings the store holds."""
    return sum(item.name.endswith("manifest.json") for item in local_stack.store.objects("train/"))


def assert_ended(local_stack: LocalStack) -> None:
    """The run ends and says how, what trains saves a checkpoint, and nothing is written from then on."""
    ends_at, before = time.monotonic() + STOPPED_WITHIN_S, trained(local_stack)
    ending = local_stack.checkout.run(newest(local_stack)) / "outcome.json"
    while not ending.exists() and time.monotonic() < ends_at:
        time.sleep(0.1)
    assert ending.exists(), "the run has ended, and said how"
    stored: set[str] = set()
    while stored != (stored := names(local_stack)):
        assert time.monotonic() < ends_at, "something is still written"
        time.sleep(3)
    assert trained(local_stack) <= before + 2, "no cell began"


def names(local_stack: LocalStack) -> set[str]:
    """Of all objects in the store."""
    return {item.name for item in local_stack.store.objects("")}
