"""Ports: the usual one, another one if it is taken, for Prefect a clear error; and never one for two."""

import json
import socket
import subprocess
import sys
from collections import Counter

import pytest

from stack.errors import StackError
from stack.ports import LOOPBACK, Ports, is_free
from tests.conftest import ROOT, free_ports

# Chooses what a stack chooses, says so, and holds it until its stdin ends.
STACK = """
import json, sys
from stack.ports import Ports
usual = [int(port) for port in sys.argv[1:]]
sys.stdin.readline()
with Ports() as ports:
    chosen = [ports.choose("part", port) for port in usual] + [ports.any() for _ in range(9)]
    print(json.dumps(chosen), flush=True)
    sys.stdin.readline()
"""


def test_a_taken_port_is_replaced_and_said_so() -> None:
    with socket.create_server((LOOPBACK, 0)) as other, Ports() as ports:
        taken = other.getsockname()[1]
        given = ports.choose("g2p", taken)
        assert given != taken
        assert ports.notes == [f"port {taken} is taken: g2p listens on {given}"]


def test_a_free_port_is_taken_as_it_is_and_given_once() -> None:
    (usual,) = free_ports(1)
    with Ports() as ports:
        assert ports.choose("trainer-0", usual) == usual
        assert ports.notes == []
        assert ports.choose("trainer-1", usual) != usual


def test_a_listener_on_all_interfaces_takes_the_port_too() -> None:
    with socket.create_server(("0.0.0.0", 0)) as other:
        assert not is_free(other.getsockname()[1])


def test_a_port_that_cannot_be_replaced_is_an_error_with_its_fix() -> None:
    with socket.create_server((LOOPBACK, 0)) as other, Ports() as ports:
        taken = other.getsockname()[1]
        with pytest.raises(StackError, match=f"port {taken}") as caught:
            ports.exactly("the Prefect server", taken, "Set ISOGLOSS_PREFECT_PORT.")
    assert caught.value.fix == "Set ISOGLOSS_PREFECT_PORT."


def test_what_another_has_chosen_is_taken_before_it_listens_and_free_when_it_is_gone() -> None:
    (port,) = free_ports(1)
    with Ports() as first, Ports() as second:
        assert first.choose("g2p", port) == port
        assert is_free(port), "nobody listens yet"
        assert second.choose("g2p", port) != port
        first.close()
        assert second.exactly("g2p", port, "") == port


def test_a_claim_does_not_keep_its_owner_from_listening() -> None:
    with Ports() as ports, socket.create_server((LOOPBACK, ports.any())) as server:
        assert server.fileno() > 0


def test_stacks_that_choose_in_the_same_moment_choose_different_ports() -> None:
    usual = [str(port) for port in free_ports(5)]
    command = [sys.executable, "-c", STACK, *usual]
    stacks = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    try:
        for stack in stacks:  # all have started and wait for this line
            assert stack.stdin is not None
            stack.stdin.write("go\n")
            stack.stdin.flush()
        lines = [stack.stdout.readline() for stack in stacks if stack.stdout is not None]
    finally:
        for stack in stacks:
            stack.kill()
            stack.wait()
    given = Counter(port for line in lines for port in json.loads(line))
    assert given.total() == 6 * (5 + 9)
    assert max(given.values()) == 1
    assert set(map(int, usual)) <= set(given), "the usual ports went to somebody"
