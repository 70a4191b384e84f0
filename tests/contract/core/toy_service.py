"""A service whose work is counting, to show the long-work shape through a real server:
`EmbedderService.Embed`.

It counts to the number of units in `corpus.size`, one per 50 ms, saves a checkpoint at each, and writes how
often each number was counted. `language` "bad" is refused, "bug" breaks, "big" has checkpoints of 1 MiB.
"""

import json
import os
import time
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import grpc

from isogloss.artifacts import JSON
from isogloss.attempt import Attempt, Progress
from isogloss.checkpoints import Checkpoints
from isogloss.code_version import CodeVersion
from isogloss.embedder.v1 import embedder_pb2 as pb
from isogloss.embedder.v1 import embedder_pb2_grpc
from isogloss.errors import InvalidInput
from isogloss.server import Mounted, serve
from isogloss.settings import Settings
from isogloss.store import Store
from isogloss.work import Done, Workplace, record_to_proto

KIND = "toy"
STEP_S = 0.05


def count(attempt: Attempt) -> Mapping[str, Any]:
    """Count from the checkpoint to the end."""
    goal = int(attempt.job.request["corpus"]["size"])
    checkpoints = Checkpoints(attempt.store, KIND, attempt.job.key)
    saved = checkpoints.load()
    counted: list[int] = json.loads(saved[1]["counted"]) if saved else []
    weights = os.urandom(2**20) if attempt.job.request["language"] == "big" else b""
    for number in range(len(counted), goal):
        attempt.check()
        time.sleep(STEP_S)
        counted.append(number)
        files = {"counted": json.dumps(counted).encode(), "weights": weights}
        checkpoints.save(number, files)
        attempt.report(Progress("counting", number + 1, goal, "number"))
    attempt.write("counted.json", json.dumps(counted).encode(), JSON)
    return {"sentences": goal}


class ToyServicer(embedder_pb2_grpc.EmbedderServiceServicer):
    """Counts, one job at a time."""

    def __init__(self, store: Store) -> None:
        self.workplace = Workplace(store, slots=1, version=lambda: CodeVersion("1"))

    def Embed(self, request: pb.EmbedRequest, context: grpc.ServicerContext) -> Iterator[pb.EmbedResponse]:
        """See the module."""
        if request.language == "bad":
            raise InvalidInput("language", "unknown language 'bad'", "Use an ISO 639-3 code.")
        if request.language == "bug":
            raise RuntimeError("secret detail")
        return self.workplace.stream(KIND, request, count, context, pb.EmbedResponse, _result)


def _result(done: Done) -> pb.EmbedResult:
    return pb.EmbedResult(
        record=record_to_proto(done),
        vectors=done.manifest.files["counted.json"].to_proto(),
        sentences=done.manifest.result["sentences"],
    )


def build(config: Settings) -> Mounted:
    """Connect to S3 and make the servicer."""
    servicer = ToyServicer(Store.from_settings(config))
    return Mounted(
        partial(embedder_pb2_grpc.add_EmbedderServiceServicer_to_server, servicer), servicer.workplace.drain
    )


if __name__ == "__main__":
    serve("toy", "isogloss.embedder.v1.EmbedderService", 0, build)
