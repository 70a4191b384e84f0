"""Running a graph: every node as a Prefect task, as soon as what it awaits has ended and a slot is free.

Prefect shows each in its UI and tries again what reads from outside. What waits is here and holds no thread,
so that a stop finds nothing to wait for but the calls that it cancels.
"""

import logging
import queue
from collections import Counter, defaultdict, deque
from functools import partial
from typing import Any

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.futures import PrefectFuture
from prefect.tasks import Task

from flows.checks import is_wrong_experiment
from flows.nodes import Graph, Node, Outcome, obstacle, results_for
from flows.perform import perform
from flows.run import Run
from isogloss import telemetry
from isogloss.errors import InvalidInput, IsoglossError, Retryable, Stopped

log = logging.getLogger(__name__)

# Steps that read the hub, a mirror or a treebank's repository, whose connections break, are tried again after
# so many seconds. Calls to services wait inside of a step, and longer.
_RETRY_AFTER_S = [2.0, 10.0, 30.0]
_LOOK_S = 0.2  # how soon a stop is seen
_LET_GO_S = 8.0  # what is canceled has ended by then

THREADS = 256
"""Most nodes at once: threads that wait for services, so that a hundred trainers do not wait for them."""
_OF_A_CALL = 64
"""Most nodes of one call at once: what a server takes at once by default (`ISOGLOSS_MAX_CALLS`)."""

# In the order in which people read a run: it is at the first of which anything is left.
_PRETRAINING = "pre-training"
_PHASES = {
    "read": "reading data",
    "gather": "reading data",
    "fetch": "fetching models",
    "g2p": "converting to phonemes",
    "pretrain": _PRETRAINING,
    "trainer": "training",
    "embedder": "embedding",
    "metrics": "measuring",
}


def run_graph(run: Run, graph: Graph) -> dict[str, Outcome]:
    """How every node ended. A node that fails takes those that need it with it, and no other.

    Raises `Stopped` when the run is stopped, and the error of a barrier that fails: then nothing has begun
    that needs it.
    """
    return _Schedule(run, graph).to_the_end()


class _Schedule:
    def __init__(self, run: Run, graph: Graph) -> None:
        self._run = run
        self._graph = graph
        self._outcomes: dict[str, Outcome] = {}
        # A trainer and an embedder do one thing at a time: what waits for them waits here.
        self._free = defaultdict(lambda: _OF_A_CALL, {
            "trainer": run.config.trainers, "embedder": run.config.embedders
        })  # fmt: skip
        self._open = {name: len(set(node.awaited)) for name, node in graph.items()}
        self._dependents: dict[str, list[str]] = defaultdict(list)
        for name, node in graph.items():
            for awaited in set(node.awaited):
                self._dependents[awaited].append(name)
        self._ready: dict[str, deque[Node]] = defaultdict(deque)
        self._running: dict[str, PrefectFuture[Any]] = {}
        self._ended: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._left = Counter(_phase(node) for node in graph.values())

    def to_the_end(self) -> dict[str, Outcome]:
        self._run.ledger.begin(len(self._graph))
        for name, count in self._open.items():
            if count == 0:
                self._make_ready(self._graph[name])
        try:
            while len(self._outcomes) < len(self._graph):
                self._run.stop.check()
                self._submit()
                self._take()
        finally:
            self._let_go()
        return self._outcomes

    def _make_ready(self, node: Node) -> None:
        refused = obstacle(node, self._outcomes)
        if refused is None:
            self._ready[_queue(node)].append(node)
        else:
            self._file(node, refused)

    def _submit(self) -> None:
        for name, nodes in self._ready.items():
            while nodes and self._free[name] > 0 and len(self._running) < THREADS:
                node = nodes.popleft()
                self._free[name] -= 1
                future = _as_task(self._run, node, results_for(node, self._outcomes)).submit()
                self._running[node.id] = future
                future.add_done_callback(partial(self._tell, node.id))

    def _tell(self, name: str, _: PrefectFuture[Any]) -> None:
        self._ended.put(name)

    def _take(self) -> None:
        """File what has ended, if anything does in a moment."""
        try:
            name = self._ended.get(timeout=_LOOK_S)
        except queue.Empty:
            return
        node, future = self._graph[name], self._running.pop(name)
        self._free[_queue(node)] += 1
        self._file(node, _outcome(node, future))

    def _file(self, node: Node, outcome: Outcome) -> None:
        self._outcomes[node.id] = outcome
        self._left[_phase(node)] -= 1
        self._run.ledger.phase(next((phase for phase in _PHASES.values() if self._left[phase]), "done"))
        reused = outcome.result.record.reused if _is_training(node) and outcome.ending == "done" else None
        self._run.ledger.finished(node.id, reused=reused, failed=outcome.ending in ("failed", "not run"))
        for name in self._dependents[node.id]:
            self._open[name] -= 1
            if self._open[name] == 0:
                self._make_ready(self._graph[name])

    def _let_go(self) -> None:
        """Wait for what was canceled: on return nothing of this run is under way."""
        if not self._running:
            return
        self._run.stop.pull(self._run.stop.why or "another step failed")
        for future in self._running.values():
            future.wait(timeout=_LET_GO_S)


def _queue(node: Node) -> str:
    """Where a node waits for its turn: an accelerator is shared by all calls of its service."""
    service = node.call.partition(".")[0]
    return service if service in ("trainer", "embedder") else node.call


def _phase(node: Node) -> str:
    if node.kind == "unknown":  # a count under a trained model's vocabulary, though G2P makes it
        return _PHASES["metrics"]
    if node.kind == "pretrain":
        return _PRETRAINING
    return _PHASES.get(node.call.partition(".")[0], "checking")


def _is_training(node: Node) -> bool:
    return node.kind in ("pretrain", "train")


def _as_task(run: Run, node: Node, results: dict[str, Any]) -> Task[[], Any]:
    def step() -> Any:
        try:
            with telemetry.span(node.kind, step=node.id):
                result = perform(run, node, results)
        except InvalidInput as error:
            if node.call.startswith("metrics."):  # no failure: for these inputs the measure does not exist
                get_run_logger().warning("undefined: %s", error.message)
                return Outcome("undefined", why=f"{error.field}: {error.problem}")
            raise
        return Outcome("done", result)

    outside = node.call in ("read", "gather", "fetch")
    return task(
        name=node.kind,
        task_run_name=node.id,
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=len(_RETRY_AFTER_S) if outside else 0,
        retry_delay_seconds=_RETRY_AFTER_S,
        retry_condition_fn=_waiting_may_help,
    )(step)


def _waiting_may_help(step: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    return isinstance(state.result(raise_on_failure=False), Retryable)


def _outcome(node: Node, future: PrefectFuture[Any]) -> Outcome:
    """What a task came to. Raises what is wrong with the whole experiment, and `Stopped`."""
    result = future.result(raise_on_failure=False)
    if isinstance(result, Outcome):
        return result
    if node.barrier or isinstance(result, Stopped) or is_wrong_experiment(result):
        raise result
    why = result.message if isinstance(result, IsoglossError) else f"{type(result).__name__}: {result}"
    return Outcome("failed", why=why)
