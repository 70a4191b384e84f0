"""How many trainers can one run feed? The flow's own schedule, Prefect's server and S3 are real; trainers and
embedders hold the protocol (keys, manifests, one call at a time) and sleep where they would compute.

    python -m bench.scale --trainers 10 --cells 60 --seconds 2 --model-mb 0.5

A table for people and, as the last line, one JSON object. What grows is told as CPU seconds a cell, which
other work on the machine does not change; cells a minute are of this machine as it is.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import grpc
import psutil

from isogloss.artifact.v1 import artifact_pb2
from isogloss.artifacts import JSON, SAFETENSORS
from isogloss.attempt import Attempt, Progress
from isogloss.code_version import CodeVersion
from isogloss.embedder.v1 import embedder_pb2, embedder_pb2_grpc
from isogloss.interceptor import CallInterceptor
from isogloss.settings import Settings, settings
from isogloss.store import Store
from isogloss.trainer.v1 import trainer_pb2, trainer_pb2_grpc
from isogloss.work import Done, Workplace, record_to_proto
from stack.checkout import Checkout
from stack.parts import PREFECT_PORT, plan
from stack.ports import Ports
from stack.processes import start, sweep

ROOT = Path(__file__).resolve().parent.parent
PROGRESS_EVERY_S = 1.0


class Pretender(trainer_pb2_grpc.TrainerServiceServicer, embedder_pb2_grpc.EmbedderServiceServicer):
    """A trainer, or an embedder: one call at a time, whose computation is to wait and to write."""

    def __init__(self, store: Store, seconds: float, model_bytes: int) -> None:
        self._workplace = Workplace(store, slots=1, version=lambda: CodeVersion("scale"))
        self._seconds, self._model_bytes = seconds, model_bytes

    def Train(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:  # noqa: N802
        """See trainer.proto."""
        compute = partial(self._compute, self._seconds, self._model_bytes)
        result = self._result(trainer_pb2.TrainResult)
        respond = trainer_pb2.TrainResponse
        yield from self._workplace.stream(
            "train", request, compute, context, respond, result, seed=request.seed
        )

    def Embed(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:  # noqa: N802
        """See embedder.proto."""
        compute = partial(self._compute, self._seconds / 20, 50_000)
        result = self._result(embedder_pb2.EmbedResult)
        yield from self._workplace.stream(
            "embed", request, compute, context, embedder_pb2.EmbedResponse, result
        )

    def _compute(self, seconds: float, size: int, attempt: Attempt) -> Mapping[str, Any]:
        ends_at = time.monotonic() + seconds
        while (left := ends_at - time.monotonic()) > 0:
            attempt.check()
            time.sleep(min(left, PROGRESS_EVERY_S))
            attempt.report(Progress("training", seconds - left, seconds, "second"))
        attempt.write("model.safetensors", os.urandom(size), SAFETENSORS)
        attempt.write("history.jsonl", b'{"loss": 0.5}\n', JSON)
        return {}

    @staticmethod
    def _result(message: Any) -> Any:
        return lambda done: message(record=record_to_proto(cast(Done, done)))


def serve(addresses: list[str], seconds: float, model_bytes: int) -> None:
    """All pretenders in this process, until stdin ends."""
    servers = []
    for address in addresses:
        pretender = Pretender(Store.from_settings(settings()), seconds, model_bytes)
        server = grpc.server(ThreadPoolExecutor(16), interceptors=[CallInterceptor(settings())])
        trainer_pb2_grpc.add_TrainerServiceServicer_to_server(pretender, server)
        embedder_pb2_grpc.add_EmbedderServiceServicer_to_server(pretender, server)
        server.add_insecure_port(address)
        server.start()
        servers.append(server)
    print("ready", flush=True)
    sys.stdin.read()


def graph_of(cells: int) -> Any:
    """A training and an embedding a cell, as in a run."""
    from flows.nodes import Node, ordered

    salt = random.randrange(2**32)

    def train(number: int) -> Any:
        return trainer_pb2.TrainRequest(language="eng", input="phoneme", seed=salt + number)

    def embed(number: int) -> Any:
        sha256 = f"{salt + number:064x}"
        corpus = artifact_pb2.Artifact(uri="s3://isogloss/x", sha256=sha256, size=1)
        return embedder_pb2.EmbedRequest(language="eng", corpus=corpus)

    def nodes() -> Iterator[Node]:
        for number in range(cells):
            trained = Node("train", f"cell {number}", "trainer.Train", lambda _, n=number: train(n))
            yield trained
            yield Node(
                "embed", f"cell {number}", "embedder.Embed", lambda _, n=number: embed(n), needs=(trained.id,)
            )

    return ordered(nodes())


def run(config: Settings, cells: int, folder: Path) -> float:
    """Run the graph as a flow; wall seconds from the first node to the last."""
    from prefect import flow

    from flows.ledger import Ledger
    from flows.run import Run
    from flows.schedule import run_graph

    profile = cast(Any, SimpleNamespace(name="scale"))
    flow_run = Run(profile, config, Ledger(folder / "run"))
    took: list[float] = []

    @flow(name="scale")
    def simulated() -> None:
        started = time.perf_counter()
        outcomes = run_graph(flow_run, graph_of(cells))
        took.append(time.perf_counter() - started)
        assert {outcome.ending for outcome in outcomes.values()} == {"done"}

    simulated()
    return took[0]


def cpu_s(pid: int) -> float:
    """CPU seconds of a process and of its children, ended ones included."""
    process = psutil.Process(pid)
    each = [process.cpu_times(), *(child.cpu_times() for child in process.children(recursive=True))]
    return sum(times.user + times.system for times in each)


def simulate(trainers: int, cells: int, seconds: float, model_mb: float) -> dict[str, float]:
    """Start S3, Prefect's server and the pretenders, run, stop them; the figures."""
    embedders = max(1, trainers // 10)
    with tempfile.TemporaryDirectory() as scratch, Ports() as ports:
        folder, token = Path(scratch), uuid.uuid4().hex
        checkout = Checkout(ROOT, folder / "state")
        checkout.prepare()
        with Ports() as chosen:
            os.environ |= {PREFECT_PORT: str(chosen.any()), "PREFECT_HOME": str(folder / "prefect")}
        whole = plan(checkout, 1, token, ports)
        addresses = [f"127.0.0.1:{ports.any()}" for _ in range(trainers + embedders)]
        os.environ |= whole.shared | {
            "ISOGLOSS_TRAINER_TARGET": f"ipv4:{','.join(addresses[:trainers])}",
            "ISOGLOSS_EMBEDDER_TARGET": f"ipv4:{','.join(addresses[trainers:])}",
            "ISOGLOSS_TRAINERS": str(trainers),
            "ISOGLOSS_EMBEDDERS": str(embedders),
        }
        settings.cache_clear()
        started = {}
        try:
            for part in whole.parts:
                if part.name in ("s3", "prefect"):
                    started[part.name] = start(part, ROOT, folder / f"{part.name}.log", sys.executable)
                    part_started = time.time()
                    while not part.ready(part_started):
                        time.sleep(0.5)
            command = [sys.executable, "-m", "bench.scale", "--serve", *addresses]
            command += ["--seconds", str(seconds), "--model-mb", str(model_mb)]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            pretenders = subprocess.Popen(command, cwd=ROOT, **pipes)  # type: ignore[call-overload]
            assert pretenders.stdout.readline() == b"ready\n"
            pids = {"flow": os.getpid(), "pretenders": pretenders.pid}
            pids |= {name: process.pid for name, process in started.items()}
            before = {name: cpu_s(pid) for name, pid in pids.items()}
            wall_s = run(settings(), cells, folder)
            used = {name: cpu_s(pid) - before[name] for name, pid in pids.items()}
            pretenders.stdin.close()
            pretenders.wait(30)
        finally:
            for process in started.values():
                process.terminate()
            for process in started.values():
                process.wait(30)
            sweep(token)
    return {
        "trainers": trainers,
        "embedders": embedders,
        "cells": cells,
        "seconds_a_cell": seconds,
        "wall_s": round(wall_s, 1),
        "cells_a_minute": round(60 * cells / wall_s, 1),
        "at_best": round(60 * trainers / seconds, 1),
        **{f"cpu_s_a_cell_{name}": round(seconds / cells, 3) for name, seconds in used.items()},
    }


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--trainers", type=int, default=10)
    parser.add_argument("--cells", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=2.0, help="a cell's training")
    parser.add_argument("--model-mb", type=float, default=0.5)
    parser.add_argument("--serve", nargs="+", default=[], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve(options.serve, options.seconds, round(options.model_mb * 1e6))
    figures = simulate(options.trainers, options.cells, options.seconds, options.model_mb)
    for name, value in figures.items():
        print(f"{name:28} {value:g}")
    print(json.dumps(figures))
    return None


if __name__ == "__main__":
    main()
