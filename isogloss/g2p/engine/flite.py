"""English as Epitran has it: CMU flite's lexicon and letter-to-sound rules, without a process per word.

Epitran's `FliteLexLookup` starts the program `lex_lookup` for every word, and Debian's flite does not ship
it. Here the same C function is called in `libflite` (Debian and Ubuntu: libflite1; macOS: flite of Homebrew),
or, where there is only the program, the program. The tables are the same, and so is the output.
"""

import ctypes
import hashlib
import shutil
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from isogloss.errors import Failed

INSTALL = (
    "English needs CMU flite. Debian/Ubuntu: apt-get install libflite1. macOS: brew install flite."
    " Or put its lex_lookup on the PATH, or ask for the backend cmudict by name."
)

_PLACES = ("lib{}.so.1", "/opt/homebrew/lib/lib{}.dylib", "/usr/local/lib/lib{}.dylib")
# flite walks its result recursively in C: a run of letters that no language has is cut before the stack is at
# risk.
_LONGEST_RUN = 1000


class BackendMissingError(Failed):
    """What a language needs is not installed; the message says how to install it."""


@dataclass(frozen=True)
class Found:
    """What stands for flite here; `version` is of the files with its lexicon and rules: flite tells none."""

    name: str
    version: str
    phones: Callable[[str], list[str]]


@cache
def find(name: str) -> Found:
    """The function from a word in lower case to phones such as `ax`, `ow1`.

    `name` "" takes the library, else the program: their tables are the same, and so is their answer.
    `BackendMissingError` when there is neither.
    """
    library = _load_library() if name in ("", "flite") else None
    if library is not None:
        return Found(
            "flite",
            _version(*map(_file_of, (library.lex_lookup, library.cmu_lex_init))),
            _Lexicon(library).phones,
        )
    program = shutil.which("lex_lookup") if name in ("", "lex_lookup") else None
    if program is not None:
        return Found("lex_lookup", _version(program), _Program(program).phones)
    raise BackendMissingError(INSTALL)


def _version(*files: str) -> str:
    digest = hashlib.sha256(b"".join(Path(file).read_bytes() for file in files))
    return f"flite {digest.hexdigest()[:12]}"


class _Origin(ctypes.Structure):
    """`Dl_info` of dladdr(3)."""

    _fields_ = (
        ("file", ctypes.c_char_p),
        ("base", ctypes.c_void_p),
        ("symbol", ctypes.c_char_p),
        ("address", ctypes.c_void_p),
    )


def _file_of(function: Any) -> str:
    """The file of the library in which the loader found a function."""
    origin = _Origin()
    address = ctypes.cast(function, ctypes.c_void_p)
    if not ctypes.CDLL(None).dladdr(address, ctypes.byref(origin)):
        raise BackendMissingError(INSTALL)
    return str(origin.file.decode())


def _load_library() -> ctypes.PyDLL | None:
    """The library with the lexicon, after those that it needs; None where flite is not installed.

    `PyDLL` keeps the interpreter's lock during a call: flite is not thread-safe, and a look-up takes
    microseconds.
    """
    library = None
    for name in ("flite", "flite_usenglish", "flite_cmulex"):
        library = None
        for place in _PLACES:
            try:
                library = ctypes.PyDLL(place.format(name), ctypes.RTLD_GLOBAL)
                break
            except OSError:
                continue
        if library is None:
            return None
    return library


class _Lexicon:
    """flite's CMU lexicon in this process."""

    def __init__(self, library: ctypes.PyDLL) -> None:
        pointer, text = ctypes.c_void_p, ctypes.c_char_p
        self._lookup = _function(library, "lex_lookup", pointer, pointer, text, text, pointer)
        self._first = _function(library, "val_car", pointer, pointer)
        self._rest = _function(library, "val_cdr", pointer, pointer)
        self._string = _function(library, "val_string", text, pointer)
        self._delete = _function(library, "delete_val", None, pointer)
        self._lexicon = _function(library, "cmu_lex_init", pointer)()

    def phones(self, word: str) -> list[str]:
        """`lex_lookup(word)`: a linked list of strings, copied and freed."""
        first, rest, string = self._first, self._rest, self._string
        phones = []
        for start in range(0, len(word), _LONGEST_RUN):
            head = cell = self._lookup(
                self._lexicon, word[start : start + _LONGEST_RUN].encode("ascii"), None, None
            )
            while cell:
                phones.append(string(first(cell)).decode("ascii"))
                cell = rest(cell)
            self._delete(head)
        return phones


def _function(library: ctypes.PyDLL, name: str, result: type | None, *arguments: type) -> Any:
    function: Any = getattr(library, name)
    function.restype, function.argtypes = result, list(arguments)
    return function


class _Program:
    """The program `lex_lookup`, one process a word, as Epitran does it."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()  # one process at a time: a batch must not become a fork bomb

    def phones(self, word: str) -> list[str]:
        """The first line of its output, `(hh ax l ow1)`, without the brackets."""
        if not word:
            return []
        with self._lock:
            answer = subprocess.run(
                [self._path, word], capture_output=True, text=True, check=True, timeout=10
            )
        phones = answer.stdout.splitlines()[0].strip("() ").split()
        return [] if phones == ["[null]"] else phones
