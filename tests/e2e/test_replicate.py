"""The whole pipeline on the sample corpus, as a user runs it: every table, real parts, nothing computed
twice.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from isogloss.artifacts import Artifact
from stack.prefect_api import AUTH, PrefectApi
from tests.conftest import ROOT
from tests.local_stack import LocalStack
from tests.report_audit import unaccounted

# All tables and inputs on few languages, few seeds and few epochs.
OPTIONS = {"table3.seeds": 3} | {
    f"hyperparameters.{task}.{name}.epochs": 2
    for task, names in {
        "xnli": ("subword", "character", "phoneme"),
        "pos": ("character", "phoneme"),
        "ner": ("character", "phoneme"),
    }.items()
    for name in names
}
RUN = ["--languages", "eng,kor,swa", *(f"--set={field}={value}" for field, value in OPTIONS.items())]
CELLS = 2 * 2 * 2 + 3 * 2 + 3 * 2


@pytest.fixture(scope="module")
def printed(local_stack: LocalStack) -> str:
    """What the first run prints."""
    return local_stack.finish(local_stack.command("replicate", *RUN))


@pytest.fixture
def summary(local_stack: LocalStack, printed: str) -> list[dict[str, Any]]:
    """The numbers of its report."""
    numbers: list[dict[str, Any]] = json.loads((local_stack.reports / "latest" / "summary.json").read_text())
    return numbers


def test_tables_1_to_3_are_printed_beside_the_paper(printed: str) -> None:
    for title in (
        "Named entity recognition",
        "Part-of-speech tagging",
        "Natural language inference",
        "Table 3",
    ):
        assert title in printed
    assert "87.13" in printed, "the paper's NER score of English"


def test_every_number_leads_back_to_a_manifest(
    summary: list[dict[str, Any]], local_stack: LocalStack
) -> None:
    computed = [number for number in summary if number["value"] is not None]
    assert {number["table"] for number in computed} == {"table1", "table2", "table3"}
    store = local_stack.store
    for uri in {number["manifest"] for number in computed}:
        manifest = json.loads(store.read(uri.removeprefix(f"s3://{store.bucket}/")))
        for file in manifest["files"].values():
            assert store.get(Artifact.from_json(file)), "a promised file is there, with the promised bytes"


def test_the_report_is_whole_and_needs_no_network(printed: str, local_stack: LocalStack) -> None:
    folder = local_stack.reports / "latest"
    page = (folder / "index.html").read_text()
    assert not re.search(r"""(src|href)=["']https?://(?!localhost)[^"']*\.(js|css|png|svg)""", page)
    for name in ("table1.csv", "table2.json", "table3.tex"):
        assert (folder / "tables" / name).stat().st_size > 0
    assert list((folder / "figures").glob("figure2*.svg"))
    assert "says nothing about languages" in page.replace("\n", " ")
    assert unaccounted(page) == [], "numbers without interval, reason or manifest"


def test_a_second_run_computes_nothing(printed: str, local_stack: LocalStack) -> None:
    before = local_stack.numbers()
    # Nor does it cost anything: it is within a bound of no GPU-hours.
    again = local_stack.finish(local_stack.command("replicate", *RUN, "--max-gpu-hours=0"))
    assert local_stack.progress()["reused"] == CELLS, again
    assert local_stack.progress()["computed"] == 0
    assert local_stack.numbers() == before


def test_the_plan_is_what_the_run_computed(printed: str, local_stack: LocalStack) -> None:
    plan = _plan(local_stack)
    assert len(plan["cells"]) == CELLS
    assert {cell["state"] for cell in plan["cells"]} == {"exists"}
    assert {step["state"] for step in plan["steps"]} == {"exists"}
    assert plan["missing_hours"] == 0 < plan["hours"]
    assert any("earlier results in the store" in line for line in plan["assumptions"])
    stored = {item.name.removesuffix("/manifest.json") for item in local_stack.store.objects("train/")}
    planned = {key for step in plan["steps"] if step["kind"] == "train" for key in step["keys"]}
    assert planned <= stored, "the flow's own keys"
    assert len(planned) == CELLS


def test_the_plan_says_what_is_missing_and_what_is_not_known_yet(
    printed: str, local_stack: LocalStack
) -> None:
    more = _plan(local_stack, "--tasks", "pos", "--languages", "eng,kor,hin")
    states = {(step["kind"], step["label"]): step for step in more["steps"]}
    assert states["dataset", "pos/kor"]["state"] == "exists"
    assert states["dataset", "pos/hin"]["state"] == "missing"
    assert states["train", "pos/character/kor seed 0"]["state"] == "unknown", "the data were not checked yet"
    waiting = states["train", "pos/phoneme/kor seed 0"]
    assert (waiting["state"], waiting["until"]) == ("unknown", "phonemes pos/hin exists")
    assert more["missing_hours"] == more["hours"] > 0


def test_a_run_that_would_cost_too_much_is_refused_before_it_begins(
    printed: str, local_stack: LocalStack
) -> None:
    before = {item.name for item in local_stack.store.objects("")}
    run = local_stack.command("replicate", *RUN, "--set=table3.seeds=4", "--max-gpu-hours=0")
    output, _ = run.communicate(timeout=800)
    assert run.returncode == 1
    assert "max_gpu_hours: what is missing needs about" in output
    assert {item.name for item in local_stack.store.objects("")} == before


def _plan(local_stack: LocalStack, *arguments: str) -> dict[str, Any]:
    process = subprocess.run(
        [sys.executable, "-m", "isogloss.cli", "plan", "--json", *(RUN + list(arguments))],
        cwd=ROOT,
        env=local_stack.environment,
        capture_output=True,
        text=True,
        timeout=800,
        check=True,
    )
    plan: dict[str, Any] = json.loads(process.stdout)
    return plan


def test_prefect_runs_a_deployment_as_typed(printed: str, local_stack: LocalStack) -> None:
    """`prefect deployment run replicate/table1`, with the whole sample, waits for the end with --watch."""
    api = f"http://127.0.0.1:{local_stack.environment['ISOGLOSS_PREFECT_PORT']}/api"
    small = {"tasks": ["pos"], "languages": ["eng", "kor"], "tables": ["table1"], "options": OPTIONS}
    done = subprocess.run(
        [str(Path(sys.executable).with_name("prefect")), "deployment", "run", "replicate/table1", "--watch"]
        + [item for name, value in small.items() for item in ("--param", f"{name}={json.dumps(value)}")],
        cwd=ROOT,
        env=local_stack.environment | {"PREFECT_API_URL": api, AUTH: local_stack.setting(AUTH)},
        capture_output=True,
        text=True,
        timeout=800,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert {number[0] for number in local_stack.numbers()} == {"table1"}
    shown = {artifact["key"]: artifact for artifact in _artifacts(api, local_stack.setting(AUTH))}
    assert {"progress-sample", "table1-sample", "figure2-sample", "report-sample"} <= set(shown)
    first = json.loads(shown["table1-sample"]["data"])[0]
    assert first["Input"] == "Characters"
    assert re.fullmatch(r"\d+\.\d\d \(96\.62\)", first["eng"]), "ours, and the paper's in brackets"


def _artifacts(api: str, auth: str) -> list[dict[str, Any]]:
    """The newest artifact of each name, as Prefect's UI shows them."""
    found: list[dict[str, Any]] = PrefectApi(api, auth).post("/artifacts/latest/filter", {})
    return found
