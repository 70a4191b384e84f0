"""One folding of notation, the same for gold and for every tool, so that what is counted as an error is one.

Sources write the same sound in different ways (r, ʁ, ʀ, ɹ, ɾ; t͡ʃ, tʃ, ʧ; aː, ɑː), and narrow transcriptions
write what no broad one does. `fold` takes that away, and so cannot see an error in it:

1. Everywhere: stress, syllable breaks, tie bars, tones, linking and pausa marks go; ligatures are two signs;
   all rhotics but ɽ are r; ʋ is v, ɦ is h, ɫ is l, ɱ is m; a syllabic consonant is ə and the consonant; a
   vowel that is no syllable is a glide; diacritics go but for the nasal tilde, the cedilla of ç, palatal ʲ,
   labial ʷ, aspiration (breathy voice counts as it) and the tense consonants of Korean; a long consonant is
   two, with the stop of an affricate doubled; the length of a vowel is a sign of its own.
2. Per language, what its sources do not agree on: `_MERGED`. Length of vowels counts where it tells words
   apart (`_LENGTH`).
"""

import re
import unicodedata
from functools import cache

_GONE = re.compile(r"[ˈˌ.‿͜͡|ˣˀ˩˨˧˦˥↓↑()\s\u200d\-'’ᵊˑ]|\u0361|\u035c")
_SAME = str.maketrans(
    {
        "ʧ": "tʃ", "ʤ": "dʒ", "ʦ": "ts", "ʣ": "dz", "ʨ": "tɕ", "ʥ": "dʑ", "g": "ɡ", "ɚ": "ər", "ɝ": "ər",
        "ʀ": "r", "ʁ": "r", "ɾ": "r", "ɹ": "r", "ɻ": "r", "ɺ": "r", "ʋ": "v", "ɦ": "h", "ɫ": "l", "ɱ": "m",
        "ʱ": "ʰ", "\u0324": "ʰ", "ⁿ": "n", "ᵐ": "m", "ᵑ": "ŋ", "ʂ": "ʃ", "ʐ": "ʒ", "ɐ": "a", "ᵻ": "ɪ",
        "ɜ": "ə", "˞": "r", ":": "ː", "ɘ": "ə",
    }
)  # fmt: skip
_SYLLABIC = re.compile("([^aeiouy])[\u0329\u030d]")
_GLIDES = {"i": "j", "ɪ": "j", "ɨ": "j", "e": "j", "u": "w", "ʊ": "w", "o": "w", "y": "ɥ"}
_NO_SYLLABLE = re.compile("([iɪɨeuʊoy])\u032f")
_DOUBLE_AFFRICATE = re.compile("([td])([szʃʒɕʑ])\\1\\2")
_LONG_AFFRICATE = re.compile("([td])([szʃʒɕʑ])ː")
_LONG_CONSONANT = re.compile("([^aeiouyɑɐɒæɛəɜɪɨɔœøʊʌɯɤʏʉɵ\u0303ː])ː")
_KEPT_MARKS = "\u0303\u0327\u0348"
_MARKS = re.compile(rf"(?![{_KEPT_MARKS}])[\u0300-\u036f]")
_SEGMENT = re.compile("[^\u0303\u0327\u0348ʲʷʰ][\u0303\u0327\u0348ʲʷʰ]*")

_LENGTHS = """
fin hun hin urd tam mal kan tel ara ces slk lit lav jpn tha mya khm est san mar slv hbs hrv srp fas ckb kmr
swe nob nno dan isl deu nld som hau gle cym lat kal mri ben ori pan guj nep sin div zul xho
"""
_LENGTH = frozenset(_LENGTHS.split())
# Pairs: what is written, and what it counts as; applied in order, after the folding that all share.
_MERGED: dict[str, tuple[tuple[str, str], ...]] = {
    "eng": (
        ("ɒ", "ɑ"), ("ɨ", "ɪ"), ("ʍ", "w"), ("oʊ", "ow"), ("aʊ", "aw"), ("aɪ", "aj"), ("eɪ", "ej"),
        ("ɔɪ", "ɔj"), ("oɪ", "ɔj"), ("or", "ɔr"), ("ʰ", ""),
    ),
    "fra": (("ɑ", "a"), ("œ\u0303", "ɛ\u0303"), ("ʰ", "")),
    "ita": (("ʷ", ""),),
    "hun": (("ɛ", "e"), ("ʝ", "j")),
    "ukr": (
        ("ɑ", "a"), ("ɔ", "o"), ("ɛ", "e"), ("ʊ", "u"), ("ʍ", "v"), ("w", "v"), ("ɨ", "ɪ"),
    ),
    "rus": (("ɑ", "a"), ("ɔ", "o"), ("ɛ", "e"), ("ʊ", "u")),
    "kor": (
        ("b", "p"), ("d", "t"), ("ɡ", "k"), ("ʑ", "ɕ"), ("r", "l"), ("ɭ", "l"), ("ʎ", "l"), ("sʰ", "s"),
        ("ɕʰi", "si"), ("ɕʰj", "sj"), ("ç", "h"), ("ɸ", "h"), ("x", "h"), ("ɲ", "n"), ("β", "w"),
        ("ɥ", "w"), ("ɣ", "ɰ"), ("c", "k"), ("ʝ", "h"), ("ø", "we"), ("ɔ", "ʌ"), ("ɐ", "a"), ("ə", "ʌ"),
    ),
    "tur": (
        ("ɑ", "a"), ("ɛ", "e"), ("æ", "e"), ("ɔ", "o"), ("œ", "ø"), ("c", "k"), ("ɟ", "ɡ"), ("ɰ", ""),
        ("ʏ", "y"), ("ʊ", "u"), ("ɪ", "i"), ("ʰ", ""), ("β", "v"), ("w", "v"), ("ɣ", ""),
    ),
    "fin": (("ɑ", "a"), ("ʔ", "")),
    "hin": (("ɑ", "a"), ("ʌ", "ə"), ("w", "v"), ("rʰ", "r")),
    "urd": (("ɑ", "a"), ("ʌ", "ə"), ("w", "v"), ("ʔ", ""), ("ʕ", "")),
    "swa": (
        ("ɑ", "a"), ("ɔ", "o"), ("ɛ", "e"), ("ɓ", "b"), ("ɗ", "d"), ("ɠ", "ɡ"), ("ʄ", "dʒ"), ("ɟ", "dʒ"),
        ("ʰ", ""),
    ),
}  # fmt: skip
_EVERYWHERE = (("ɑ", "a"), ("ɔ", "o"), ("ɛ", "e"), ("ʊ", "u"), ("ɪ", "i"), ("w", "v"), ("ʌ", "ə"))
_MERGED_ELSEWHERE = {  # of the merges above, what the other languages' sources confuse
    # Retroflexes by another letter, consonants that are long because their vowel is short, the notation of ɧ.
    "swe": (
        ("ɑ", "a"),
        ("ʊ", "u"),
        ("ɪ", "i"),
        ("ɔ", "o"),
        ("ɛ", "e"),
        ("ə", "e"),
        ("æ", "e"),
        ("œ", "ø"),
        ("ʏ", "y"),
        ("ʰ", ""),
        ("ʈ", "t"),
        ("ɖ", "d"),
        ("ɳ", "n"),
        ("ɭ", "l"),
        ("ʃ", "s"),
        ("xw", "ɧ"),
        ("x", "ɧ"),
        *((letter * 2, letter) for letter in "bdfɡkjlmnŋprstvɕɧ"),
    ),
    "deu": (("ɑ", "a"), ("ʰ", ""), ("ʔ", "")),
    # One palatal sibilant, by either letter; n before it.
    "ind": (
        ("ɕ", "ʃ"),
        ("ʑ", "ʒ"),
        ("ɲtʃ", "ntʃ"),
        ("ɲdʒ", "ndʒ"),
        ("ɔ", "o"),
        ("ɛ", "e"),
        ("ʊ", "u"),
        ("ɪ", "i"),
        ("w", "v"),
        ("ɑ", "a"),
    ),
    # The close vowel of u and y is ɨ in the north and i in the south.
    "cym": (("ɨ", "i"), ("ɑ", "a"), ("ɔ", "o"), ("ɛ", "e"), ("ʊ", "u"), ("ɪ", "i"), ("ʌ", "ə")),
    # Varieties (θ or s, ʎ or ʝ), and the place of a nasal and the voice of s before a consonant.
    "spa": (
        ("β", "b"),
        ("ð", "d"),
        ("ɣ", "ɡ"),
        ("ʝ", "j"),
        ("ʎ", "j"),
        ("ɟ", ""),
        ("θ", "s"),
        ("z", "s"),
        ("ŋ", "n"),
        ("mf", "nf"),
        ("ɲtʃ", "ntʃ"),
    ),
    # Softness by j or a mark, and the place of a nasal before k.
    "pol": (
        ("ɑ", "a"),
        ("ɔ", "o"),
        ("ɛ", "e"),
        ("c", "kʲ"),
        ("ɟ", "ɡʲ"),
        ("ʲi", "i"),
        ("ʲj", "j"),
        ("ʲ", "j"),
        ("ŋ", "n"),
    ),
    # Glottal onsets, implosives, double closure of labial-velars, notation of central vowels.
    "vie": (
        ("ʔ", ""),
        ("ɓ", "b"),
        ("ɗ", "d"),
        ("ŋm", "ŋ"),
        ("kp", "k"),
        ("tɕ", "c"),
        ("tʃ", "c"),
        ("ɨ", "ɯ"),
        ("ɤ", "ə"),
        ("ɑ", "a"),
        ("ɛ", "e"),
        ("ɔ", "o"),
        ("ʊ", "u"),
        ("ɪ", "i"),
        ("uw", "u"),
        ("əː", "ə"),
    ),
}
_DIPHTHONGS_ARE_VOWELS = frozenset(("fin", "est", "lit", "vie", "khm", "tha"))


def fold(ipa: str, language: str) -> tuple[str, ...]:
    """The segments of some IPA as they are compared; `language` is ISO 639-3."""
    text = unicodedata.normalize("NFD", ipa)
    text = _GONE.sub("", text)
    if language == "eng":
        text = text.replace("ɾ", "t").replace("ɐ", "ə")
    text = text.translate(_SAME)
    text = text.replace("ʈʃ", "tʃ").replace("ɖʒ", "dʒ")
    text = _SYLLABIC.sub(r"ə\1", text)
    if language not in _DIPHTHONGS_ARE_VOWELS:
        text = _NO_SYLLABLE.sub(lambda match: _GLIDES[match[1]], text)
    text = _MARKS.sub("", text)
    text = _DOUBLE_AFFRICATE.sub(r"\1\1\2", _LONG_AFFRICATE.sub(r"\1\1\2", text))
    text = _LONG_CONSONANT.sub(r"\1\1", text)
    for written, counted in _merges(language):
        text = text.replace(written, counted)
    if language not in _LENGTH:
        text = text.replace("ː", "")
    return tuple(_SEGMENT.findall(text))


@cache
def _merges(language: str) -> tuple[tuple[str, str], ...]:
    merges = _MERGED.get(language) or _MERGED_ELSEWHERE.get(language) or _EVERYWHERE
    return tuple((unicodedata.normalize("NFD", a), unicodedata.normalize("NFD", b)) for a, b in merges)
