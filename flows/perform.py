"""Performing a node: its call with its request, and the results as the nodes after it read them."""

from typing import Any

from google.protobuf.message import Message

from flows import intake, progress
from flows.nodes import Node, Results
from flows.run import Run
from isogloss import client

LONG = ("g2p.ConvertCorpus", "trainer.Pretrain", "trainer.Train", "embedder.Embed")
"""Calls whose answers are streams of progress."""


def perform(run: Run, node: Node, results: Results) -> Any:
    """The result of a node; raises what its call raises, and `Stopped` when the run has been stopped."""
    run.stop.check()
    match node.call:
        case "read":
            return intake.read_corpus(run, *node.about)
        case "gather":
            return intake.read_text(run, node.about)
        case "fetch":
            return intake.fetch_model(run, node.about)
    request = node.request(results)
    if node.call == "compute":
        return request
    if isinstance(request, Message):
        return _ask(run, node, request)
    return {name: _ask(run, node, item) for name, item in request.items()}


def _ask(run: Run, node: Node, request: Message) -> Any:
    service, _, name = node.call.partition(".")
    method = getattr(getattr(run, service), name)
    if node.call in LONG:
        listen = progress.logged(lambda text: run.ledger.working(node.id, text))
        return client.work(run.stop.streaming(method), request, listen)
    return client.call(run.stop.unary(method), request, timeout_s=run.config.work_timeout_s)
