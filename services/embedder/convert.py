"""Between the embedder's messages and plain values."""

from collections.abc import Mapping
from typing import Any

from isogloss.artifact.v1 import artifact_pb2
from isogloss.artifacts import Artifact, bundle_from_proto
from isogloss.embedder.v1 import embedder_pb2 as pb
from isogloss.errors import InvalidInput
from isogloss.inputs import input_named
from isogloss.languages import check_code
from isogloss.work import Done, record_to_proto
from services.encoders import bundle
from services.encoders.scratch import scratch_job

Json = dict[str, Any]

MAX_TEXTS = 256  # of one EmbedTexts
MAX_CHARACTERS = 10_000  # of one text

LAYERS: Mapping[int, str] = {
    pb.LAYER_EMBEDDINGS: "embeddings", pb.LAYER_LAST: "last", pb.LAYER_HIDDEN: "hidden"
}  # fmt: skip
CONTENTS: Mapping[int, str] = {
    pb.CONTENT_UNSPECIFIED: "all",
    pb.CONTENT_ALL: "all",
    pb.CONTENT_TOKENS: "tokens",
    pb.CONTENT_LETTERS: "letters",
}
DESCRIPTION = "isogloss.json"  # of a trained model; a snapshot has none
_WEIGHTS, _SHARDS = "model.safetensors", "model.safetensors.index.json"


def embed_job(request: pb.EmbedRequest) -> Json:
    """The request as the worker reads it. Raises `InvalidInput` on the first field that cannot be used."""
    if request.untrained_seed < 0:
        raise InvalidInput("untrained_seed", f"{request.untrained_seed}", "Use 0 or more.")
    return {
        **(_scratch(request) if request.HasField("scratch") else _encoder(request)),
        **_corpus(request.language, request.corpus),
        **_what(request),
        "untrained_seed": request.untrained_seed if request.HasField("untrained_seed") else None,
    }


def texts_job(request: pb.EmbedTextsRequest) -> Json:
    """The same for EmbedTexts."""
    texts = list(request.texts)
    if not 1 <= len(texts) <= MAX_TEXTS:
        raise InvalidInput("texts", f"{len(texts)} texts", f"Send 1 to {MAX_TEXTS}.")
    for index, text in enumerate(texts):
        if len(text) > MAX_CHARACTERS:
            problem = f"{len(text)} characters"
            raise InvalidInput(f"texts[{index}]", problem, f"Send {MAX_CHARACTERS} at most.")
    return {**_encoder(request), **_what(request), "texts": texts}


def predict_job(request: pb.PredictRequest) -> Json:
    """The same for Predict."""
    files = bundle_from_proto(request.model, "model")
    bundle.check(files, ("config.json", _WEIGHTS, DESCRIPTION), "model")
    return {**_model(files), **_corpus(request.language, request.corpus)}


def texts_response(found: Json) -> pb.EmbedTextsResponse:
    """The worker's answer to `texts_job`."""
    return pb.EmbedTextsResponse(vectors=[pb.TextVector(**item) for item in found["vectors"]])


def embed_result(done: Done) -> pb.EmbedResult:
    """The manifest as the answer to the call."""
    result = done.manifest.result
    return pb.EmbedResult(
        record=record_to_proto(done),
        vectors=done.manifest.files["vectors.safetensors"].to_proto(),
        sentences=result["sentences"],
        dimensions=result["dimensions"],
        truncated=result["truncated"],
    )


def predict_result(done: Done) -> pb.PredictResult:
    """The same for Predict."""
    return pb.PredictResult(
        record=record_to_proto(done),
        predictions=done.manifest.files["predictions.parquet"].to_proto(),
        scores=done.manifest.result["scores"],
    )


def _what(request: pb.EmbedRequest | pb.EmbedTextsRequest) -> Json:
    """The layer, a name or a number, and the content."""
    if request.layer not in LAYERS:
        fix = "Use LAYER_EMBEDDINGS, LAYER_LAST or LAYER_HIDDEN."
        raise InvalidInput("layer", "is not set or unknown", fix)
    if request.content not in CONTENTS:
        raise InvalidInput("content", "is unknown", "Use CONTENT_ALL, CONTENT_TOKENS or CONTENT_LETTERS.")
    if CONTENTS[request.content] != "all" and request.layer != pb.LAYER_EMBEDDINGS:
        fix = "Use LAYER_EMBEDDINGS, or CONTENT_ALL."
        raise InvalidInput("content", "only the embedding layer can be read without positions", fix)
    numbered = request.layer == pb.LAYER_HIDDEN
    if numbered != (request.hidden_layer > 0):
        fix = "Set it, from 1, with LAYER_HIDDEN and no other layer."
        raise InvalidInput("hidden_layer", f"{request.hidden_layer} with {LAYERS[request.layer]}", fix)
    return {
        "layer": request.hidden_layer if numbered else LAYERS[request.layer],
        "content": CONTENTS[request.content],
    }


def _encoder(request: pb.EmbedRequest | pb.EmbedTextsRequest) -> Json:
    """The model with what it reads: a trained one knows, a snapshot has to be told."""
    files = bundle_from_proto(request.model, "model")
    bundle.check(files, ("config.json", _SHARDS if _SHARDS in files else _WEIGHTS), "model")
    if DESCRIPTION in files and request.input:
        raise InvalidInput("input", "the model knows its input", "Leave it out, or send a snapshot.")
    if DESCRIPTION not in files and not request.input:
        fix = "Say what the snapshot reads, or send the `model` that Train returned."
        raise InvalidInput("input", f"is not set, and model has no {DESCRIPTION}", fix)
    return {**_model(files), "input": input_named(request.input).name if request.input else None}


def _scratch(request: pb.EmbedRequest) -> Json:
    """An encoder from random weights: nothing is fetched for it but the corpora of its vocabulary."""
    if request.model.files:
        raise InvalidInput("model", "stands beside scratch", "Send one of the two.")
    if not request.HasField("untrained_seed"):
        raise InvalidInput("untrained_seed", "is not set", "Give the seed that the weights are drawn with.")
    of = input_named(request.input)
    return {"model": {}, "input": of.name, **scratch_job(request.scratch, of, "scratch")}


def _corpus(code: str, corpus: artifact_pb2.Artifact) -> Json:
    check_code(code)
    return {"corpus": Artifact.from_proto(corpus, "corpus").to_json()}


def _model(files: Mapping[str, Artifact]) -> Json:
    return {"model": {name: item.to_json() for name, item in files.items()}}
