"""The plan asks about the very requests that the run sends, whatever the profile, and knows a moved pin.

The services are stood in for, since no profile but `sample` has its data here: a stand-in keeps the protocol
(a key of each request, an answer where the store has it) and computes nothing.
"""

import hashlib
import itertools
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc import code_pb2

from flows import plan
from flows.estimate import Machine
from flows.graph import build
from flows.intake import Corpus, Text
from flows.load import load
from flows.profile import Profile
from isogloss.artifact.v1 import artifact_pb2
from isogloss.artifacts import PARQUET, Artifact
from isogloss.embedder.v1 import embedder_pb2
from isogloss.errors import NotFound
from isogloss.g2p.v1 import g2p_pb2
from isogloss.metrics.v1 import metrics_pb2
from isogloss.status import to_status
from isogloss.trainer.v1 import trainer_pb2
from sources.expected import expected_rows, pinned_revision

H100 = Machine(989, 0.1, unless_measured=False)
MODEL = artifact_pb2.Bundle(files={"model.safetensors": artifact_pb2.Artifact(sha256="0" * 64)})
LONG = {"ConvertCorpus", "Pretrain", "Train", "Embed"}


def key_of(name: str, request: Message) -> str:
    return f"{name}/{hashlib.sha256(request.SerializeToString(deterministic=True)).hexdigest()}"


def answer(name: str, request: Any) -> Any:
    """What a service would answer: references that differ as the requests do."""
    key = key_of(name, request)
    made = artifact_pb2.Artifact(uri=f"s3://b/{key}/x", sha256=key[-64:], size=1, media_type=PARQUET)
    record = artifact_pb2.Record(manifest=artifact_pb2.Artifact(uri=f"s3://b/{key}/manifest.json"))
    if name == "ConvertCorpus":
        return g2p_pb2.ConvertCorpusResult(record=record, corpus=made)
    if name == "Embed":
        return embedder_pb2.EmbedResult(record=record, vectors=made)
    if name == "Pretrain":
        model = artifact_pb2.Bundle(files={"model.safetensors": made, "tokenizer.json": made})
        plan_made = artifact_pb2.Artifact(sha256="1" * 64)
        return trainer_pb2.PretrainResult(record=record, snapshot=model, plan=plan_made)
    if name != "Train":
        response = getattr(metrics_pb2, f"{name}Response")(record=record)
        if name in ("ComputePerformanceGap", "ComputeOutputGap", "ComputeLinguisticGap"):
            codes = [item.language for item in getattr(request, "scores", None) or request.languages]
            for first, second in itertools.combinations(codes, 2):
                response.pairs.add(first=first, second=second)
        return response
    score = int(key[-4:], 16) / 1000
    sets = [
        trainer_pb2.EvaluationResult(name=item.name, score=score, predictions=made)
        for item in request.evaluations
    ]
    model = artifact_pb2.Bundle(files={"model.safetensors": made, "tokenizer.json": made})
    return trainer_pb2.TrainResult(record=record, model=model, evaluations=sets)


class Refused(grpc.RpcError, grpc.Call):
    """NOT_FOUND as a service sends it for what has not been computed."""

    def __init__(self, key: str) -> None:
        self.status = to_status(NotFound("not computed", key=key))

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.NOT_FOUND

    def details(self) -> str:
        return self.status.message

    def trailing_metadata(self) -> Any:
        return (("grpc-status-details-bin", self.status.SerializeToString()),)


for _name in ("add_callback", "cancel", "initial_metadata", "is_active", "time_remaining"):
    setattr(Refused, _name, lambda *_: None)
Refused.__abstractmethods__ = frozenset()
assert code_pb2.NOT_FOUND == 5


class Service:
    """A service whose store has some keys; notes every key that it is asked for."""

    def __init__(self, stored: set[str], asked: set[str]) -> None:
        self._stored, self._asked = stored, asked

    def __getattr__(self, name: str) -> Any:
        def method(request: Any, **_: Any) -> Any:
            key = key_of(name, request)
            self._asked.add(key)
            if key not in self._stored:
                raise Refused(key)
            if name not in LONG:
                return answer(name, request)
            event = SimpleNamespace(result=answer(name, request), WhichOneof=lambda _: "result")
            return iter([event])

        return method


def corpus(profile: Profile, task: str, code: str) -> Corpus:
    """A corpus of the right size whose content is its name."""
    rows = expected_rows(profile.resource(task), code) or {}
    splits = {
        split: Artifact(
            f"s3://b/{task}", hashlib.sha256(f"{task}{code}{split}".encode()).hexdigest(), 1, PARQUET
        )
        for split in rows
    }
    return Corpus(task, code, splits, rows, "", (), "")


def text(code: str) -> Text:
    """Enough text of a language, whose content is its name."""
    artifact = Artifact("s3://b/text", hashlib.sha256(code.encode()).hexdigest(), 1, PARQUET)
    return Text(code, artifact, 2_000, {"pos": 300}, {"pos": 1}, "")


def run_keys(profile: Profile) -> set[str]:
    """The key of every request that a run sends, with all answers as they come."""
    results: dict[str, Any] = {}
    keys: set[str] = set()
    for node in build(profile).values():
        if node.call == "read":
            results[node.id] = corpus(profile, *node.about)
        elif node.call == "gather":
            results[node.id] = text(node.about)
        elif node.call == "fetch":
            results[node.id] = artifact_pb2.Bundle(
                files={"model.safetensors": artifact_pb2.Artifact(sha256="0" * 64)}
            )
        else:
            name = node.call.partition(".")[2]
            request = node.request({need: results[need] for need in node.awaited})
            if node.call == "compute":
                results[node.id] = request
                continue
            several: Mapping[str, Any] = request if isinstance(request, dict) else {"": request}
            keys |= {key_of(name, item) for item in several.values()}
            answers = {item: answer(name, message) for item, message in several.items()}
            results[node.id] = answers if isinstance(request, dict) else answers[""]
    return keys


def plan_of(
    profile: Profile, stored: set[str], monkeypatch: pytest.MonkeyPatch, moved: bool = False
) -> plan.Plan:
    """The plan of a profile against stand-ins whose store has these keys, and what the worker read before."""
    asked: set[str] = set()
    service = Service(stored, asked)

    def manifests(kind: str, *_: Any) -> Iterator[Any]:
        for node in build(profile).values() if kind == "dataset" else ():
            if node.call == "read":
                task, code = node.about
                revision = "moved" if moved else pinned_revision(profile.resource(task), code)
                options = plan.intake.options_of(profile, task).to_json()
                files = [{"revision": revision}]
                source = {"kind": profile.source.kind, "location": "", "options": options, "files": files}
                read = corpus(profile, task, code)
                yield SimpleNamespace(
                    request={"task": task, "language": code},
                    key="0",
                    files={f"{split}.parquet": item for split, item in read.splits.items()},
                    result={"source": source, "rows": read.rows},
                )

    store = SimpleNamespace(manifests=manifests, bucket="b", uri=lambda name: f"s3://b/{name}")
    run = SimpleNamespace(store=store, g2p=service, trainer=service, embedder=service, metrics=service)
    monkeypatch.setattr(plan.intake, "peek_model", lambda *_: MODEL)
    read = lambda chosen, _, __, task, code: (corpus(chosen, task, code), f"dataset/{task}{code}", True)  # noqa: E731
    monkeypatch.setattr(plan.intake, "peek_corpus", read)
    monkeypatch.setattr(plan.intake, "peek_text", lambda *asked: (text(asked[-1]), f"text/{asked[-1]}", True))
    run.source = lambda task: None
    made: Any = run
    return plan.make_plan(profile, made, H100)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        *itertools.product(
            ("sample", "small", "paper"), ({}, {"regime": "zero_shot"}, {"sweep": {"kind": "pruned"}})
        ),
        ("matched-tiny", {}),
    ],
)
def test_the_plan_names_the_keys_that_the_run_asks_for(
    name: str, options: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = load(name, options=options | ({} if name == "matched-tiny" else {"table3.seeds": 2}))
    keys = run_keys(profile)
    planned = plan_of(profile, keys, monkeypatch)
    assert {
        key for step in planned.steps if step.kind not in ("dataset", "text", "model") for key in step.keys
    } == keys
    assert {step.state for step in planned.steps} == {"exists"}
    assert planned.missing_hours == 0 < planned.hours


def test_designs_beside_the_papers_are_planned_as_they_run(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"regime": "zero_shot", "source_language": ["eng", "kor"], "seeds": 2, "gaps.layers": "all"}
    profile = load("sample", tasks=["pos"], options=options)
    keys = run_keys(profile)
    planned = plan_of(profile, keys, monkeypatch)
    assert {key for step in planned.steps if step.kind != "dataset" for key in step.keys} == keys
    assert len(keys) > len(run_keys(load("sample", tasks=["pos"], options=options | {"seeds": 1})))


def test_after_a_moved_pin_nothing_is_taken_for_there(monkeypatch: pytest.MonkeyPatch) -> None:
    profile = load("paper", tasks=["pos"], languages=["eng", "kor"])
    keys = run_keys(profile)
    planned = plan_of(profile, keys, monkeypatch, moved=True)
    assert {step.state for step in planned.steps if step.kind == "dataset"} == {"unknown"}
    assert {step.state for step in planned.steps if step.kind == "train"} == {"unknown"}
    assert planned.missing_hours == planned.hours > 0


def test_what_is_missing_makes_what_follows_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    profile = load("sample", tasks=["pos"], languages=["eng", "kor"])
    planned = plan_of(profile, set(), monkeypatch)
    states = {(step.kind, step.label): step for step in planned.steps}
    assert states["phonemes", "pos/kor"].state == "missing"
    waiting = states["train", "pos/phoneme/kor seed 0"]
    assert (waiting.state, waiting.until) == ("unknown", "phonemes pos/eng exists")
    assert states["train", "pos/character/kor seed 0"].state == "unknown", "the data have not been checked"
