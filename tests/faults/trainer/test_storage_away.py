"""S3 is away for some seconds in the middle of a run: the run waits or goes on later, and ends the same."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from isogloss.store import Store
from tests.conftest import S3Server
from tests.contract.encoders.served import Served
from tests.faults.trainer.test_kill_trainer import CHECKPOINT_EVERY_S, Once, forget, long_run, run


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[S3Server]:
    """A server of this test's own, since it is killed."""
    server = S3Server(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.mark.parametrize(
    ("seconds", "patience_s"),
    [
        pytest.param(4, 1, id="longer than the store waits"),
        pytest.param(4, 60, id="shorter than the store waits", marks=pytest.mark.slow),
        pytest.param(60, 20, id="a minute", marks=[pytest.mark.slow, pytest.mark.timeout(300)]),
    ],
)
def test_a_run_outlives_its_storage(
    storage: S3Server, tmp_path: Path, seconds: float, patience_s: float
) -> None:
    store = Store.from_settings(storage.settings)
    request = long_run(store, tmp_path)
    settings = {
        "ISOGLOSS_CHECKPOINT_EVERY_S": CHECKPOINT_EVERY_S,
        "ISOGLOSS_S3_PATIENCE_S": str(patience_s),
    }
    with Served("services.trainer", storage, **settings).start() as trainer:
        whole = forget(store, run(trainer, request, lambda step: None))
        back = threading.Timer(seconds, storage.start)

        def take_away() -> None:
            storage.kill()
            back.start()

        away = Once(60, take_away)
        assert forget(store, run(trainer, request, away)) == whole
        assert away.done
        back.join()
