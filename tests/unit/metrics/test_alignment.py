"""RSA and orthogonal Procrustes: against scipy, ReSi's own tests, their nulls and the control of length."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import orthogonal_procrustes
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr

from isogloss.errors import InvalidInput
from isogloss.metrics import procrustes, rsa
from isogloss.metrics.measures.alignment import Alignment, PairAlignment

Array = NDArray[np.float64]


def alike(rng: np.random.Generator, n: int = 60, d: int = 8, share: float = 0.7) -> dict[str, Array]:
    common = rng.normal(size=(n, d))
    return {name: share * common + rng.normal(size=(n, d)) for name in ("eng", "deu")}


def test_rsa_is_spearmans_rho_of_correlation_distances() -> None:
    vectors = alike(np.random.default_rng(0))
    expected = spearmanr(*(pdist(x, "correlation") for x in vectors.values())).statistic
    assert rsa(vectors, permutations=1).mean_similarity == pytest.approx(expected, abs=1e-6)


def test_procrustes_is_scipys() -> None:
    """Also where one language's vectors are wider, and wider than there are sentences."""
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(20, 5)), rng.normal(size=(20, 30))
    a, b = (item - item.mean(axis=0) for item in (x, y))
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    rotation, nuclear = orthogonal_procrustes(np.pad(a, ((0, 0), (0, 25))), b)
    (pair,) = procrustes({"eng": x, "deu": y}, permutations=1).pairs
    assert pair.similarity == pytest.approx(nuclear, abs=1e-9)
    assert pair.distance == pytest.approx(
        np.linalg.norm(np.pad(a, ((0, 0), (0, 25))) @ rotation - b), abs=1e-6
    )


@pytest.mark.parametrize("measure", [rsa, procrustes])
def test_what_resi_tests_of_its_own_measures(measure: Callable[..., Alignment]) -> None:
    """Identical representations: similarity 1, distance 0; and the invariances that ReSi declares."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=(40, 6))

    def value(y: Array) -> PairAlignment:
        return measure({"a": x, "b": y}, permutations=1).pairs[0]

    assert value(x).similarity == pytest.approx(1, abs=1e-6)
    assert value(3 * x).similarity == pytest.approx(1, abs=1e-6), "isotropic scaling"
    assert value(x[:, ::-1]).similarity == pytest.approx(1, abs=1e-6), "permutation of columns"
    rotation, _ = np.linalg.qr(rng.normal(size=(6, 6)))
    if measure is procrustes:
        assert value(x).distance == pytest.approx(0, abs=1e-4)
        assert value(x + 5).similarity == pytest.approx(1), "translation"
        assert value(x @ rotation).similarity == pytest.approx(1), "rotation"
    else:
        assert value(x @ rotation).similarity < 0.99, "RSA by correlation is not indifferent to rotation"
    assert value(x @ rng.normal(size=(6, 6))).similarity < 0.99, "no invertible map in general"


@pytest.mark.parametrize("measure", [rsa, procrustes])
def test_unrelated_vectors_are_at_their_null(measure: Callable[..., Alignment]) -> None:
    rng = np.random.default_rng(3)
    found: Alignment = measure({name: rng.normal(size=(80, 40)) for name in ("a", "b", "c")}, permutations=19)
    assert abs(found.mean_debiased) < 0.04
    if measure is procrustes:
        assert found.mean_similarity > 0.5, "a rotation fits noise"
    assert all(pair.p_value_holm > 0.05 for pair in found.pairs)
    related: Alignment = measure(alike(rng, 80, 40, 1.5), permutations=19)
    (pair,) = related.pairs
    assert pair.p_value == 0.05
    assert pair.debiased_interval.low > 0


@pytest.mark.parametrize("measure", [rsa, procrustes])
def test_length_is_taken_out_and_what_else_is_shared_is_kept(measure: Callable[..., Alignment]) -> None:
    rng = np.random.default_rng(4)
    n, d = 300, 16
    lengths = {name: np.sort(rng.integers(20, 120, n)).astype(float) for name in ("a", "b")}
    waves = np.sin(np.arange(121)[:, None] / np.arange(8, 8 + d))
    curves = {name: waves @ rng.normal(size=(d, d)) / 4 for name in lengths}
    noise = {name: rng.normal(size=(n, d)) for name in lengths}
    factor = rng.normal(size=(n, 4))
    shared = {name: noise[name] + factor @ rng.normal(size=(4, d)) for name in lengths}
    lone = {name: noise[name] + 3 * curves[name][lengths[name].astype(int)] for name in lengths}
    both = {name: shared[name] + 3 * curves[name][lengths[name].astype(int)] for name in lengths}

    leak: Alignment = measure(lone, lengths, permutations=20)
    assert leak.mean_length_matched is not None
    assert leak.mean_length_residual is not None
    assert leak.mean_debiased > 0.2, "length alone looks like similarity"
    assert leak.mean_length_matched == pytest.approx(leak.mean_debiased, abs=0.03)
    assert abs(leak.mean_length_residual) < 0.02

    kept: Alignment = measure(both, lengths, permutations=20)
    right: Alignment = measure(shared, permutations=20)
    assert kept.mean_length_residual is not None
    assert kept.mean_length_residual > 0.85 * right.mean_debiased


def test_bad_input_names_the_row_and_the_field() -> None:
    vectors = alike(np.random.default_rng(5))
    with pytest.raises(InvalidInput, match=r"languages\[deu\].vectors: row 3 is constant"):
        rsa({**vectors, "deu": np.where(np.arange(60)[:, None] == 3, 1.0, vectors["deu"])})
    with pytest.raises(InvalidInput, match=r"NaN or infinity in row 2"):
        procrustes({**vectors, "deu": np.where(np.arange(60)[:, None] == 2, np.nan, vectors["deu"])})
    with pytest.raises(InvalidInput, match=r"lengths.*Send all or none"):
        procrustes(vectors, {"eng": np.ones(60)})
    with pytest.raises(InvalidInput, match=r"60 sentences|59 sentences"):
        rsa({**vectors, "deu": vectors["deu"][:59]})
    with pytest.raises(InvalidInput, match="permutations"):
        rsa(vectors, permutations=0)
