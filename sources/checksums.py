"""`SHA256SUMS` beside the data, as `sha256sum` writes it: every file that is read is checked against it."""

import re
from collections.abc import Mapping
from functools import cached_property

from isogloss.errors import DataLoss
from sources.dataset import SourceFile, sha256
from sources.decode import decode_lines
from sources.errors import MalformedFile
from sources.places import Place

NAME = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64}) [ *](?:\./)?(.+)")


class Checksums:
    """The promised checksums of a place; a place without the list, or a file not on it, is not checked."""

    def __init__(self, place: Place) -> None:
        self._place = place

    @property
    def revision(self) -> str:
        """What stands for the revision of a mirror: the sha256 of its list; empty without one."""
        return self._list[0]

    @property
    def promised(self) -> Mapping[str, str]:
        """The sha256 of each file on the list, by path."""
        return self._list[1]

    def verify(self, file: SourceFile) -> None:
        """`DataLoss` when the list promises other bytes."""
        promised = self.promised.get(file.name)
        if promised is not None and promised != file.sha256:
            raise DataLoss(
                f"{self._place.label(file.name)}: sha256 is {file.sha256}, {NAME} says {promised}."
                " Copy the file again, or mend the list if the change was meant."
            )

    @cached_property
    def _list(self) -> tuple[str, dict[str, str]]:
        if not self._place.exists(NAME):
            return "", {}
        data = self._place.read(NAME)
        promised = {}
        for number, line in enumerate(decode_lines(data, self._place.label(NAME)), 1):
            match = _LINE.fullmatch(line)
            if match is None:
                raise MalformedFile(
                    self._place.label(NAME), number, "no checksum line", "Write it with sha256sum."
                )
            promised[match[2]] = match[1]
        return f"sha256sums:{sha256(data)}", promised
