"""Between Pretrain's messages and plain values."""

from typing import Any

from isogloss.artifacts import Artifact, bundle_to_proto
from isogloss.errors import InvalidInput
from isogloss.inputs import input_named
from isogloss.languages import check_code
from isogloss.trainer.v1 import trainer_pb2 as pb
from isogloss.work import Done, record_to_proto
from services.encoders.scratch import choice, within
from services.trainer.convert import PRECISIONS, SCHEDULES

Json = dict[str, Any]

_MOST_CORPORA = 256
_PREFIX = "snapshot."  # files of the snapshot's bundle in the manifest


def pretrain_job(request: pb.PretrainRequest) -> Json:
    """The request as the worker reads it. Raises `InvalidInput` on the first field that cannot be used."""
    of = input_named(request.input)
    if of.units == "subword":
        fix = "Use character, letters, romanized, phoneme or phoneme_by_script."
        raise InvalidInput("input", "subwords are no single units", fix)
    return {
        "input": of.name,
        "corpora": _corpora(request),
        "shape": _shape(request.shape),
        "hyperparameters": _hyperparameters(request.hyperparameters),
        "seed": request.seed,
        "renderer": request.renderer,
        **_plan(request.plan, of.name),
    }


def pretrain_result(done: Done) -> pb.PretrainResult:
    """The manifest as the answer to the call."""
    result, files = done.manifest.result, done.manifest.files
    snapshot = {name.removeprefix(_PREFIX): item for name, item in files.items() if name.startswith(_PREFIX)}
    return pb.PretrainResult(
        record=record_to_proto(done),
        snapshot=bundle_to_proto(snapshot),
        plan=files["plan.safetensors"].to_proto(),
        history=files["history.jsonl"].to_proto(),
        languages=[pb.PretrainedLanguage(**entry) for entry in result["languages"]],
        **{
            name: result[name]
            for name in ("vocabulary", "unknown_share", "units", "fill", "train_s", "units_per_s")
        },
    )


def _corpora(request: pb.PretrainRequest) -> Json:
    if not 1 <= len(request.corpora) <= _MOST_CORPORA:
        problem = f"{len(request.corpora)} languages"
        raise InvalidInput("corpora", problem, f"Send 1 to {_MOST_CORPORA}.")
    found: Json = {}
    for number, item in enumerate(request.corpora):
        check_code(item.language, f"corpora[{number}].language")
        if item.language in found:
            raise InvalidInput(
                f"corpora[{number}].language", f"{item.language} stands twice", "Send each once."
            )
        found[item.language] = Artifact.from_proto(item.corpus, f"corpora[{number}].corpus").to_json()
    return found


def _plan(plan: pb.PretrainingPlan, name: str) -> Json:
    match plan.WhichOneof("source"):
        case "plan":
            return {
                "plan": Artifact.from_proto(plan.plan, "plan.plan").to_json(),
                "settings": None,
                "inputs": [],
            }
        case "settings":
            settings = plan.settings
            for number, item in enumerate(settings.inputs):
                input_named(item, f"plan.settings.inputs[{number}]")
            if name not in settings.inputs:
                problem = f"{name} is not among them"
                raise InvalidInput("plan.settings.inputs", problem, "Name all inputs that will be compared.")
            names = ("steps", "windows", "length", "temperature", "masked", "whole", "seed")
            values = {item: getattr(settings, item) for item in names}
            return {"plan": None, "settings": values, "inputs": sorted(set(settings.inputs))}
        case _:
            raise InvalidInput("plan", "has no source", "Set plan or settings.")


def _shape(shape: pb.PretrainingShape) -> Json:
    names = ("layers", "hidden_size", "attention_heads", "feed_forward_size", "positions", "dropout")
    return {name: getattr(shape, name) for name in names}


def _hyperparameters(hp: pb.PretrainingHyperparameters) -> Json:
    place = "hyperparameters"
    within(f"{place}.learning_rate", hp.learning_rate, 1e-9, 1.0)
    within(f"{place}.weight_decay", hp.weight_decay, 0.0, 10.0)
    within(f"{place}.warmup_ratio", hp.warmup_ratio, 0.0, 1.0)
    within(f"{place}.max_grad_norm", hp.max_grad_norm, 0.0, 1e6)
    within(f"{place}.least_occurrences", hp.least_occurrences, 1, 1_000_000)
    within(f"{place}.ids_per_micro_batch", hp.ids_per_micro_batch, 16, 10_000_000)
    within(f"{place}.log_every", hp.log_every, 1, 1_000_000)
    schedule = hp.schedule or pb.SCHEDULE_LINEAR
    return {
        "learning_rate": hp.learning_rate,
        "weight_decay": hp.weight_decay,
        "schedule": choice(f"{place}.schedule", schedule, SCHEDULES, pb.Schedule),
        "warmup_ratio": hp.warmup_ratio,
        "max_grad_norm": hp.max_grad_norm,
        "least_occurrences": hp.least_occurrences,
        "ids_per_micro_batch": hp.ids_per_micro_batch,
        "precision": choice(f"{place}.precision", hp.precision, PRECISIONS, pb.Precision),
        "log_every": hp.log_every,
    }
