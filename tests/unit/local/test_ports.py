"""Ports: the usual one, another one if it is taken, and for Prefect a clear error."""

import socket

import pytest

from isogloss.local.errors import StackError
from isogloss.local.ports import LOOPBACK, Ports, is_free


def test_a_taken_port_is_replaced_and_said_so() -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        taken = other.getsockname()[1]
        ports = Ports()
        given = ports.choose("g2p", taken)
    assert given != taken
    assert ports.notes == [f"port {taken} is taken: g2p listens on {given}"]


def test_a_free_port_is_taken_as_it_is_and_given_once() -> None:
    usual = Ports().any()
    ports = Ports()
    assert ports.choose("trainer-0", usual) == usual
    assert ports.notes == []
    assert ports.choose("trainer-1", usual) != usual


def test_a_listener_on_all_interfaces_takes_the_port_too() -> None:
    with socket.create_server(("0.0.0.0", 0)) as other:
        assert not is_free(other.getsockname()[1])


def test_a_port_that_cannot_be_replaced_is_an_error_with_its_fix() -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        taken = other.getsockname()[1]
        with pytest.raises(StackError, match=f"port {taken}") as caught:
            Ports().exactly("the Prefect server", taken, "Set ISOGLOSS_PREFECT_PORT.")
    assert caught.value.fix == "Set ISOGLOSS_PREFECT_PORT."
