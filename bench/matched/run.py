"""The controlled experiment on one machine: pre-train inputs × seeds by one plan, fine-tune, compare.

    python bench/matched/data.py FOLDER                          once: the corpora (bench/matched/data.py)
    python bench/matched/run.py plan FOLDER --profile gpu        once: FOLDER/plan-gpu.safetensors
    python bench/matched/run.py run FOLDER OUT --profile gpu [--budget 330] [--workers 8] [--first-seed 0]

Only the rendering of the words differs between the arms. Each finished piece is a line of OUT/results.jsonl,
and is not done again when the command is given again; seeds accumulate. With a budget, seconds of this
command, a probe first says how many steps fit with all seeds (equal for all arms), and what does not fit is
not begun. The last line is one JSON object: contrasts by endpoint as far as they have come
(bench/matched/claims.yaml, whose sha256 is in it). A piece that fails is a line of its own, and the rest
goes on.
"""

import argparse
import json
import multiprocessing
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

# ruff: noqa: E402  # the repository's root comes first
import torch
import yaml

from bench.matched import jobs
from bench.matched.contrasts import CLAIMS, summary
from services.encoders.device import configure
from services.trainer.pretrain import corpus as corpora
from services.trainer.pretrain import export, leftovers, loop
from services.trainer.pretrain import plan as plans
from services.trainer.pretrain.corpus import Corpus
from services.trainer.pretrain.loop import Hooks, Hyperparameters, State
from services.trainer.pretrain.model import Shape, flops_per_unit
from services.trainer.pretrain.run import Request, describe, prepare

Row = dict[str, Any]
Job = tuple[Callable[..., list[Row]], Row]
_PROBE_STEPS = 12
_MARGIN = 12.0  # seconds of a budget that are kept for the end
_FINE_TUNING_SHARE = 0.55  # of a budget that fine-tuning needs beside the pre-training


def main() -> None:
    """Run the chosen command."""
    arguments = _arguments()
    profile = yaml.safe_load(
        (Path(__file__).parent / f"{arguments.profile}.yaml").read_text(encoding="utf-8")
    )
    plan_path = arguments.folder / f"plan-{arguments.profile}.safetensors"
    if arguments.command == "plan" or not plan_path.exists():
        corpus = corpora.read(_paths(arguments.folder, profile), profile["inputs"])
        leftovers.check(corpus)
        sha256 = plans.make(corpus, plans.Settings(**profile["plan"])).save(plan_path)
        print(json.dumps({"plan_sha256": sha256, "bytes": plan_path.stat().st_size, "words": corpus.words}))
    if arguments.command == "run":
        experiment = Experiment(arguments, profile, plan_path)
        try:
            experiment.run()
        finally:
            experiment.close()
        print(json.dumps(experiment.finish()))


class Experiment:
    """All of it, in the order of seeds, so that what is done when time is over is whole seeds."""

    def __init__(self, arguments: argparse.Namespace, profile: Row, plan_path: Path) -> None:
        self.started = time.perf_counter()
        self.arguments, self.profile = arguments, profile
        self.out: Path = arguments.out
        self.out.mkdir(parents=True, exist_ok=True)
        self.results = self.out / "results.jsonl"
        self.rows: list[Row] = []
        if self.results.exists():
            self.rows = [json.loads(line) for line in self.results.read_text(encoding="utf-8").splitlines()]
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        configure(1)
        self.workers = arguments.workers or 1
        context = multiprocessing.get_context("spawn")
        self.pool = ProcessPoolExecutor(self.workers, mp_context=context) if arguments.workers else None
        self.pending: dict[Future[list[Row]], tuple[Job, str]] = {}
        if self.pool is not None:
            for _ in range(self.workers):
                self.pool.submit(time.sleep, 0.1)
        self.scratch: Path = arguments.scratch or self.out / "snapshots"
        self.plan = plans.load(plan_path)
        self.plan_sha256 = plans.file_hash(plan_path)
        self.log(f"plan {self.plan_sha256[:12]}, {self.device}, torch {torch.__version__}")
        self.corpus: Corpus = corpora.read(_paths(arguments.folder, profile), profile["inputs"])
        plans.check(self.plan, self.corpus)
        self.shares = {name: leftovers.shares(self.corpus, name) for name in ("phoneme", "romanized")
                       if name in self.corpus.readings}  # fmt: skip
        self.log(f"{self.corpus.words} words read")
        self.steps = int(profile["plan"]["steps"])
        self.seed_seconds = 0.0

    def run(self) -> None:
        """Pre-train, fine-tune, look; seed by seed."""
        if self.arguments.budget:
            self.steps = self.fitting_steps()
        first = self.arguments.first_seed
        for seed in range(first, first + int(self.profile["seeds"])):
            began = time.perf_counter()
            if self.seed_seconds and self.left() < self.seed_seconds:
                self.log(f"seed {seed} does not fit into the {self.left():.0f} s that are left")
                break
            for name in self.profile["inputs"]:
                self.guarded(f"pre-training {name} {seed}", lambda name=name, seed=seed: self.arm(name, seed))
                self.collect(block=False)
            self.seed_seconds = time.perf_counter() - began
        for name in self.profile["inputs"]:  # what pre-training is worth, with what time is left
            if self.left() > 60:
                self.guarded(f"untrained {name}", lambda name=name: self.arm(name, first, trained=False))
        self.collect(block=True)

    def arm(self, name: str, seed: int, trained: bool = True) -> None:
        """One encoder: pre-train it (or not), then hand it to the workers."""
        cell = {"input": name, "seed": seed, "pretrained": trained, "plan": self.plan_sha256[:16]}
        snapshot = self.scratch / f"{name}-{seed}-{'trained' if trained else 'untrained'}"
        steps = self.steps if trained else 0
        if not (snapshot / "README.md").exists() and self.missing(cell):
            request = self.request(name, seed)
            model, vocabulary, drawing = prepare(request, self.plan, self.corpus, self.device)
            began = time.perf_counter()

            def report(state: State, total: int) -> None:
                if state.step % (5 * request.hyperparameters.log_every) == 0:
                    entry = state.history[-1]
                    self.log(f"{name} {seed}: step {state.step}/{total} loss {entry['loss']:.3f} right "
                             f"{entry['accuracy']:.1f} % {entry['units_per_s']:,.0f} units/s")  # fmt: skip

            hp = request.hyperparameters
            state = loop.train(model, drawing, self.plan, hp, seed, self.device, Hooks(report), steps=steps)
            record = describe(request, self.plan, self.corpus, vocabulary, state, self.plan_sha256)
            export.save(snapshot, model, request.shape, vocabulary, record)
            if trained:
                self.keep([self.pretraining_row(cell, state, record, time.perf_counter() - began)])
            del model
        for job, label in self.jobs(cell, snapshot):
            self.submit(job, label)

    def pretraining_row(self, cell: Row, state: State, record: Row, wall: float) -> Row:
        """What the report needs of it: cost, losses, right answers by language."""
        shape, last = Shape(**self.profile["shape"]), record["history"][-1]
        rows = self.plan.settings.windows * max(1, state.step)
        flops = flops_per_unit(shape, state.units / rows) * state.units
        return {
            "kind": "pretraining",
            **cell,
            "steps": state.step,
            "units": state.units,
            "fill": round(record["fill"], 4),
            "seconds": round(state.seconds, 2),
            "wall_s": round(wall, 2),
            "units_per_s": round(state.units / max(1e-9, state.seconds)),
            "flops": flops,
            "vocabulary": record["vocabulary"],
            "unknown_share": record["unknown_share"],
            "loss": last["loss"],
            "accuracy": last["accuracy"],
            "languages": last["languages"],
            "curve": [[entry["step"], round(entry["loss"], 4)] for entry in record["history"]],
            "peak_gb": round(torch.cuda.max_memory_allocated() / 1e9, 2)
            if self.device.type == "cuda"
            else None,
        }

    def jobs(self, cell: Row, snapshot: Path) -> Iterator[tuple[Job, str]]:
        """What is to be done with an encoder and is not done."""
        languages, task_names = self.profile["languages"], self.profile["tasks"]
        common = {
            "cell": cell,
            "snapshot": str(snapshot),
            "data": str(self.arguments.folder),
            "input": cell["input"],
        }
        label = f"{cell['input']} {cell['seed']}{'' if cell['pretrained'] else ' untrained'}"
        if not self.done("cka", cell):
            yield (jobs.similarity, {**common, "languages": languages, "flores": self.profile["flores"],
                   "max_length": self.profile["shape"]["positions"]}), f"vectors of {label}"  # fmt: skip
        seeds = range(self.profile["fine_tuning_seeds"] if cell["pretrained"] else 1)
        for task in task_names:
            for seed in seeds:
                for language in languages:
                    if not self.done("score", cell, task=task, language=language, fine_tuning_seed=seed):
                        tests = languages if language == "eng" else [language]
                        job = {**common, "task": task, "language": language, "tests": tests,
                               "fine_tuning_seed": seed, "settings": self.profile["fine_tuning"]}  # fmt: skip
                        yield (jobs.fine_tune, job), f"{task} {language} of {label}"

    def missing(self, cell: Row) -> bool:
        """Whether anything is to be done with this encoder."""
        return any(True for _ in self.jobs(cell, self.scratch))

    def done(self, kind: str, cell: Row, **more: Any) -> bool:
        """Whether a result is there already."""
        wanted = {"kind": kind, **cell, **more}
        return any(all(row.get(key) == value for key, value in wanted.items()) for row in self.rows)

    def submit(self, job: Job, label: str) -> None:
        """Have a worker do it, or do it here and now."""
        function, request = job
        if self.pool is None:
            if self.left() > _MARGIN:
                self.guarded(label, lambda: self.keep(function(request)))
            return
        try:
            self.pending[self.pool.submit(function, request)] = job, label
        except BrokenProcessPool:  # a worker was killed
            self.pool = None
            self.log("the workers are gone: going on alone")
            self.submit(job, label)

    def collect(self, block: bool) -> None:
        """Take what the workers have done; wait for the rest, while there is time, if `block`."""
        while self.pending:
            timeout = max(0.0, self.left() - _MARGIN) if block else 0.0
            ready, waiting = wait(self.pending, timeout=min(timeout, 5.0))
            for future in ready:
                job, label = self.pending.pop(future)
                if isinstance(future.exception(), BrokenProcessPool):
                    self.pool = None
                    self.submit(job, label)
                else:
                    self.guarded(label, lambda future=future: self.keep(future.result()))
            if not block or not waiting:
                return
            if not ready and self.left() <= _MARGIN:
                self.log(f"{len(waiting)} pieces did not fit")
                return

    def guarded(self, label: str, piece: Callable[[], None]) -> None:
        """Do a piece; a failure is a row and not the end."""
        try:
            piece()
        except Exception as error:
            traceback.print_exc()
            self.keep([{"kind": "failure", "of": label, "error": f"{type(error).__name__}: {error}"[:500]}])

    def keep(self, rows: list[Row]) -> None:
        """Write rows down at once."""
        self.rows.extend(rows)
        with self.results.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
        for row in rows:
            if (
                row["kind"] in ("pretraining", "failure")
                or row.get("test") == row.get("language") is not None
            ):
                shown = {
                    key: row[key]
                    for key in (
                        "kind",
                        "input",
                        "seed",
                        "pretrained",
                        "task",
                        "language",
                        "score",
                        "loss",
                        "accuracy",
                        "units_per_s",
                        "fill",
                        "seconds",
                        "of",
                        "error",
                    )
                    if key in row
                }
                self.log(" ".join(f"{key}={value}" for key, value in shown.items()))

    def fitting_steps(self) -> int:
        """Steps that fit with all arms and seeds, from the speed of a dozen of each."""
        seconds = 0.0
        for name in self.profile["inputs"]:
            request = self.request(name, 0)
            model, _, drawing = prepare(request, self.plan, self.corpus, self.device)
            for steps in (3, _PROBE_STEPS):  # the first few only warm up
                if self.device.type == "cuda":
                    torch.cuda.synchronize()
                began = time.perf_counter()
                hp = request.hyperparameters
                loop.train(model, drawing, self.plan, hp, 0, self.device, Hooks(), steps=steps)
            seconds += (time.perf_counter() - began) / _PROBE_STEPS
            del model
        for_pretraining = (self.left() - _MARGIN) * (1 - _FINE_TUNING_SHARE)
        fits = int(for_pretraining / (seconds * self.profile["seeds"]))
        steps = max(20, min(int(self.profile["plan"]["steps"]), fits))
        self.log(
            f"{1000 * seconds / len(self.profile['inputs']):.1f} ms a step: {fits} steps fit, {steps} taken"
        )
        self.keep(
            [
                {
                    "kind": "probe",
                    "step_ms": 1000 * seconds / len(self.profile["inputs"]),
                    "fits": fits,
                    "steps": steps,
                }
            ]
        )
        return steps

    def request(self, name: str, seed: int) -> Request:
        """Of one arm."""
        paths = _paths(self.arguments.folder, self.profile)
        hp = Hyperparameters(**self.profile["pretraining"])
        return Request(name, paths, self.arguments.folder, Shape(**self.profile["shape"]), hp, seed)

    def left(self) -> float:
        """Seconds of the budget; without end where there is none."""
        budget = self.arguments.budget or float("inf")
        return float(budget - (time.perf_counter() - self.started))

    def close(self) -> None:
        """End the workers and remove the snapshots, unless they are wanted."""
        if self.pool is not None:
            for process in (self.pool._processes or {}).values():
                process.terminate()
            self.pool.shutdown(wait=False, cancel_futures=True)
        if not self.arguments.keep_snapshots:
            shutil.rmtree(self.scratch, ignore_errors=True)

    def finish(self) -> Row:
        """The summary, which is also OUT/summary.json."""
        found = {
            "profile": self.arguments.profile, "plan_sha256": self.plan_sha256, "steps": self.steps,
            "device": torch.cuda.get_device_name() if self.device.type == "cuda" else "cpu",
            "torch": torch.__version__, "seconds": round(time.perf_counter() - self.started, 1),
            "letters_left": self.shares, **summary(self.rows, self.profile),
        }  # fmt: skip
        (self.out / "summary.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
        shutil.copy(CLAIMS, self.out / "claims.yaml")
        return found

    def log(self, line: str) -> None:
        """To the terminal, with the seconds since the start."""
        print(f"[{time.perf_counter() - self.started:6.1f}] {line}", flush=True)


def _paths(folder: Path, profile: Row) -> dict[str, Path]:
    return {language: folder / f"text/{language}.parquet" for language in profile["languages"]}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("plan", "run"):
        command = commands.add_parser(name)
        command.add_argument("folder", type=Path)
        if name == "run":
            command.add_argument("out", type=Path)
            command.add_argument("--budget", type=float, default=0, help="seconds; 0: all of the profile")
            command.add_argument(
                "--workers", type=int, default=0, help="processes that fine-tune; 0: none but this"
            )
            command.add_argument(
                "--scratch", type=Path, help="folder of the encoders; default: OUT/snapshots"
            )
            command.add_argument("--first-seed", type=int, default=0)
            command.add_argument("--keep-snapshots", action="store_true")
        command.add_argument("--profile", default="tiny")
    return parser.parse_args()


if __name__ == "__main__":
    main()
