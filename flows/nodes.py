"""A node of a run's graph: one call of one service, or one step of the flow's own, and what it waits for."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Call = Literal[
    "read",
    "gather",
    "fetch",
    "compute",
    "g2p.ConvertCorpus",
    "trainer.Pretrain",
    "trainer.Train",
    "embedder.Embed",
    "metrics.ComputePerformanceGap",
    "metrics.ComparePerformanceGaps",
    "metrics.ComputeLinguisticGap",
    "metrics.CompareLinguisticGaps",
    "metrics.ComputeOutputGap",
    "metrics.ComputeTransferBound",
    "metrics.ComputeCorrelation",
    "metrics.ProjectVectors",
    "metrics.CheckPaper",
]
"""`read`, `gather` and `fetch` bring data, text to pre-train on and models in (`flows/intake.py`), `compute`
is plain arithmetic in the flow; the rest are calls of services, `<service>.<method>`."""

Results = Mapping[str, Any]
"""What nodes gave, by their ids: of a service the response, or several by the requests' names."""


@dataclass(frozen=True, eq=False)
class Node:
    """One step.

    - needs: ids of nodes without whose results it cannot be
    - wants: ids of nodes that it waits for and can do without, if at least `at_least` of them have results
    - request: of the results of both, the request of the call, or several by name (of an embedding its
      readings, of a conversion its splits); of `read` and `fetch` their arguments; of `compute` the result
      itself
    - about: of `read` a corpus and a language, of `gather` a language, of `fetch` a snapshot, else a `Cell`,
      a `Row` and so on, for whoever files the result
    - barrier: a failure is one of the whole run, and nothing that needs the node begins
    """

    kind: str
    label: str
    call: Call
    request: Callable[[Results], Any] = lambda results: None
    about: Any = None
    needs: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    at_least: int = 0
    barrier: bool = False

    @property
    def id(self) -> str:
        """ "train pos/phoneme/kor seed 0", unique in its graph."""
        return f"{self.kind} {self.label}"

    @property
    def awaited(self) -> tuple[str, ...]:
        """All that must have ended before it can begin."""
        return (*self.needs, *self.wants)


Graph = Mapping[str, Node]
"""Nodes by id, each after all that it awaits."""

Ending = Literal["done", "undefined", "failed", "not run"]


@dataclass(frozen=True)
class Outcome:
    """How a node ended.

    `undefined` is a measure that does not exist for these inputs, such as the relative gap between two zeros:
    a finding, and no failure. `why` says it of all but `done`.
    """

    ending: Ending
    result: Any = None
    why: str = ""


def obstacle(node: Node, outcomes: Mapping[str, Outcome]) -> Outcome | None:
    """Why a node cannot begin though all that it awaits has ended; None when it can."""
    for need in node.needs:
        if outcomes[need].ending != "done":
            return Outcome("not run", why=_why(need, outcomes[need]))
    lost = [want for want in node.wants if outcomes[want].ending != "done"]
    if len(node.wants) - len(lost) < node.at_least:
        return Outcome("not run", why="; ".join(_why(want, outcomes[want]) for want in lost[:3]))
    return None


def results_for(node: Node, outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
    """The results that a node's request is made of."""
    return {name: outcomes[name].result for name in node.awaited if outcomes[name].ending == "done"}


def _why(name: str, outcome: Outcome) -> str:
    """The first cause: what was not run because of something else passes that on."""
    return outcome.why if outcome.ending == "not run" else f"{name} {outcome.ending}: {outcome.why}"


def ordered(nodes: Iterator[Node]) -> Graph:
    """The nodes by id. Raises `ValueError` where one awaits what does not come before it, or stands twice."""
    graph: dict[str, Node] = {}
    for node in nodes:
        if node.id in graph or not graph.keys() >= set(node.awaited):
            raise ValueError(f"{node.id} stands twice, or before what it awaits")
        graph[node.id] = node
    return graph
