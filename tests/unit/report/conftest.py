"""Records with invented figures, and one report written once for all tests that only read it."""

from pathlib import Path

import pytest

from report import RunRecord, write_report
from tests.unit.report import invented


@pytest.fixture(scope="session")
def full() -> RunRecord:
    return invented.full()


@pytest.fixture(scope="session")
def sample() -> RunRecord:
    return invented.sample()


@pytest.fixture(scope="session")
def others() -> RunRecord:
    return invented.others()


@pytest.fixture(scope="session")
def empty() -> RunRecord:
    return invented.empty()


@pytest.fixture(scope="session")
def folder(sample: RunRecord, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A written report."""
    return write_report(sample, tmp_path_factory.mktemp("reports") / sample.run_id).parent
