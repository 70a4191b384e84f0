"""What an installation requests of a cluster: CPUs, memory, disk, GPUs, volumes."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from stack.cluster.manifests import Object, of_kind, pod_templates, replicas_of

_SUFFIXES = {
    "m": Decimal("0.001"),
    "": Decimal(1),
    **{letter: Decimal(1000) ** power for power, letter in enumerate("kMGTPE", start=1)},
    **{f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", start=1)},
}
_GIB = 2**30


def quantity(text: str | int) -> float:
    """A Kubernetes quantity, such as 250m, 2, 512Mi, in its unit: CPUs, bytes."""
    matched = re.fullmatch(r"([0-9.]+)([a-zA-Z]*)", str(text))
    if matched is None or matched[2] not in _SUFFIXES:
        raise ValueError(f"no quantity: {text!r}")
    return float(Decimal(matched[1]) * _SUFFIXES[matched[2]])


@dataclass(frozen=True)
class Resources:
    """CPUs; memory and disk (ephemeral storage) in bytes; GPUs."""

    cpu: float = 0.0
    memory: float = 0.0
    disk: float = 0.0
    gpus: float = 0.0

    def __add__(self, other: "Resources") -> "Resources":
        return self._each(other, lambda one, two: one + two)

    def __sub__(self, other: "Resources") -> "Resources":
        return self._each(other, lambda one, two: one - two)

    def __mul__(self, times: float) -> "Resources":
        return Resources(*(getattr(self, field.name) * times for field in fields(self)))

    def most(self, other: "Resources") -> "Resources":
        """The larger of each."""
        return self._each(other, max)

    def fits(self, room: "Resources") -> bool:
        """Whether there is room for all of it."""
        return all(getattr(self, field.name) <= getattr(room, field.name) + 1e-9 for field in fields(self))

    def _each(self, other: "Resources", combine: Any) -> "Resources":
        pairs = ((getattr(self, field.name), getattr(other, field.name)) for field in fields(self))
        return Resources(*(combine(one, two) for one, two in pairs))

    @classmethod
    def from_json(cls, amounts: dict[str, Any]) -> "Resources":
        """Of requests, limits, or a node's allocatable."""
        names = ("cpu", "memory", "ephemeral-storage", "nvidia.com/gpu")
        return cls(*(quantity(amounts.get(name, 0)) for name in names))

    def __str__(self) -> str:
        memory, disk = self.memory / _GIB, self.disk / _GIB
        return f"{self.cpu:g} CPUs, {memory:.1f} GiB, {disk:.1f} GiB of disk, {self.gpus:g} GPUs"


def pod_requests(spec: Object) -> Resources:
    """What the scheduler counts of a pod: its containers together, or its largest init container.

    A limit without a request is a request, as the API server fills it in.
    """

    def of(container: Object) -> Resources:
        resources = container.get("resources", {})
        return Resources.from_json({**resources.get("limits", {}), **resources.get("requests", {})})

    total = sum((of(container) for container in spec["containers"]), Resources())
    for container in spec.get("initContainers", []):
        total = total.most(of(container))
    return total


@dataclass(frozen=True)
class Part:
    """A workload: its pods, what each requests, and on which nodes alone it may be."""

    name: str
    pods: int
    each: Resources
    nodes: dict[str, str]


@dataclass(frozen=True)
class Needs:
    """What an installation needs, one run included."""

    parts: tuple[Part, ...]
    volumes: dict[str, float]

    @classmethod
    def of(cls, objects: Sequence[Object]) -> "Needs":
        """Of rendered manifests."""
        parts = tuple(
            Part(
                item["metadata"]["name"],
                replicas_of(item, objects),
                pod_requests(template["spec"]),
                template["spec"].get("nodeSelector", {}),
            )
            for item, template in pod_templates(objects)
        )
        volumes = {
            item["metadata"]["name"]: quantity(item["spec"]["resources"]["requests"]["storage"])
            for item in of_kind(objects, "PersistentVolumeClaim")
        }
        return cls(parts, volumes)

    @property
    def total(self) -> Resources:
        """All pods together."""
        return sum((part.each * part.pods for part in self.parts), Resources())


def table(rows: Iterable[tuple[str, Needs]]) -> str:
    """A table in Markdown, a row an installation: what all its pods request together, one run included."""
    lines = [
        "| overlay | pods | CPUs | memory, GiB | disk, GiB | GPUs | largest pod | volumes, GiB |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, needs in rows:
        total = needs.total
        largest = max(needs.parts, key=lambda part: (part.each.memory, part.each.cpu))
        volumes = ", ".join(f"{claim} {size / _GIB:g}" for claim, size in sorted(needs.volumes.items()))
        cells = [
            f"`{name}`",
            str(sum(part.pods for part in needs.parts)),
            *(f"{amount:g}" for amount in (total.cpu, total.memory / _GIB, total.disk / _GIB, total.gpus)),
            f"{largest.name}: {largest.each.cpu:g} CPUs, {largest.each.memory / _GIB:g} GiB",
            volumes or "–",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
