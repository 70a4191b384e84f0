"""The child process that trains: `python -m isogloss.child services.trainer.worker`."""

import time
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

import torch

from isogloss import child, logs
from isogloss.artifacts import JSON, JSON_LINES, PARQUET, SAFETENSORS, Artifact
from isogloss.checkpoints import Checkpoints
from isogloss.child import Json, Reporter
from isogloss.code_version import version_of
from isogloss.inputs import input_named
from isogloss.scratch import folder
from isogloss.settings import settings
from isogloss.store import Store
from isogloss.tasks import Task
from services.encoders import bundle
from services.encoders import device as devices
from services.encoders.models import Scratch
from services.encoders.vocabulary import units_of_corpora
from services.trainer.engine.callback import Callbacks
from services.trainer.engine.loop import AUTO, Hyperparameters, choose
from services.trainer.engine.run import Request, run
from services.trainer.engine.state import step_of
from services.trainer.pretraining import pretrain
from services.trainer.track import TensorBoard
from services.trainer.watch import Watcher

_MEDIA_TYPES = {".parquet": PARQUET, ".safetensors": SAFETENSORS, ".json": JSON, ".jsonl": JSON_LINES}


def train(job: Json, reporter: Reporter) -> Json:
    """Handler: one run. `job` is what `convert.train_job` makes; the answer is {files, result, hardware}."""
    store = _store()
    checkpoints = Checkpoints(store, job["kind"], job["key"])
    numerics = choose(job["hyperparameters"]["precision"], devices.pick(), settings().torch_compile)
    with folder("train") as directory:
        reporter.progress(phase="fetching inputs")
        request = _fetch(job, store, directory)
        watcher = Watcher(
            reporter,
            lambda files: checkpoints.save(time.time_ns(), files),
            settings().checkpoint_every_s,
            request.hyperparameters.epochs,
        )
        found = checkpoints.load()
        checkpoint = found[1] if found else None
        if checkpoint is not None:
            watcher.resumed(step_of(checkpoint))
        logs_dir = settings().tensorboard_dir
        callback = Callbacks([watcher, *([TensorBoard(logs_dir / job["key"])] if logs_dir else [])])
        outcome = run(request, directory, numerics, callback, checkpoint)
        reporter.progress(phase="storing results")
        files = _upload(job, store, directory)
    hardware = devices.describe(numerics.device) | outcome.numerics
    return {"files": files, "result": asdict(outcome), "hardware": hardware}


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
        units = units_of_corpora(scratch, input_named(job["input"]), corpora, "encoder.scratch")
    return Request(
        task=Task.from_json(job["task"]),
        input=input_named(job["input"]),
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
    numerics = choose(AUTO, devices.pick(), settings().torch_compile)
    version = version_of(
        "services.trainer.worker",
        libraries=devices.LIBRARIES,
        compiled=str(numerics.compiled),
        precision_auto=numerics.precision,
        **devices.environment(),
    )
    child.serve(
        {"train": train, "pretrain": lambda job, reporter: pretrain(job, reporter, _store())}, version
    )
