"""A stack that is told to go: the last test, since the others of this folder share the stack."""

import socket
from pathlib import Path

import pytest

from stack import stack
from stack.checkout import Checkout
from stack.processes import of_stack
from stack.state import is_running


def test_down_leaves_no_process_no_port_and_no_secret_in_the_open(checkout: Checkout) -> None:
    status = stack.up(checkout, trainers=2)
    ports = [int(part.address.rpartition(":")[2]) for part in status.parts if ":" in part.address]
    assert stack.down(checkout)
    assert not is_running(checkout)
    assert of_stack(status.token) == []
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=1)
    assert not checkout.environment.exists()
    assert not [path for port in ports for path in Path("/tmp").glob(f"seaweedfs-*-{port}.sock")]
    assert not stack.down(checkout), "a second down has nothing to stop"
