"""A run is followed for as long as it is heard, from Prefect's server or from itself."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from stack import runs
from stack.checkout import Checkout
from stack.prefect_api import PrefectApiError
from stack.runs import Run


class Server:
    """Prefect's server, away for so many questions."""

    def __init__(self, away: int) -> None:
        self._away = away

    def flow_run(self, identifier: str) -> dict[str, Any]:
        self._away -= 1
        if self._away >= 0:
            raise PrefectApiError("no answer")
        return {"state": {"type": "COMPLETED", "name": "Completed"}}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run whose server is away for longer than the patience lasts; it has written its outcome."""
    monkeypatch.setattr(runs, "_SERVER_PATIENCE_S", 0.2)
    monkeypatch.setattr(runs, "_POLL_S", 0.05)
    monkeypatch.setattr(Run, "_check_stack", lambda self, on_note: None)
    checkout = Checkout(tmp_path, tmp_path)
    folder = checkout.run("1")
    folder.mkdir(parents=True)
    (folder / "outcome.json").write_text(json.dumps({"report": "reports/latest/index.html"}))
    (folder / "progress.json").write_text("{}")
    return Run(checkout, Server(away=20), "1", "run")  # type: ignore[arg-type]


def said(checkout_folder: Path, seconds_ago: float) -> None:
    at = time.time() - seconds_ago
    os.utime(next(checkout_folder.rglob("progress.json")), (at, at))


def test_a_run_that_says_how_far_it_is_is_not_given_up(run: Run, tmp_path: Path) -> None:
    said(tmp_path, -60)  # for the whole test
    assert run.follow(lambda progress: None).report == "reports/latest/index.html"


def test_one_that_nobody_hears_is(run: Run, tmp_path: Path) -> None:
    said(tmp_path, 60)
    with pytest.raises(PrefectApiError, match="no answer"):
        run.follow(lambda progress: None)
