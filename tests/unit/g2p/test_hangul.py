"""Hangul by arithmetic equals the `jamo` package."""

import contextlib
import io

from jamo import h2j, j2hcj

from isogloss.g2p.engine.hangul import to_letters


def _as_epitran(text: str) -> str:
    """`SimpleEpitran.transliterate`: jamo that the package refuses leave the text as it is."""
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            return str(j2hcj(h2j(text)))
    except Exception:
        return text


def test_every_syllable_and_jamo() -> None:
    characters = map(chr, [*range(0x1100, 0x1200), *range(0x3130, 0x3190), *range(0xA960, 0xD800)])
    assert [c for c in characters if to_letters("가" + c) != _as_epitran("가" + c)] == []


def test_text_without_syllables_stays() -> None:
    assert to_letters("\u1100 abc") == "\u1100 abc"
