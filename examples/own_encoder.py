"""An encoder that reads phonemes, pre-trained on one's own text, and used in plain transformers.

python examples/own_encoder.py [folder]     # writes folder/text, then folder/encoder

A toy: its text is invented and its training takes seconds. What a real one needs, and what to look at while
it trains: docs/guides/pretraining.md.
"""

import random
import subprocess
import sys
from pathlib import Path

from isogloss import phonemize

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "own-encoder")
(folder / "text").mkdir(parents=True, exist_ok=True)

# One file a language, a sentence a line; yours are there already.
syllables = ["ka", "li", "mo", "ta", "su", "ne", "pi", "ro"]
draw = random.Random(0)
words = ["".join(draw.choices(syllables, k=draw.randint(1, 3))) for _ in range(300)]
lines = [" ".join(draw.choices(words, k=draw.randint(4, 9))) for _ in range(300)]
(folder / "text" / "fin.txt").write_text("\n".join(lines) + "\n")

size = ["--layers", "1", "--hidden", "32", "--heads", "2"]
long = ["--steps", "8", "--windows", "4", "--length", "64"]
command = ["isogloss", "pretrain", "--languages", "fin", "--data", str(folder / "text"), "--input", "phoneme"]
subprocess.run([*command, *size, *long, str(folder / "encoder")], check=True)

# From here on nothing of Isogloss is needed but the phonemes.
from transformers import AutoModel, AutoTokenizer  # noqa: E402

tokenizer = AutoTokenizer.from_pretrained(folder / "encoder")
model = AutoModel.from_pretrained(folder / "encoder")
read = tokenizer(phonemize("hyvää huomenta", "fin", form="sequence"), return_tensors="pt")
vectors = model(**read).last_hidden_state
print(f"{vectors.shape[1]} units, {vectors.shape[2]} dimensions")
