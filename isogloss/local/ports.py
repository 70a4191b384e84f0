"""Ports of loopback: the usual one where it is free, another one where it is taken."""

import errno
import socket

from isogloss.local.errors import StackError

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Can something listen on this port of loopback now?"""
    try:
        # Sets SO_REUSEADDR, as servers do: a connection of the last stack in TIME_WAIT does not block the
        # port.
        socket.create_server((LOOPBACK, port)).close()
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            return False
        raise
    return True


class Ports:
    """Hands out ports, none twice; `notes` tells which usual ports were taken and what replaced them."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self._given: set[int] = set()

    def choose(self, what: str, usual: int) -> int:
        """The usual port, or a free one if it is taken, which is noted."""
        if usual not in self._given and is_free(usual):
            self._given.add(usual)
            return usual
        port = self.any()
        self.notes.append(f"port {usual} is taken: {what} listens on {port}")
        return port

    def any(self) -> int:
        """Some free port that the kernel picks."""
        while True:
            with socket.create_server((LOOPBACK, 0)) as probe:
                port = int(probe.getsockname()[1])
            if port not in self._given:
                self._given.add(port)
                return port

    def exactly(self, what: str, port: int, fix: str) -> int:
        """This port and no other; `StackError` with the fix if it is taken."""
        if port in self._given or not is_free(port):
            raise StackError(f"port {port}, which {what} needs, is taken by another process.", fix)
        self._given.add(port)
        return port
