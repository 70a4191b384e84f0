"""Text to IPA from Python.

python -m services.g2p &                      # or `isogloss up`
python examples/g2p/convert.py [host:port]
"""

import sys

from isogloss.clients.g2p import G2PClient
from isogloss.clients.g2p_types import Options

with G2PClient(sys.argv[1] if len(sys.argv) > 1 else None) as g2p:
    # One text, word by word.
    conversion = g2p.convert("Bonjour le monde", "fra", words=True)
    print(conversion.ipa)
    for word in conversion.words:
        print(f"  {word.start:>2}-{word.end:<2} {word.text:10} {' '.join(word.phonemes)}")

    # Many texts: batched, in constant memory, in the form that XPhoneBERT reads.
    for sequence in g2p.sequences(["Привет, мир!", "Доброе утро"], "rus"):
        print(sequence)

    # Epitran exactly as it is, and what it could not convert.
    print(g2p.convert("یہ کتاب ہے", "urd", Options(normalization="none")).ipa)
    print(g2p.quality(["یہ کتاب ہے"], "urd", Options(normalization="none")).rates)
