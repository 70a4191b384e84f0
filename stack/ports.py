"""Ports of loopback: the usual one where it is free, another one where it is taken.

Seconds lie between choosing a port and listening on it, in which another stack could choose the same. So a
port is claimed: by a UDP socket on the same number. Nothing here speaks UDP, whoever would collide with the
listener sees the claim, whatever its user or checkout, and the kernel frees it with the process.
"""

import errno
import secrets
import socket
from types import TracebackType

from stack.errors import StackError

LOOPBACK = "127.0.0.1"

# Below what kernels give to outgoing connections (from 32768 on Linux, from 49152 elsewhere): any process on
# the machine may open one of those at any moment.
_ANY = range(20_000, 32_768)
_TRIES = 1_000


def is_free(port: int) -> bool:
    """Can something listen on this port of loopback now?"""
    try:
        # Sets SO_REUSEADDR, as servers do: a connection of the last stack in TIME_WAIT does not block the
        # port.
        socket.create_server((LOOPBACK, port)).close()
    except OSError as error:
        return _unless_taken(error)
    return True


class Ports:
    """Claims ports, none twice, until it is closed; `notes` tells which usual ports were taken and what
    replaced them.
    """

    def __init__(self) -> None:
        self.notes: list[str] = []
        self._claims: dict[int, socket.socket] = {}

    def __enter__(self) -> "Ports":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give up all claims; whoever listens goes on listening."""
        while self._claims:
            self._claims.popitem()[1].close()

    def choose(self, what: str, usual: int) -> int:
        """The usual port, or a free one if it is taken, which is noted."""
        if self._claim(usual):
            return usual
        port = self.any()
        self.notes.append(f"port {usual} is taken: {what} listens on {port}")
        return port

    def any(self) -> int:
        """Some free port."""
        for _ in range(_TRIES):
            port = secrets.choice(_ANY)
            if self._claim(port):
                return port
        raise StackError(
            f"no free port from {_ANY.start} to {_ANY.stop - 1} in {_TRIES} tries.", "Stop what holds them."
        )

    def exactly(self, what: str, port: int, fix: str) -> int:
        """This port and no other; `StackError` with the fix if it is taken."""
        if not self._claim(port):
            raise StackError(f"port {port}, which {what} needs, is taken by another process.", fix)
        return port

    def _claim(self, port: int) -> bool:
        claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            claim.bind((LOOPBACK, port))
        except OSError as error:
            claim.close()
            return _unless_taken(error)
        if not is_free(port):  # asked once nobody else can claim it any more
            claim.close()
            return False
        self._claims[port] = claim
        return True


def _unless_taken(error: OSError) -> bool:
    if error.errno in (errno.EADDRINUSE, errno.EACCES):
        return False
    raise error
