"""The controlled experiment on one machine: pre-train inputs × seeds by one plan, fine-tune, compare.

    python bench/matched/data.py FOLDER                          once: the corpora
    python bench/matched/run.py plan FOLDER --profile gpu        once: FOLDER/plan-gpu.safetensors
    python bench/matched/run.py run FOLDER OUT --profile gpu [--budget 330] [--workers 6] [--first-seed 0]

Only the rendering of the words differs between the arms. Workers share the accelerator, since an encoder of
this size leaves it idle most of the time. Each finished piece is a line of OUT/results.jsonl, and is not done
again when the command is given again; seeds accumulate. With a budget, seconds of this command, earlier seeds
come first and what does not fit is not begun. A piece that fails is a line of its own, and the rest goes on.
The last line is one JSON object: contrasts by endpoint as far as they have come, by the rules in
flows/profiles/claims/matched.yaml, whose sha256 is in it.
"""

import argparse
import heapq
import itertools
import json
import multiprocessing
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

# ruff: noqa: E402  # the repository's root comes first
import torch
import yaml

from bench.matched import jobs
from bench.matched.contrasts import summary
from flows.rules import claims_file
from services.trainer.pretrain import corpus as corpora
from services.trainer.pretrain import leftovers
from services.trainer.pretrain import plan as plans

Row = dict[str, Any]
_MARGIN = 10.0  # seconds of a budget that are kept for the end
_SHOWN = ("kind", "input", "seed", "pretrained", "steps", "task", "language", "score", "loss", "unigram_loss",
          "accuracy", "units_per_s", "fill", "seconds", "of", "error")  # fmt: skip


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


@dataclass(order=True)
class Piece:
    """Something for a worker to do. Pieces of an earlier seed come first, so that what is done when time is
    over is whole seeds."""

    seed: int
    order: int
    label: str = field(compare=False)
    function: Callable[[Row], list[Row]] = field(compare=False)
    request: Row = field(compare=False)
    needs: float = field(compare=False, default=0.0)  # seconds


class Experiment:
    """Hands pieces to workers while there is time, and keeps what they find."""

    def __init__(self, arguments: argparse.Namespace, profile: Row, plan_path: Path) -> None:
        self.started = time.perf_counter()
        self.arguments, self.profile, self.plan_path = arguments, profile, plan_path
        self.out: Path = arguments.out
        self.out.mkdir(parents=True, exist_ok=True)
        self.results = self.out / "results.jsonl"
        self.rows: list[Row] = []
        if self.results.exists():
            self.rows = [json.loads(line) for line in self.results.read_text(encoding="utf-8").splitlines()]
        self.workers = max(1, arguments.workers)
        context = multiprocessing.get_context("spawn")
        self.pool = ProcessPoolExecutor(self.workers, mp_context=context) if arguments.workers else None
        self.scratch: Path = arguments.scratch or self.out / "snapshots"
        self.plan_sha256 = plans.file_hash(plan_path)
        self.ready: list[Piece] = []
        self.pending: dict[Future[list[Row]], Piece] = {}
        self.log(f"plan {self.plan_sha256[:12]}, {device_name()}, torch {torch.__version__}")

    def run(self) -> None:
        """All pieces, the first seed's first; last, what pre-training is worth: the same without it."""
        first = self.arguments.first_seed
        for seed in range(first, first + int(self.profile["seeds"])):
            for name in self.profile["inputs"]:
                self.begin(name, seed, True)
        if self.profile.get("untrained", True):
            for name in self.profile["inputs"]:
                self.begin(name, first, False)
        while self.ready or self.pending:
            while self.ready and len(self.pending) < self.workers:
                self.hand_out(heapq.heappop(self.ready))
            if not self.collect():
                break

    def begin(self, name: str, seed: int, trained: bool) -> None:
        """Queue an encoder, unless all that it is for is done."""
        cell = {"input": name, "seed": seed, "pretrained": trained, "plan": self.plan_sha256[:16]}
        snapshot = self.scratch / f"{name}-{seed}-{'trained' if trained else 'untrained'}"
        pieces = list(self.jobs(cell, snapshot))
        if not pieces:
            return
        if (snapshot / "README.md").exists():
            for piece in pieces:
                heapq.heappush(self.ready, piece)
            return
        request = {
            "cell": cell, "input": name, "seed": seed, "snapshot": str(snapshot), "profile": self.profile,
            "folder": str(self.arguments.folder), "plan": str(self.plan_path),
            "steps": None if trained else 0,
        }  # fmt: skip
        label = f"{'pre-training' if trained else 'random weights of'} {name} {seed}"
        needs = float(self.profile.get("seconds", 0)) if trained else 0.0
        heapq.heappush(self.ready, Piece(seed if trained else 10**6, 0, label, jobs.pretrain, request, needs))

    def hand_out(self, piece: Piece) -> None:
        """Have a worker do it, or do it here and now; not at all when time is short."""
        if self.left() < _MARGIN + piece.needs:
            self.log(f"no time for {piece.label}")
            return
        if self.pool is None:
            self.guarded(piece, lambda: self.keep(piece, piece.function(piece.request)))
            return
        try:
            self.pending[self.pool.submit(piece.function, piece.request)] = piece
        except BrokenProcessPool:  # a worker was killed
            self.pool = None
            self.log("the workers are gone: going on alone")
            self.hand_out(piece)

    def collect(self) -> bool:
        """Take what the workers have done; False when time is over."""
        if not self.pending:
            return True
        ready, _ = wait(
            self.pending, timeout=min(2.0, max(0.0, self.left() - _MARGIN)), return_when=FIRST_COMPLETED
        )
        for future in ready:
            piece = self.pending.pop(future)
            if isinstance(future.exception(), BrokenProcessPool):
                self.pool = None
                heapq.heappush(self.ready, piece)
            else:
                self.guarded(piece, partial(self.keep_result, piece, future))
        if not ready and self.left() <= _MARGIN:
            self.log(f"{len(self.pending)} pieces did not end in time, {len(self.ready)} were not begun")
            return False
        return True

    def guarded(self, piece: Piece, take: Callable[[], None]) -> None:
        """A failure is a row and not the end."""
        try:
            take()
        except Exception as error:
            traceback.print_exc()
            text = f"{type(error).__name__}: {error}"[:500]
            self.write([{"kind": "failure", "of": piece.label, "error": text}])

    def keep(self, piece: Piece, rows: list[Row]) -> None:
        """Write rows down at once, and queue what an encoder is for."""
        self.write(rows)
        if piece.function is jobs.pretrain:
            for following in self.jobs(piece.request["cell"], Path(piece.request["snapshot"])):
                heapq.heappush(self.ready, following)

    def keep_result(self, piece: Piece, future: Future[list[Row]]) -> None:
        """What a worker made; raises what it raised."""
        self.keep(piece, future.result())

    def write(self, rows: list[Row]) -> None:
        """To memory, to the file, and in short to the terminal."""
        self.rows.extend(rows)
        with self.results.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
        for row in rows:
            shown = {key: row[key] for key in _SHOWN if key in row}
            if row["kind"] != "cka" and row.get("test") == row.get("language"):
                self.log(" ".join(f"{key}={value}" for key, value in shown.items()))

    def jobs(self, cell: Row, snapshot: Path) -> Iterator[Piece]:
        """What is to be done with an encoder and is not done."""
        languages, task_names = self.profile["languages"], self.profile["tasks"]
        tuned: list[str] = self.profile.get("fine_tuned_languages") or languages
        common = {
            "cell": cell,
            "snapshot": str(snapshot),
            "data": str(self.arguments.folder),
            "input": cell["input"],
        }
        label = f"{cell['input']} {cell['seed']}{'' if cell['pretrained'] else ' untrained'}"
        place = cell["seed"] if cell["pretrained"] else 10**6
        if not self.done("cka", cell):
            request = {**common, "languages": languages, "flores": self.profile["flores"],
                       "max_length": self.profile["shape"]["positions"]}  # fmt: skip
            yield Piece(place, 2, f"vectors of {label}", jobs.similarity, request)
        seeds = range(self.profile["fine_tuning_seeds"] if cell["pretrained"] else 1)
        for task, seed, language in itertools.product(task_names, seeds, tuned):
            if not self.done("score", cell, task=task, language=language, fine_tuning_seed=seed):
                request = {
                    **common,
                    "task": task,
                    "language": language,
                    "fine_tuning_seed": seed,
                    "tests": tuned if language == "eng" else [language],
                    "settings": self.profile["fine_tuning"],
                }
                yield Piece(place, 1, f"{task} {language} of {label}", jobs.fine_tune, request)

    def done(self, kind: str, cell: Row, **more: Any) -> bool:
        """Whether a result is there already."""
        wanted = {"kind": kind, **cell, **more}
        return any(all(row.get(key) == value for key, value in wanted.items()) for row in self.rows)

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
            "profile": self.arguments.profile, "plan_sha256": self.plan_sha256, "device": device_name(),
            "torch": torch.__version__, "seconds": round(time.perf_counter() - self.started, 1),
            **summary(self.rows, self.profile),
        }  # fmt: skip
        (self.out / "summary.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
        shutil.copy(claims_file("matched"), self.out / "claims.yaml")
        return found

    def log(self, line: str) -> None:
        """To the terminal, with the seconds since the start."""
        print(f"[{time.perf_counter() - self.started:6.1f}] {line}", flush=True)


def device_name() -> str:
    """The accelerator's, or cpu."""
    return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"


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
            command.add_argument("--workers", type=int, default=0, help="processes; 0: none but this")
            command.add_argument(
                "--scratch", type=Path, help="folder of the encoders; default: OUT/snapshots"
            )
            command.add_argument("--first-seed", type=int, default=0)
            command.add_argument("--keep-snapshots", action="store_true")
        command.add_argument("--profile", default="tiny")
    return parser.parse_args()


if __name__ == "__main__":
    main()
