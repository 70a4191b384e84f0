"""Phonemes for a TTS front end: what a sentence sounds like, with pauses, as ids of a fixed inventory.

pip install 'isogloss[g2p]'
python examples/tts.py
"""

from isogloss import phonemize

PAUSES = {",": "<short>", ";": "<short>", ":": "<short>", ".": "<long>", "!": "<long>", "?": "<long>"}
OWN = {"SNCF": "ɛsɛnseɛf", "Renault": "ʁəno"}  # names are said as their owners say them


def units(text: str, language: str) -> list[str]:
    """A text's phonemes; `▁` between words, a pause where punctuation is."""
    sequence = phonemize(text, language, form="sequence", lexicon=OWN, spell_digits=True)
    return [PAUSES.get(unit, unit) for unit in sequence.split()]


sentences = ["Bonjour, le train de la SNCF part à 9 heures.", "Les femmes parlent !"]
said = [units(sentence, "fra") for sentence in sentences]
for sentence, phonemes in zip(sentences, said, strict=True):
    print(sentence, "→", " ".join(phonemes))

# The inventory belongs to the voice: made once from its training text, kept with its weights.
inventory = {
    unit: number for number, unit in enumerate(sorted({unit for line in said for unit in line}), start=1)
}
print([inventory[unit] for unit in said[1]])
