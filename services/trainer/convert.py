"""Between the trainer's messages and plain values: requests checked whole before any work starts, results
built.
"""

import re
from collections.abc import Mapping
from typing import Any

from isogloss.artifacts import Artifact, bundle_from_proto, bundle_to_proto
from isogloss.errors import InvalidInput
from isogloss.inputs import Input, input_named
from isogloss.languages import check_code
from isogloss.trainer.v1 import trainer_pb2 as pb
from isogloss.wire import task_from_proto
from isogloss.work import Done, record_to_proto
from services.encoders import bundle
from services.encoders.scratch import choice, scratch_job, within

Json = dict[str, Any]

SCHEDULES = {
    pb.SCHEDULE_UNSPECIFIED: "cosine",
    pb.SCHEDULE_CONSTANT: "constant",
    pb.SCHEDULE_LINEAR: "linear",
    pb.SCHEDULE_COSINE: "cosine",
}
LABEL_SCHEMES = {
    pb.LABEL_SCHEME_UNSPECIFIED: "first_unit",
    pb.LABEL_SCHEME_FIRST_UNIT: "first_unit",
    pb.LABEL_SCHEME_EVERY_UNIT: "every_unit",
    pb.LABEL_SCHEME_WORD_MEAN: "word_mean",
}
PRECISIONS = {
    pb.PRECISION_UNSPECIFIED: "auto",
    pb.PRECISION_AUTO: "auto",
    pb.PRECISION_FLOAT32: "float32",
    pb.PRECISION_BFLOAT16: "bfloat16",
}

WEIGHTS, SHARDS = "model.safetensors", "model.safetensors.index.json"
_EVALUATION_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_MOST_EVALUATIONS = 64
_MODEL_PREFIX = "model."  # files of the model's bundle in the manifest


def train_job(request: pb.TrainRequest) -> Json:
    """The request as the worker reads it. Raises `InvalidInput` on the first field that cannot be used."""
    task = task_from_proto(request.task, "task")
    of = input_named(request.input)
    check_code(request.language)
    if request.hyperparameters.lora_rank and request.encoder.WhichOneof("source") == "scratch":
        fix = "Use a snapshot, or leave lora out: random weights that stay have nothing to adapt."
        raise InvalidInput("hyperparameters.lora_rank", "the encoder is from scratch", fix)
    return {
        "task": task.to_json(),
        "input": of.name,
        "language": request.language,
        "seed": request.seed,
        "hyperparameters": _hyperparameters(request.hyperparameters),
        "train": Artifact.from_proto(request.train, "train").to_json(),
        "dev": Artifact.from_proto(request.dev, "dev").to_json(),
        "evaluations": _evaluations(request),
        **_encoder(request.encoder, of),
    }


def train_result(done: Done) -> pb.TrainResult:
    """The manifest as the answer to the call."""
    result, files = done.manifest.result, done.manifest.files
    model = {
        name.removeprefix(_MODEL_PREFIX): item
        for name, item in files.items()
        if name.startswith(_MODEL_PREFIX)
    }
    return pb.TrainResult(
        record=record_to_proto(done),
        model=bundle_to_proto(model),
        evaluations=[_evaluation(item, files) for item in result["evaluations"]],
        best_epoch=result["best_epoch"],
        history=files["history.jsonl"].to_proto(),
        train_s=result["train_s"],
        tokens_per_s=result["tokens_per_s"],
    )


def import_result(done: Done) -> pb.ImportModelResult:
    """The same for ImportModel."""
    return pb.ImportModelResult(record=record_to_proto(done), snapshot=bundle_to_proto(done.manifest.files))


def _evaluation(item: Mapping[str, Any], files: Mapping[str, Artifact]) -> pb.EvaluationResult:
    return pb.EvaluationResult(
        name=item["name"],
        score=item["score"],
        scores=item["scores"],
        predictions=files[f"predictions-{item['name']}.parquet"].to_proto(),
        sentences=item["sentences"],
        truncated=item["truncated"],
        classes=[pb.ClassScore(**entry) for entry in item["classes"]],
        confusion=[count for row in item["confusion"] for count in row],
    )


def _encoder(encoder: pb.Encoder, of: Input) -> Json:
    match encoder.WhichOneof("source"):
        case "snapshot":
            files = bundle_from_proto(encoder.snapshot, "encoder.snapshot")
            sharded = SHARDS in files
            if WEIGHTS not in files and not sharded and any(name.endswith(".bin") for name in files):
                fix = "Convert it with ImportModel first."
                raise InvalidInput(
                    "encoder.snapshot", "its weights are pickled, which is never read here", fix
                )
            bundle.check(files, ("config.json", SHARDS if sharded else WEIGHTS), "encoder.snapshot")
            snapshot = {name: item.to_json() for name, item in files.items()}
            return {"snapshot": snapshot, "scratch": None, "vocabulary_corpora": []}
        case "scratch":
            return {"snapshot": None, **scratch_job(encoder.scratch, of, "encoder.scratch")}
        case _:
            raise InvalidInput("encoder", "has no source", "Set snapshot or scratch.")


def _hyperparameters(hp: pb.Hyperparameters) -> Json:
    place = "hyperparameters"
    within(f"{place}.learning_rate", hp.learning_rate, 1e-9, 1.0)
    within(f"{place}.weight_decay", hp.weight_decay, 0.0, 10.0)
    within(f"{place}.epochs", hp.epochs, 1, 1000)
    within(f"{place}.batch_size", hp.batch_size, 1, 8192)
    within(f"{place}.warmup_ratio", hp.warmup_ratio, 0.0, 1.0)
    within(f"{place}.max_grad_norm", hp.max_grad_norm, 0.0, 1e6)
    within(f"{place}.max_length", hp.max_length, 8, 16_384)
    within(f"{place}.early_stop_epochs", hp.early_stop_epochs, 0, 1000)
    within(f"{place}.train_fraction", hp.train_fraction, 0.0, 1.0)
    within(f"{place}.lora_rank", hp.lora_rank, 0, 256)
    return {
        "learning_rate": hp.learning_rate,
        "weight_decay": hp.weight_decay,
        "epochs": hp.epochs,
        "batch_size": hp.batch_size,
        "schedule": choice(f"{place}.schedule", hp.schedule, SCHEDULES, pb.Schedule),
        "warmup_ratio": hp.warmup_ratio,
        "max_grad_norm": hp.max_grad_norm,
        "max_length": hp.max_length,
        "early_stop_epochs": hp.early_stop_epochs,
        "label_scheme": choice(f"{place}.label_scheme", hp.label_scheme, LABEL_SCHEMES, pb.LabelScheme),
        "train_fraction": hp.train_fraction,
        "precision": choice(f"{place}.precision", hp.precision, PRECISIONS, pb.Precision),
        "lora_rank": hp.lora_rank,
    }


def _evaluations(request: pb.TrainRequest) -> list[Json]:
    if not 1 <= len(request.evaluations) <= _MOST_EVALUATIONS:
        raise InvalidInput(
            "evaluations", f"{len(request.evaluations)} sets", f"Send 1 to {_MOST_EVALUATIONS}."
        )
    seen: set[str] = set()
    found = []
    for number, item in enumerate(request.evaluations):
        place = f"evaluations[{number}]"
        if not _EVALUATION_NAME.fullmatch(item.name):
            raise InvalidInput(
                f"{place}.name", f"not a name: {item.name!r}", "Use letters, digits, '_' and '-'."
            )
        if item.name in seen:
            raise InvalidInput(
                f"{place}.name", f"{item.name!r} stands twice", "Give each set a name of its own."
            )
        seen.add(item.name)
        corpus = Artifact.from_proto(item.corpus, f"{place}.corpus").to_json()
        found.append({"name": item.name, "corpus": corpus})
    return found
