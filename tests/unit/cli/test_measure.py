"""`isogloss measure` on own files: without a service, storage, gRPC or protobuf."""

import json
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from safetensors.numpy import save_file

from isogloss.cli import main
from isogloss.metrics import cka, gaps

Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Call `isogloss measure …` in a folder of its own; gives the JSON, or the error's text."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Any:
        with pytest.raises(SystemExit) as ended:
            main(["measure", *arguments, "--json"])
        shown = capsys.readouterr()
        return json.loads(shown.out) if ended.value.code in (0, None) else shown.err

    return call


def vectors(seed: int, n: int = 120, d: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d))


def test_cka_of_four_kinds_of_files_with_lengths(run: Run, tmp_path: Path) -> None:
    x = vectors(0)
    lengths = np.random.default_rng(1).integers(5, 60, size=120)
    np.save("a.npy", x)
    save_file({"vectors": x, "lengths": lengths}, "b.safetensors")
    pq.write_table(pa.table({"vectors": x.tolist()}), "c.parquet")
    np.savetxt("d.txt", x)
    np.savetxt("lengths.txt", lengths, fmt="%d")
    by_file = [f"--lengths={name}=lengths.txt" for name in ("eng", "sme", "my_own")]
    found = run("cka", "eng=a.npy", "tat=b.safetensors", "sme=c.parquet", "my_own=d.txt", *by_file)
    assert found["sentences"] == 120
    assert found["mean_cka"] == pytest.approx(1, abs=1e-5)
    assert found["mean_cka_debiased_length_residual"] == pytest.approx(1, abs=1e-4)
    assert found["pairs"][0]["first"] == "eng"
    same = cka({"eng": x, "tat": x}, {"eng": lengths, "tat": lengths})
    assert same.pairs[0].cka_debiased == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("measure", ["rsa", "procrustes"])
def test_rsa_and_procrustes_with_lengths(run: Run, measure: str) -> None:
    np.save("a.npy", vectors(0))
    np.savetxt("lengths.txt", np.random.default_rng(1).integers(5, 60, size=120), fmt="%d")
    by_file = [f"--lengths={name}=lengths.txt" for name in ("eng", "tat")]
    found = run(measure, "eng=a.npy", "tat=a.npy", *by_file, "--permutations=9")
    (pair,) = found["pairs"]
    assert pair["similarity"] == pytest.approx(1, abs=1e-5)
    assert pair["length_residual"] == pytest.approx(1, abs=1e-5)
    assert pair["p_value"] == pytest.approx(0.1)
    assert found["mean_length_matched"] < 0.5
    assert "permutations" in run(measure, "eng=a.npy", "tat=a.npy", "--permutations=0")


def test_gaps_of_scores_of_predictions_and_against_another_input(run: Run) -> None:
    assert run("gaps", "eng=71.89", "swa=60.88")["mean_rpd"] == pytest.approx(16.59, abs=0.01)
    for name, right in (("a", 80), ("b", 60)):
        lines = ["yes\tyes"] * right + ["yes\tno"] * (100 - right)
        Path(f"{name}.txt").write_text("\n".join(lines))
    found = run("gaps", "eng=a.txt", "swa=b.txt")
    assert [item["value"] for item in found["scores"]] == [80, 60]
    assert found["pairs"][0]["absolute_interval"]["low"] > 0
    against = run("gaps", "eng=a.txt", "swa=b.txt", "--against=eng=a.txt", "--against=swa=a.txt")
    assert against["mean_rpd_difference"] == pytest.approx(28.57, abs=0.01)
    Path("words.txt").write_text("B-PER\tB-PER\nI-PER\tO\n\nO\tO\nB-LOC\tB-LOC\n")
    assert run("gaps", "eng=words.txt", "fra=words.txt", "--metric=span_f1")["mean_rpd"] == 0
    assert gaps({"eng": 71.89, "swa": 60.88}).std == pytest.approx(0.0778, abs=1e-4)


SPREAD = {"eng": "96.6,96.4", "fra": "95.5,95.9", "hun": "74.6,75.2", "kor": "86.7,86.1", "tur": "90.5,90.9"}
NARROW = {"eng": "95.9,95.7", "fra": "96.4,96.0", "hun": "85.9,86.3", "kor": "85.8,86.4", "tur": "91.1,91.0"}


def pairs(scores: dict[str, str], option: str = "") -> list[str]:
    return [f"{option}{name}={value}" for name, value in scores.items()]


def test_spreads_of_other_languages(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    found = run("spreads", *pairs(SPREAD), *pairs(NARROW, "--against="))
    assert (found["languages"], found["seeds"]) == (5, 2)
    assert found["log_ratio"] > 0, "the first lie further apart"
    assert found["interval"]["low"] < found["log_ratio"] < found["interval"]["high"]
    assert 0 < found["noise_first"] < 1
    assert 0 < found["detectable_ratio"] < 1
    assert found["pitman_morgan_p_value"] < 1
    with pytest.raises(SystemExit):
        main(["measure", "spreads", *pairs(SPREAD), *pairs(NARROW, "--against=")])
    shown = capsys.readouterr().out
    for name in (
        "log_ratio",
        "interval",
        "noise_first",
        "power",
        "detectable_ratio",
        "pitman_morgan_p_value",
    ):
        assert name in shown


@pytest.mark.parametrize(
    ("first", "second", "problem"),
    [
        ({**SPREAD, "hun": "nan,75"}, NARROW, "first[hun]: nan is no score"),
        ({**SPREAD, "hun": "74.6"}, NARROW, "seeds"),
        ({**SPREAD, "hun": "much"}, NARROW, "much is no score"),
        ({**SPREAD, "hun": "174,75"}, NARROW, "174"),
        (SPREAD, {**NARROW, "deu": "90,91"}, "same languages"),
        (dict(list(SPREAD.items())[:3]), dict(list(NARROW.items())[:3]), "Four languages"),
        (dict.fromkeys(SPREAD, "80,80"), NARROW, "no spread to compare"),
    ],
)
def test_spreads_that_cannot_be_compared(
    run: Run, first: dict[str, str], second: dict[str, str], problem: str
) -> None:
    assert problem in run("spreads", *pairs(first), *pairs(second, "--against="))


def test_a_table_shows_what_other_languages_could_show(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    one = {name: scores.split(",")[0] for name, scores in SPREAD.items()}
    other = {name: scores.split(",")[0] for name, scores in NARROW.items()}
    with pytest.raises(SystemExit):
        main(["measure", "gaps", *pairs(one), *pairs(other, "--against=")])
    shown = capsys.readouterr().out
    assert "other_languages:" in shown
    assert "detectable_ratio" in shown


def test_a_metric_that_is_no_sum_over_items_is_refused(run: Run) -> None:
    """An item adds to several classes' F1: macro F1 is no ratio of two sums (docs/metrics.md)."""
    assert "accuracy, span_f1" in run("gaps", "eng=a.txt", "fra=b.txt", "--metric=macro_f1")


def test_sinkhorn_and_correlations(run: Run) -> None:
    p = np.random.default_rng(2).dirichlet([1, 1, 1], size=50)
    np.save("p.npy", p)
    np.save("q.npy", p[::-1].copy())
    found = run("sinkhorn", "eng=p.npy", "swa=q.npy")
    assert found["pairs"][0]["exact"] == pytest.approx(0, abs=1e-12)
    Path("x.txt").write_text("\n".join(map(str, range(8))))
    Path("groups.txt").write_text("a\nb\n" * 4)
    both = run("correlate", "x.txt", "x.txt", "--groups=groups.txt")
    assert [item["group"] for item in both] == ["", "a", "b", "within groups"]
    assert both[0]["spearman"]["value"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (np.where(np.arange(480).reshape(120, 4) == 9, np.nan, vectors(0)), "NaN or infinity in row 2"),
        (np.ones((120, 4)), "all rows are equal"),
        (vectors(0)[:50], "50 sentences, but 120 in the first language"),
        (np.array([["a"]]), "values of type"),
    ],
)
def test_bad_vectors_are_refused_with_the_row(run: Run, rows: np.ndarray, problem: str) -> None:
    np.save("a.npy", vectors(1))
    np.save("b.npy", rows)
    assert problem in run("cka", "eng=a.npy", "deu=b.npy")


def test_a_pickle_is_not_opened(run: Run) -> None:
    np.save("a.npy", np.array([{}, {}], dtype=object), allow_pickle=True)
    assert "not a .npy file of numbers" in run("cka", "eng=a.npy", "deu=a.npy")


def test_files_that_are_not_there_or_not_named(run: Run) -> None:
    assert "cannot read none.npy" in run("cka", "eng=none.npy", "deu=none.npy")
    assert "is not NAME=FILE" in run("cka", "a.npy")
    assert "eng given twice" in run("cka", "eng=a.npy", "eng=b.npy")
    Path("x.txt").write_text("1\n2\nthree\n")
    assert "line 3 holds more than numbers" in run("correlate", "x.txt", "x.txt")


def test_neither_grpc_nor_protobuf_nor_storage_is_imported(tmp_path: Path) -> None:
    code = """
        import sys, importlib.abc

        class NotInstalled(importlib.abc.MetaPathFinder):
            def find_spec(self, name, path=None, target=None):
                if name in {"grpc", "google.protobuf", "minio", "torch"}:
                    raise ModuleNotFoundError(f"{name} is not installed here")

        sys.meta_path.insert(0, NotInstalled())
        import numpy as np
        from isogloss.cli.measure import measure
        np.save("a.npy", np.random.default_rng(0).normal(size=(20, 3)))
        measure(["cka", "eng=a.npy", "deu=a.npy"], standalone_mode=False)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, cwd=tmp_path, check=True, timeout=120, capture_output=True, text=True)
    assert "mean_cka_debiased" in done.stdout
