"""Reduced vowels of English: CMUdict and flite write one, ə.

Where it is spelled i, or e at the beginning and in an ending, or a in *-age*, General American has ɪ (J. C.
Wells, Longman Pronunciation Dictionary, 2008): *animal*, *united*, *received*, *heritage*."""

import re

_WRITTEN = re.compile("[aeiouy]+")
_SPOKEN = re.compile("aj|aw|ej|ow|ɔj|ɹ̩|[ɑæʌəɔɛɪiʊu]")
_SILENT_E = re.compile("(?<=[^aeiouy])e(?=s?$)|(?<=[^aeiouytd])e(?=d$)")
_ENDING = re.compile("(?:e[dst]|ets|ess|est)$")
_AGE = re.compile("age[sd]?$")


def ipa(word: str, spoken: str) -> str:
    """A word's IPA with ɪ for ə where its spelling says so; as it is where letters and sounds do not pair."""
    if "ə" not in spoken:
        return spoken
    letters = word.lower()
    if not re.search("(?:[sxzc]|sh|ch|g)es$", letters):
        letters = _SILENT_E.sub("", letters)
    written, sounds = list(_WRITTEN.finditer(letters)), list(_SPOKEN.finditer(spoken))
    if len(written) != len(sounds):
        return spoken
    out = list(spoken)
    for number, (group, sound) in enumerate(zip(written, sounds, strict=True)):
        first, last = number == 0, number == len(written) - 1
        of_e = group[0] == "e" and (first or (last and _ENDING.search(letters) is not None))
        of_age = last and group[0] == "a" and _AGE.search(word.lower()) is not None
        if sound[0] == "ə" and (group[0] in ("i", "y") or of_e or of_age):
            out[sound.start()] = "ɪ"
    return "".join(out)
