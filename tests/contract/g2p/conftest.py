"""One running service for the tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.contract.g2p.running_service import running_service


@pytest.fixture(scope="session")
def g2p_address() -> Iterator[str]:
    """host:port of a G2P service without S3."""
    with running_service() as address:
        yield address
