"""Whether a corpus became phonemes well enough to train on: a run must not measure letters and call them so.

Where Epitran's map lacks a language's letters, they stand in its "IPA" as they were. `PhonemeGate` says how
many may, and of which languages that is known and wanted.
"""

from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

from isogloss.errors import InvalidInput
from isogloss.g2p.v1 import g2p_pb2
from isogloss.languages import LANGUAGES, Language

_SHOWN = 10  # of the worst words


class PhonemeGate(BaseModel):
    """What stops a run before it trains anything. The share is of letters, over all corpora of a language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # The worst of the paper's languages but Urdu is Italian, with 0.014 (docs/g2p.md).
    max_leak_rate: float = Field(0.05, ge=0, le=1)
    # ISO 639-3 of languages that may exceed it; the report then says so.
    tolerated: list[str] = Field(default_factory=list)

    def leak(self, qualities: Sequence[g2p_pb2.Quality]) -> float:
        """Share of letters, 0 to 1, that did not become phonemes."""
        letters = sum(quality.characters for quality in qualities)
        return sum(quality.leaked_characters for quality in qualities) / letters if letters else 0.0

    def check(
        self,
        results: Mapping[str, Iterable[g2p_pb2.ConvertCorpusResult]],
        registry: Mapping[str, Language] = LANGUAGES,
    ) -> list[str]:
        """Notes on the tolerated languages that exceed the threshold, from the results by language.

        Raises `InvalidInput` that names the worst words when another language does.
        """
        notes: list[str] = []
        stopped: list[str] = []
        for code, converted in results.items():
            qualities = [result.quality for result in converted]
            share = self.leak(qualities)
            if share <= self.max_leak_rate:
                continue
            words = list(dict.fromkeys(word for quality in qualities for word in quality.worst_words))
            leak = f"{share:.1%} of the letters of {registry[code].name} ({code}) did not become phonemes"
            leak += f" (worst words: {' '.join(words[:_SHOWN])})"
            (notes if code in self.tolerated else stopped).append(leak)
        if stopped:
            fix = (
                "Use normalization: standard, leave the language out, raise phoneme_gate.max_leak_rate,"
                " or name the language in phoneme_gate.tolerated."
            )
            problem = f"more than {self.max_leak_rate:.1%}: {'; '.join(stopped)}"
            raise InvalidInput("phoneme_gate.max_leak_rate", problem, fix)
        return [f"{note}; phoneme_gate.tolerated lets the run go on." for note in notes]
