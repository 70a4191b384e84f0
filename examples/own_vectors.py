"""How far apart languages lie, by one's own vectors and scores.

pip install 'isogloss[metrics]'
python examples/own_vectors.py
"""

import numpy as np

from isogloss.metrics import cka, compare_gaps, correlate, gaps

# Sentence vectors of your own model, row i the same sentence in each language. Here: a shared part, noise of
# each language's own, and a column that only says how long a sentence is, as averaged positions do.
draw = np.random.default_rng(0)
length = draw.integers(5, 60, size=400)
shared = draw.normal(size=(400, 8))
vectors = {
    name: np.hstack([shared, draw.normal(size=(400, 24)), 3 * np.sqrt(length[:, None])])
    for name in ("eng", "kor")
}
pair = cka(vectors, lengths={"eng": length, "kor": length}).pairs[0]
print(f"CKA {pair.cka:.2f}; debiased {pair.cka_debiased:.2f}")
print(
    f"without sentence length {pair.cka_debiased_length_residual:.2f}"
)  # what the languages share beside it

# Scores of two inputs: is one of them fairer? Five languages cannot tell: no p below .05 exists for so few.
characters = {"eng": 87.1, "fra": 91.3, "kor": 84.1, "hin": 87.7, "fin": 90.5}
phonemes = {"eng": 83.6, "fra": 89.4, "kor": 87.2, "hin": 88.2, "fin": 89.2}
print(f"mean RPD {gaps(characters).mean_rpd:.2f} and {gaps(phonemes).mean_rpd:.2f}")
print(f"p of the difference {compare_gaps(characters, phonemes).mean_rpd_p_value:.2f}")

# Does the gap go with the similarity?
for row in correlate([5.1, 2.0, 8.3, 4.4, 6.0, 1.2], [0.41, 0.62, 0.30, 0.47, 0.35, 0.71]):
    print(f"Spearman's rho {row.spearman.value:.2f}, p {row.spearman.p_value:.4f}")
