"""Sentences as they are gathered from a file of one word a line: limits and labels in one place."""

from collections.abc import Collection

from sources.dataset import Parsed, token_table
from sources.decode import MAX_SENTENCE_WORDS, MAX_WORD_CHARS
from sources.errors import MalformedFile

_LONGEST_ALONE = 300  # words of a file's only sentence: over that, what ends sentences was not recognized


class Words:
    """The words of one file, with their labels and lines. `labels` are those that the task has."""

    def __init__(self, path: str, task: str, labels: Collection[str]) -> None:
        self._path = path
        self._task = task
        self._known = frozenset(labels)
        self._offsets = [0]
        self._words: list[str] = []
        self._labels: list[str] = []
        self._lines: list[int] = []

    @property
    def of_sentence(self) -> int:
        """Words of the sentence so far."""
        return len(self._words) - self._offsets[-1]

    def add(self, word: str, label: str, line: int) -> None:
        """One word; `MalformedFile` with file and line where it or its label cannot be used."""
        if label not in self._known:
            raise unknown_label(self._path, line, label, self._task, self._known)
        if not word.strip():
            raise MalformedFile(self._path, line, "the word is empty", "Give each word a form.")
        if len(word) > MAX_WORD_CHARS:
            raise too_long(self._path, line, word)
        if self.of_sentence >= MAX_SENTENCE_WORDS:
            problem = f"a sentence over {MAX_SENTENCE_WORDS} words"
            raise MalformedFile(self._path, line, problem, "Put an empty line between sentences.")
        self._words.append(word)
        self._labels.append(label)
        self._lines.append(line)

    def end_sentence(self) -> None:
        """At an empty line; several in a row end one sentence."""
        if self.of_sentence:
            self._offsets.append(len(self._words))

    def parsed(self, notes: tuple[str, ...] = ()) -> Parsed:
        """All of it; `MalformedFile` when there is no sentence."""
        self.end_sentence()
        if len(self._offsets) == 1:
            fix = "Give a file with at least one sentence."
            raise MalformedFile(self._path, None, "no sentence in it", fix)
        if len(self._offsets) == 2 and self._offsets[1] > _LONGEST_ALONE:
            problem = f"one sentence of {self._offsets[1]:,} words, and no other"
            fix = "Put an empty line after each sentence, or name the column that tells them: `sentence`."
            raise MalformedFile(self._path, self._lines[0], problem, fix)
        return Parsed(token_table(self._offsets, self._words, self._labels), self._lines, notes)


def unknown_label(path: str, line: int, label: str, task: str, known: Collection[str]) -> MalformedFile:
    """A label that the task does not have."""
    listed = " ".join(sorted(known)[:40])
    fix = f"Use one of: {listed}. An experiment's own labels are listed in `tasks:`."
    return MalformedFile(path, line, f"{label[:60]!r} is no label of {task}", fix)


def too_long(path: str, line: int, word: str) -> MalformedFile:
    """A word that no G2P and no model would read."""
    problem = f"a word of {len(word):,} characters ({word[:20]}…)"
    fix = f"Words have {MAX_WORD_CHARS:,} characters at most: split it, or leave the sentence out."
    return MalformedFile(path, line, problem, fix)


def check_blank(line: str, path: str, number: int) -> None:
    """A line of white space alone is neither a word nor, in most programs, the end of a sentence."""
    if not line.strip():
        problem = f"a line of white space alone ({line[:10]!r}), which looks empty and is not"
        raise MalformedFile(path, number, problem, "Empty it where a sentence ends; else delete it.")


def check_text(text: str, path: str, line: int, what: str) -> None:
    """A text that can be converted: not empty, no word of it too long."""
    if not text.strip():
        raise MalformedFile(path, line, f"the {what} is empty", "Give each row a text.")
    if len(text) > MAX_WORD_CHARS:
        longest = max(text.split(), key=len)
        if len(longest) > MAX_WORD_CHARS:
            raise too_long(path, line, longest)
