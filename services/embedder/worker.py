"""The child process that runs models forward: `python -m isogloss.child services.embedder.worker`."""

from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

import torch
from safetensors.torch import save

from isogloss import child, logs
from isogloss.artifacts import PARQUET, SAFETENSORS, Artifact
from isogloss.child import Json, Reporter
from isogloss.code_version import version_of
from isogloss.errors import Stopped
from isogloss.inputs import Input, input_named
from isogloss.scratch import folder
from isogloss.settings import settings
from isogloss.store import Store
from services.embedder.engine.embed import POSITIONS_PER_BATCH, embed
from services.encoders import bundle, models
from services.encoders import device as devices
from services.encoders.classifier import Classifier
from services.encoders.corpus import read_labelled, read_text, text_example
from services.encoders.evaluation import evaluate, prediction_table, to_parquet
from services.encoders.models import Description
from services.encoders.predict import predict
from services.encoders.units import Units, encode
from services.encoders.vocabulary import units_of_corpora

MOST_UNITS = 2048  # of a sentence that an untrained encoder reads; what is longer is cut, and counted

_Model = tuple[Classifier, Units, Input, Description | None]
_last: dict[str, _Model] = {}  # the model used last: a comparison reads many languages with each


def embed_corpus(job: Json, reporter: Reporter) -> Json:
    """Handler of Embed: vectors.safetensors with `vectors`, `lengths` (units), `words` and `characters`."""
    store, device = _store(), devices.pick()
    with folder("embed") as directory:
        model, units, of, _ = _load(job, store, directory, reporter)
        corpus = store.fetch(Artifact.from_json(job["corpus"]), directory / "corpus.parquet")
        examples = read_text(corpus, of, "corpus")

    def on_batch(done: int, total: int) -> None:
        _go_on(reporter, "embedding", done, total)

    if job["untrained_seed"] is not None and not job.get("scratch"):
        model = models.untrained_twin(model, job["untrained_seed"])
    found = embed(model, units, examples, job["layer"], job["content"], device, on_batch)
    data = save(
        {
            "vectors": found.vectors.contiguous(),
            "lengths": found.units,
            "words": found.words,
            "characters": found.characters,
        }
    )
    name = "vectors.safetensors"
    stored = store.put(job["kind"], job["key"], job["attempt"], name, data, SAFETENSORS)
    result = {
        "sentences": found.vectors.shape[0],
        "dimensions": found.vectors.shape[1],
        "truncated": found.truncated,
    }
    return {"files": {name: stored.to_json()}, "result": result, "hardware": devices.describe(device)}


def embed_texts(job: Json, reporter: Reporter) -> Json:
    """Handler of EmbedTexts: the vectors themselves, which are few."""
    with folder("embed") as directory:
        model, units, of, _ = _load(job, _store(), directory, reporter)

    def on_batch(done: int, total: int) -> None:
        _go_on(reporter, "embedding", done, total)

    examples = [text_example(text, of, f"texts[{n}]") for n, text in enumerate(job["texts"])]
    found = embed(model, units, examples, job["layer"], job["content"], devices.pick(), on_batch)
    lengths = zip(found.units.tolist(), found.words.tolist(), found.characters.tolist(), strict=True)
    return {
        "vectors": [
            {"values": values, "units": units, "words": words, "characters": characters}
            for values, (units, words, characters) in zip(found.vectors.tolist(), lengths, strict=True)
        ]
    }


def predict_corpus(job: Json, reporter: Reporter) -> Json:
    """Handler of Predict: predictions.parquet and the scores of a labelled corpus."""
    store, device = _store(), devices.pick()
    with folder("predict") as directory:
        model, units, _, description = _load(job, store, directory, reporter)
        assert description is not None, "a request without isogloss.json is refused"
        task = description.task
        corpus = store.fetch(Artifact.from_json(job["corpus"]), directory / "corpus.parquet")
        examples = read_labelled(
            corpus, task, description.input, "corpus", lambda rows: _go_on(reporter, "reading", rows, 0)
        )

    def on_batch(done: int) -> None:
        _go_on(reporter, "predicting", done, len(examples))

    model.to(device)
    sequences = [encode(units, example.readings, description.max_length) for example in examples]
    budget = POSITIONS_PER_BATCH[device.type]
    outputs = predict(model, sequences, units.frame, task, description.label_scheme, device, budget, on_batch)
    probabilities = [output.probabilities for output in outputs]
    table = prediction_table(task, examples, sequences, probabilities, [output.units for output in outputs])
    name = "predictions.parquet"
    stored = store.put(job["kind"], job["key"], job["attempt"], name, to_parquet(table), PARQUET)
    result = asdict(evaluate(table))
    return {"files": {name: stored.to_json()}, "result": result, "hardware": devices.describe(device)}


def _load(job: Json, store: Store, directory: Path, reporter: Reporter) -> _Model:
    if job.get("scratch"):
        return _drawn(job, store, directory)
    files = {name: Artifact.from_json(item) for name, item in job["model"].items()}
    identity = "/".join([f"{name}={files[name].sha256}" for name in sorted(files)] + [str(job.get("input"))])
    if identity not in _last:
        reporter.progress(phase="loading model")
        loaded = _read(bundle.fetch(store, files, directory / "model"), job.get("input"))
        _last.clear()
        _last[identity] = loaded
    return _last[identity]


def _drawn(job: Json, store: Store, directory: Path) -> _Model:
    """An encoder from random weights, the same for every corpus that one vocabulary is shared by."""
    identity = repr([job[name] for name in ("scratch", "vocabulary_corpora", "input", "untrained_seed")])
    if identity not in _last:
        scratch, of = models.Scratch(**job["scratch"]), input_named(job["input"])
        corpora = [Artifact.from_json(item) for item in job["vocabulary_corpora"]]
        paths = [(item.sha256, store.fetch(item, directory / item.sha256)) for item in corpora]
        units = units_of_corpora(scratch, of, paths, "scratch")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(job["untrained_seed"])
            model = models.from_scratch(scratch, units, classes=2, pooled=False, max_length=MOST_UNITS)
        _last.clear()
        _last[identity] = (model, units, of, None)
    return _last[identity]


def _read(directory: Path, input_name: str | None) -> _Model:
    """A trained model, or a snapshot that reads the given input."""
    if input_name is None:
        model, units, description = models.load(directory, "model")
        return model, units, description.input, description
    of = input_named(input_name)
    model, units = models.from_snapshot(directory, of, classes=2, pooled=False, field="model")
    return model, units, of, None


def _go_on(reporter: Reporter, phase: str, done: int, total: int) -> None:
    if reporter.stopping():
        raise Stopped
    reporter.progress(phase=phase, done=done, total=total, unit="sentence")


@lru_cache
def _store() -> Store:
    return Store.from_settings(settings())


def main() -> None:
    """Serve jobs until the parent is gone."""
    logs.configure("embedder-worker", settings().log_level)
    devices.configure(settings().torch_threads)
    version = version_of("services.embedder.worker", libraries=devices.LIBRARIES, **devices.environment())
    child.serve({"embed": embed_corpus, "embed-texts": embed_texts, "predict": predict_corpus}, version)
