"""The child process that trains: `python -m services.trainer.worker`, started and spoken to by
`isogloss.child`.
"""

import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import torch

from isogloss import child, logs
from isogloss.artifacts import JSON, JSON_LINES, PARQUET, SAFETENSORS, Artifact
from isogloss.child import Json, Reporter
from isogloss.errors import Stopped
from isogloss.settings import settings
from isogloss.store import Store
from services.encoders import bundle
from services.encoders import device as devices
from services.encoders.corpus import read_words
from services.encoders.models import UNIT_KINDS, Scratch
from services.encoders.units import CodePoints, Units, Vocabulary, WordPieces
from services.encoders.vocabulary import build_word_level, build_word_piece
from services.trainer.engine.config import Hyperparameters
from services.trainer.engine.loop import Hooks
from services.trainer.engine.run import Request, Watch, run
from services.trainer.engine.state import State

_REPORT_EVERY_S = 0.5
_MEDIA_TYPES = {".parquet": PARQUET, ".safetensors": SAFETENSORS, ".json": JSON, ".jsonl": JSON_LINES}


def train(job: Json, reporter: Reporter) -> Json:
    """Handler: one run. `job` is what `convert.train_job` makes; the answer is {files, result, hardware}."""
    store = _store()
    device = devices.pick()
    with tempfile.TemporaryDirectory(dir=settings().scratch_dir, prefix="isogloss-train-") as folder:
        directory = Path(folder)
        reporter.progress(phase="fetching inputs")
        request = _fetch(job, store, directory)
        found = store.load_checkpoint(job["kind"], job["key"])
        watch = _watch(job, store, reporter)
        outcome = run(request, directory, device, watch, found[1] if found else None)
        reporter.progress(phase="storing results")
        files = _upload(job, store, directory)
    store.drop_checkpoint(job["kind"], job["key"])
    return {"files": files, "result": asdict(outcome), "hardware": devices.describe(device)}


def _fetch(job: Json, store: Store, directory: Path) -> Request:
    """All inputs as local files; equal artifacts are fetched once."""
    inputs = directory / "inputs"
    inputs.mkdir()

    def local(item: Json) -> Path:
        artifact = Artifact.from_json(item)
        path = inputs / artifact.sha256
        return path if path.exists() else store.fetch(artifact, path)

    snapshot = scratch = units = None
    if job["snapshot"] is not None:
        files = {name: Artifact.from_json(item) for name, item in job["snapshot"].items()}
        snapshot = bundle.fetch(store, files, directory / "snapshot")
    else:
        scratch = Scratch(**job["scratch"])
        corpora = tuple((item["sha256"], local(item)) for item in job["vocabulary_corpora"])
        units = _scratch_units(scratch, job["input"], corpora)
    return Request(
        task=job["task"],
        input=job["input"],
        language=job["language"],
        hyperparameters=Hyperparameters(**job["hyperparameters"]),
        seed=job["seed"],
        train=local(job["train"]),
        dev=local(job["dev"]),
        evaluations={item["name"]: local(item["corpus"]) for item in job["evaluations"]},
        snapshot=snapshot,
        scratch=scratch,
        scratch_units=units,
    )


# All cells of a comparison share one vocabulary: read it off the corpora once per child.
_known_units: dict[tuple[Any, ...], Units] = {}


def _scratch_units(scratch: Scratch, input_name: str, corpora: tuple[tuple[str, Path], ...]) -> Units:
    kind = UNIT_KINDS[scratch.architecture]
    if kind == CodePoints.kind:
        return CodePoints(input_name)
    name = (kind, input_name, scratch.vocabulary_size, tuple(sha256 for sha256, _ in corpora))
    if name not in _known_units:
        field = "encoder.scratch.vocabulary_corpora"
        words = chain.from_iterable(
            read_words(path, input_name, f"{field}[{number}]") for number, (_, path) in enumerate(corpora)
        )
        size = scratch.vocabulary_size
        _known_units[name] = (
            WordPieces(build_word_piece(words, size), field)
            if kind == WordPieces.kind
            else Vocabulary(build_word_level(words, input_name, size), input_name, field)
        )
    return _known_units[name]


def _watch(job: Json, store: Store, reporter: Reporter) -> Watch:
    """Reports twice a second; looks for a stop at every step; saves a checkpoint on a stop and every N
    seconds.
    """
    seconds = _Every(_REPORT_EVERY_S)
    checkpoints = _Every(settings().checkpoint_every_s)
    started = time.monotonic()
    done_before: list[int] = []

    def report(state: State, total: int, measures: Mapping[str, float]) -> None:
        done_before.append(state.step) if not done_before else None
        if seconds.due():
            pace = (time.monotonic() - started) / max(1, state.step - done_before[0] + 1)
            reporter.progress(
                phase=f"epoch {state.epoch + 1}",
                done=state.step,
                total=total,
                unit="step",
                eta_s=pace * (total - state.step),
                measures=dict(measures),
            )

    def safe_point(make_checkpoint: Callable[[], dict[str, bytes]]) -> None:
        if reporter.stopping() or checkpoints.due():
            files = make_checkpoint()
            store.save_checkpoint(job["kind"], job["key"], time.time_ns(), files)
        if reporter.stopping():
            raise Stopped

    def batch(phase: str, done: int, total: int) -> None:
        if reporter.stopping():
            raise Stopped
        if seconds.due():
            reporter.progress(phase=phase, done=done, total=total, unit="sentence")

    return Watch(lambda phase: reporter.progress(phase=phase), batch, Hooks(report, safe_point))


class _Every:
    """True once in `seconds`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last = time.monotonic()

    def due(self) -> bool:
        now = time.monotonic()
        if now - self._last < self._seconds:
            return False
        self._last = now
        return True


def _upload(job: Json, store: Store, directory: Path) -> dict[str, Json]:
    """Results by their name in the manifest: `model.<file>` for the bundle, the bare name for the rest."""
    found = {path.name: path for path in directory.iterdir() if path.suffix in (".parquet", ".jsonl")}
    found |= {f"model.{path.name}": path for path in (directory / "model").iterdir()}
    return {
        name: store.put_file(
            job["kind"], job["key"], job["attempt"], name, path, _MEDIA_TYPES[path.suffix]
        ).to_json()
        for name, path in sorted(found.items())
    }


@lru_cache
def _store() -> Store:
    return Store.from_settings(settings())


def main() -> None:
    """Serve jobs until the parent is gone."""
    logs.configure("trainer-worker", settings().log_level)
    devices.configure(settings().torch_threads)
    torch.use_deterministic_algorithms(not torch.cuda.is_available())
    child.serve({"train": train})


if __name__ == "__main__":
    main()
