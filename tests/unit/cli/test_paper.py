"""`isogloss paper check`: the paper's own arithmetic, without a service."""

import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def check(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "isogloss.cli", "paper", "check", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)


def test_every_derived_figure_is_listed_and_summed_up() -> None:
    done = check()
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert sum(" agrees" in line for line in lines[:-1]) == 26
    assert sum(" DIFFERS" in line for line in lines) == 5
    assert lines[-1] == "26 of 31 derived figures agree with the printed ones."


def test_only_what_differs() -> None:
    lines = check("--differing").stdout.splitlines()
    assert [line.split()[:3] for line in lines if "DIFFERS" in line] == [
        ["table2", "phoneme", "urd_lead"],
        ["table3", "gap_vs_sinkhorn", "kendall_p"],
        ["theorem_c2", "thresholds", "dimension"],
        ["theorem_c2", "constants", "bound"],
        ["figure3", "sinkhorn", "space"],
    ]
    assert not any(" agrees" in line for line in lines[:-1])


def test_a_misprint_is_found(tmp_path: Path) -> None:
    figures = json.loads((ROOT / "report" / "paper.json").read_text(encoding="utf-8"))
    figures["table2"]["subword"]["swa_rpd"] += 0.05  # more than the rounding of the scores allows
    file = tmp_path / "figures.json"
    file.write_text(json.dumps(figures), encoding="utf-8")
    (line,) = (line for line in check(str(file)).stdout.splitlines() if "subword swa_rpd" in line)
    assert "DIFFERS" in line


def test_what_is_no_file_of_figures_is_said_with_the_fix(tmp_path: Path) -> None:
    broken = tmp_path / "figures.json"
    broken.write_text("{}", encoding="utf-8")
    for path in (broken, tmp_path / "absent.json"):
        done = check(str(path))
        assert done.returncode == 1
        assert done.stderr.startswith("error: ")
        assert "paper.json" in done.stderr
        assert "Traceback" not in done.stderr
