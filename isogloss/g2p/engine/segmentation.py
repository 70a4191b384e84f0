"""IPA to phonemes: what `segments.Tokenizer()(word, ipa=True)` does, at several times its speed.

Length marks, aspiration, stress, tone letters and tie bars go to the letter that they belong to. The result
equals that of `segments` 2.4.0 (`tests/unit/g2p/test_segmentation.py` compares them), but for the input on
which it raises an error: a tie bar with nothing after it stays where it is, and a word of nothing but marks
is one segment.
"""

import unicodedata

import regex

_CLUSTERS = regex.compile(r"\X").findall
# Modifier letters (stress and length among them), tone letters, tie bars: without one, the clusters are the
# phonemes.
_MARK = regex.compile(r"[\p{Lm}\p{Sk}\u035C\u0361]").search
_STRESS = "ˈˌ"
_TIES = "\u0361\u035c"


def ipa(word: str) -> list[str]:
    """Phonemes of one word (no white space), NFD."""
    graphemes = plain(word)
    return _join_ties(_attach_marks(graphemes)) if _MARK(word) else graphemes


def plain(word: str) -> list[str]:
    """Grapheme clusters (Unicode, annex 29) of one word, NFD: the plain segmentation."""
    return _CLUSTERS(unicodedata.normalize("NFD", word))


def _attach_marks(graphemes: list[str]) -> list[str]:
    """Modifier letters go to the segment before them, stress to the one behind, a run of tone letters stays
    together.
    """
    segments: list[str] = []  # from the last to the first
    marks = ""
    for index in range(len(graphemes) - 1, -1, -1):
        grapheme = graphemes[index]
        category = unicodedata.category(grapheme) if len(grapheme) == 1 else ""
        if category == "Lm" and grapheme not in _STRESS and len(graphemes) > 1:
            marks = grapheme + marks
            if index == 0:
                segments[-1:] = [marks + (segments[-1] if segments else "")]
            continue
        if category and grapheme in _STRESS and segments:
            segments[-1] = grapheme + segments[-1]
        elif category == "Sk" and segments and unicodedata.category(segments[-1][0]) == "Sk":
            segments[-1] = grapheme + marks + segments[-1]
        elif category == "Sk" and not segments:
            segments.append(grapheme)
        else:
            segments.append(grapheme + marks)
        marks = ""
    return segments[::-1]


def _join_ties(segments: list[str]) -> list[str]:
    """Two segments with a tie bar between them are one."""
    joined: list[str] = []
    tied = False
    for segment in segments:
        if tied:
            joined[-1] += segment
            tied = False
        else:
            joined.append(segment)
            tied = segment[-1] in _TIES
    return joined
