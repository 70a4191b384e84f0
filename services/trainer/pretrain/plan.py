"""The plan of a pre-training: which words are read when, and which are masked; made once, for all inputs.

    plan = make(corpus, Settings(...))      from all renderings that will be compared
    plan.save(path); load(path)             one safetensors file, whose sha256 names the plan
    check(plan, corpus)                     before each use

Nothing in it is a unit. A window is a run of words that fits in every rendering; a batch is a list of
windows; a masked word has a relative span, such as its second half, which each rendering turns into units of
its own. So what is compared reads the same words in the same order with the same words hidden.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from isogloss.errors import InvalidInput
from services.trainer.pretrain.corpus import Corpus, Ints

FRACTIONS = 240  # a relative span's ends are in parts of this
SPECIALS = 2  # ids around a window
MASK, RANDOM, KEEP = 0, 1, 2  # what the model sees of a hidden span
_SHARES = (0.8, 0.1, 0.1)  # of the three, as in BERT
_FORMAT = 1


@dataclass(frozen=True)
class Settings:
    """What the plan is made by."""

    steps: int
    windows: int  # read at one optimizer step
    length: int  # the most ids of a window in any rendering, specials included
    temperature: float = 2.0  # a language with w words is drawn in proportion to w ** (1 / temperature)
    masked: float = 0.15  # of the units, expected
    whole: float = 0.5  # of the masked words are hidden whole; of the others one half
    seed: int = 0

    def check(self) -> None:
        """Raise `InvalidInput` for what makes no plan."""
        bounds = {
            "steps": (1, 10_000_000), "windows": (1, 65_536), "length": (16, 8192), "temperature": (1, 100),
            "masked": (0.01, 0.5), "whole": (0, 1),
        }  # fmt: skip
        for name, (least, most) in bounds.items():
            if not least <= getattr(self, name) <= most:
                problem = f"{getattr(self, name)} is out of range"
                raise InvalidInput(f"plan.{name}", problem, f"Use {least} to {most}.")


@dataclass(frozen=True)
class Plan:
    """S steps of B windows of N.

    The masked words of row r = step * B + place are `words[offsets[r] : offsets[r + 1]]`, counted from the
    window's first; `spans` [·, 2] are their hidden parts in 1/240 of the word, and `shown` what is seen of
    them.
    """

    settings: Settings
    languages: tuple[str, ...]
    inputs: tuple[str, ...]  # whose lengths the windows fit
    words_sha256: Mapping[str, str]
    windows: Ints  # [N, 2], first word and one beyond the last
    window_language: NDArray[np.int16]  # [N]
    rows: NDArray[np.int32]  # [S, B], indices into `windows`
    offsets: Ints  # [S * B + 1]
    words: NDArray[np.int16]
    spans: NDArray[np.uint8]
    shown: NDArray[np.uint8]

    def save(self, path: Path) -> str:
        """Write one file, and return its sha256. The same plan gives the same bytes."""
        head = {
            "format": _FORMAT,
            "settings": asdict(self.settings),
            "languages": self.languages,
            "inputs": self.inputs,
            "words_sha256": dict(self.words_sha256),
        }
        save_file(
            {name: np.ascontiguousarray(getattr(self, name)) for name in _TENSORS},
            path,
            metadata={"plan": json.dumps(head, sort_keys=True)},
        )
        return file_hash(path)


_TENSORS = ("windows", "window_language", "rows", "offsets", "words", "spans", "shown")


def make(corpus: Corpus, settings: Settings) -> Plan:
    """Cut windows, draw batches, hide words.

    Raises `InvalidInput` for a word that no window can hold in one of the renderings.
    """
    settings.check()
    windows, language = _cut(corpus, settings.length)
    rows = _draw(windows, language, corpus, settings)
    sizes = (windows[:, 1] - windows[:, 0])[rows.ravel()]
    offsets, words, spans, shown = _hide(sizes, settings)
    return Plan(
        settings,
        corpus.languages,
        tuple(corpus.readings),
        corpus.words_sha256,
        windows,
        language,
        rows,
        offsets,
        words,
        spans,
        shown,
    )


def load(path: Path, field: str = "plan") -> Plan:
    """Read a plan. Raises `InvalidInput` on `field` when the file is none."""
    try:
        with safe_open(path, "numpy") as file:
            head = json.loads(file.metadata()["plan"])
            tensors = {name: file.get_tensor(name) for name in _TENSORS}
        if head["format"] != _FORMAT:
            raise ValueError(f"format {head['format']}")
        plan = Plan(Settings(**head["settings"]), tuple(head["languages"]), tuple(head["inputs"]),
                    head["words_sha256"], **tensors)  # fmt: skip
        _check_shapes(plan)
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, IndexError) as error:
        raise InvalidInput(field, f"not a plan ({error})", "Make one with `plan.make`.") from error
    return plan


def check(plan: Plan, corpus: Corpus, field: str = "plan") -> None:
    """Raise `InvalidInput` unless the plan was made from these very words."""
    if plan.languages != corpus.languages:
        problem = f"it is for {', '.join(plan.languages)} and the corpus has {', '.join(corpus.languages)}"
        raise InvalidInput(field, problem, "Send the corpora that the plan was made from, in its order.")
    for language, expected in plan.words_sha256.items():
        if corpus.words_sha256[language] != expected:
            problem = f"the words of {language} are not those that it was made from"
            raise InvalidInput(field, problem, "Make a new plan for all inputs, or send the corpus it names.")
    for name, reading in corpus.readings.items():
        ends = np.concatenate([[0], np.cumsum(reading.lengths + 1)])
        longest = int((ends[plan.windows[:, 1]] - ends[plan.windows[:, 0]]).max()) - 1 + SPECIALS
        if longest > plan.settings.length:
            problem = f"a window has {longest} ids as {name} and room for {plan.settings.length}"
            raise InvalidInput(field, problem, f"Make the plan with {name} among its inputs.")


def check_same(plans: Mapping[str, str], field: str = "plan") -> None:
    """Raise `InvalidInput` unless all runs, by name, were made by one plan (its sha256)."""
    if len(set(plans.values())) > 1:
        listed = ", ".join(f"{name}: {sha256[:12]}" for name, sha256 in plans.items())
        raise InvalidInput(field, f"runs of different plans ({listed})", "Pre-train all of them by one plan.")


def file_hash(path: Path) -> str:
    """sha256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _cut(corpus: Corpus, length: int) -> tuple[Ints, NDArray[np.int16]]:
    """Windows of as many words as fit in all renderings, language by language."""
    # A window's ids are its units, a separator between words and two specials: sum(units + 1) + 1.
    sums = {
        name: np.concatenate([[0], np.cumsum(reading.lengths + 1)])
        for name, reading in corpus.readings.items()
    }
    for name, ends in sums.items():
        longest = int(np.diff(ends).max())
        if longest - 1 + SPECIALS > length:
            word = int(np.diff(ends).argmax())
            language = corpus.languages[int(np.searchsorted(corpus.bounds, word, "right")) - 1]
            problem = (
                f"a word of {language} has {longest - 1} units as {name}, too many for a window of {length}"
            )
            raise InvalidInput(f"corpora[{language}]", problem, "Drop that line, or use longer windows.")
    found: list[tuple[int, int, int]] = []
    for number, (start, stop) in enumerate(zip(corpus.bounds, corpus.bounds[1:], strict=False)):
        first = int(start)
        while first < stop:
            last = min(
                int(np.searchsorted(ends, ends[first] + length - SPECIALS + 1, "right")) - 1
                for ends in sums.values()
            )
            last = min(last, int(stop))
            found.append((first, last, number))
            first = last
    table = np.array(found, dtype=np.int64)
    return table[:, :2], table[:, 2].astype(np.int16)


def _draw(
    windows: Ints, language: NDArray[np.int16], corpus: Corpus, settings: Settings
) -> NDArray[np.int32]:
    """For each row a language by temperature, and of it the next window of a shuffled pass."""
    count = settings.steps * settings.windows
    words = np.diff(corpus.bounds).astype(float)
    shares = words ** (1 / settings.temperature)
    edges = np.cumsum(shares / shares.sum())
    drawn = np.minimum(
        np.searchsorted(edges, _generator(settings.seed, 0).random(count), "right"), len(edges) - 1
    )
    rows = np.empty(count, dtype=np.int32)
    for number in range(len(words)):
        places = np.flatnonzero(drawn == number)
        own = np.flatnonzero(language == number)
        generator = _generator(settings.seed, 1 + number)
        passes = [
            own[np.argsort(generator.random(len(own)), kind="stable")]
            for _ in range(0, len(places), len(own))
        ]
        if passes:
            rows[places] = np.concatenate(passes)[: len(places)]
    return rows.reshape(settings.steps, settings.windows)


def _hide(
    sizes: Ints, settings: Settings
) -> tuple[Ints, NDArray[np.int16], NDArray[np.uint8], NDArray[np.uint8]]:
    """Words of each row to hide (at least one), the span of each, and what is shown in its place."""
    generator = _generator(settings.seed, -1)
    chance = settings.masked / (settings.whole + (1 - settings.whole) / 2)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    hidden = generator.random(int(starts[-1])) < chance
    chosen = starts[:-1] + (generator.random(len(sizes)) * sizes).astype(np.int64)
    empty = np.add.reduceat(hidden, starts[:-1]) == 0
    hidden[chosen[empty]] = True
    places = np.flatnonzero(hidden)
    row = np.searchsorted(starts, places, "right") - 1
    offsets = np.searchsorted(places, starts)
    half, which = generator.random(len(places)) >= settings.whole, generator.random(len(places)) < 0.5
    spans = np.zeros((len(places), 2), dtype=np.uint8)
    spans[:, 0] = np.where(half & which, FRACTIONS // 2, 0)
    spans[:, 1] = np.where(half & ~which, FRACTIONS // 2, FRACTIONS)
    shown = np.searchsorted(np.cumsum(_SHARES), generator.random(len(places)), "right").clip(0, 2)
    return offsets, (places - starts[row]).astype(np.int16), spans, shown.astype(np.uint8)


def _generator(seed: int, place: int) -> np.random.Generator:
    """Only `.random()` of it is used: that stream never changes between versions of numpy."""
    return np.random.Generator(np.random.Philox(key=[seed, place % 2**32]))


def _check_shapes(plan: Plan) -> None:
    settings: Any = plan.settings
    settings.check()
    if plan.rows.shape != (settings.steps, settings.windows) or len(plan.offsets) != plan.rows.size + 1:
        raise ValueError("its tables do not fit its settings")
    if plan.rows.min() < 0 or plan.rows.max() >= len(plan.windows) or plan.offsets[-1] != len(plan.words):
        raise ValueError("its tables do not fit each other")
