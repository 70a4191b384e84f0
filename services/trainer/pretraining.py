"""The worker's handler of Pretrain: inputs fetched, a plan at hand, a run watched, results stored."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from isogloss.artifacts import JSON, JSON_LINES, SAFETENSORS, Artifact
from isogloss.checkpoints import Checkpoints
from isogloss.child import Json, Reporter
from isogloss.errors import Stopped
from isogloss.scratch import folder
from isogloss.settings import settings
from isogloss.store import Store
from services.encoders import device as devices
from services.trainer.engine.loop import choose
from services.trainer.pretrain import corpus as corpora
from services.trainer.pretrain import plan as plans
from services.trainer.pretrain.loop import Hooks, Hyperparameters, State
from services.trainer.pretrain.model import Shape
from services.trainer.pretrain.run import Outcome, Request, run
from services.trainer.watch import REPORT_EVERY_S, SAVING_SHARE

_MEDIA_TYPES = {".safetensors": SAFETENSORS, ".json": JSON, ".jsonl": JSON_LINES, ".md": "text/markdown"}
PLAN = "plan.safetensors"


def pretrain(job: Json, reporter: Reporter, store: Store) -> Json:
    """One run. `job` is what `convert_pretrain.pretrain_job` makes; the answer is {files, result,
    hardware}."""
    checkpoints = Checkpoints(store, job["kind"], job["key"])
    numerics = choose(job["hyperparameters"]["precision"], devices.pick(), settings().torch_compile)
    with folder("pretrain") as directory:
        reporter.progress(phase="fetching inputs")
        request = _fetch(job, store, directory)
        hp = replace(request.hyperparameters, precision=numerics.precision, compiled=numerics.compiled)
        found = checkpoints.load()
        watcher = _Watcher(reporter, lambda files: checkpoints.save(time.time_ns(), files))
        target = directory / "snapshot"
        outcome = run(
            replace(request, hyperparameters=hp), target, numerics.device, watcher.hooks(), found and found[1]
        )
        lines = "".join(json.dumps(entry) + "\n" for entry in outcome.state.history)
        (directory / "history.jsonl").write_text(lines, encoding="utf-8")
        reporter.progress(phase="storing results")
        local = {path.name: path for path in (directory / PLAN, directory / "history.jsonl")}
        local |= {f"snapshot.{path.name}": path for path in target.iterdir()}
        files = {
            name: store.put_file(
                job["kind"], job["key"], job["attempt"], name, path, _MEDIA_TYPES[path.suffix]
            ).to_json()
            for name, path in sorted(local.items())
        }
    hardware = devices.describe(numerics.device) | {"precision": numerics.precision}
    return {"files": files, "result": _result(outcome), "hardware": hardware}


def _fetch(job: Json, store: Store, directory: Path) -> Request:
    """All inputs as local files, and the plan, made where none was sent."""
    local = {}
    for language, item in job["corpora"].items():
        artifact = Artifact.from_json(item)
        path = directory / f"{artifact.sha256}.parquet"
        local[language] = path if path.exists() else store.fetch(artifact, path)
    if job["plan"] is not None:
        store.fetch(Artifact.from_json(job["plan"]), directory / PLAN)
    else:
        made = plans.make(corpora.read(local, job["inputs"]), plans.Settings(**job["settings"]))
        made.save(directory / PLAN)
    return Request(
        input=job["input"],
        corpora=local,
        plan=directory / PLAN,
        shape=Shape(**job["shape"]),
        hyperparameters=Hyperparameters(**job["hyperparameters"]),
        seed=job["seed"],
        about={"renderer": job["renderer"]},
    )


class _Watcher:
    """Reports as the history grows, looks for a stop at every step, and saves a checkpoint on a stop and
    every `checkpoint_every_s` seconds, less often where saving takes more than a tenth of the time.
    """

    def __init__(self, reporter: Reporter, save: Callable[[dict[str, bytes]], None]) -> None:
        self._reporter, self._save = reporter, save
        self._every_s = settings().checkpoint_every_s
        self._save_at = time.monotonic() + self._every_s
        self._reported = 0.0
        self._began: tuple[float, int] | None = None

    def hooks(self) -> Hooks:
        """As the loop takes them."""
        return Hooks(self._report, self._safe_point)

    def _report(self, state: State, total: int) -> None:
        now = time.monotonic()
        since, step = self._began = self._began or (now, state.step)
        if now - self._reported < REPORT_EVERY_S:
            return
        self._reported = now
        entry = state.history[-1]
        pace = (now - since) / (state.step - step) if state.step > step else 0.0
        names = ("loss", "accuracy", "learning_rate", "units_per_s", "fill")
        self._reporter.progress(
            phase="pre-training",
            done=state.step,
            total=total,
            unit="step",
            eta_s=pace * (total - state.step),
            measures={name: entry[name] for name in names},
        )

    def _safe_point(self, make_checkpoint: Callable[[], dict[str, bytes]]) -> None:
        stopping = self._reporter.stopping()
        started = time.monotonic()
        if stopping or started >= self._save_at:
            self._save(make_checkpoint())
            self._save_at = started + max(self._every_s, (time.monotonic() - started) / SAVING_SHARE)
        if stopping:
            raise Stopped


def _result(outcome: Outcome) -> Json:
    record, state = outcome.record, outcome.state
    last = state.history[-1]["languages"]
    languages = [
        {"language": name, "words": record["words"][name], "loss": last.get(name, {}).get("loss", 0.0),
         "accuracy": last.get(name, {}).get("accuracy", 0.0)}
        for name in record["languages"]
    ]  # fmt: skip
    return {
        "languages": languages,
        "vocabulary": record["vocabulary"],
        "unknown_share": record["unknown_share"],
        "units": state.units,
        "fill": record["fill"],
        "train_s": state.seconds,
        "units_per_s": state.units / max(1e-9, state.seconds),
        "resumed_at": state.resumed_at,
    }
