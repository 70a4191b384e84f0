"""Permutation tests: p-values from nulls, and Holm's correction where many are read together."""

import numpy as np

from isogloss.metrics.engine.checks import Floats


def p_values(observed: Floats, null: Floats) -> Floats:
    """One-sided: the share of permutations that reach what was observed, [...] against [B, ...].

    The observed order counts as one of them (Phipson and Smyth 2010): p is never below 1 / (B + 1).
    """
    return np.asarray((1 + np.sum(null >= observed, axis=0)) / (1 + len(null)))


def holm(p: Floats) -> Floats:
    """Holm (1979): corrected p-values [m]; rejecting those below α errs anywhere with chance at most α."""
    order = np.argsort(p)
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(stepped, 1)
    return corrected
