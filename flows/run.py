"""What every step of a run needs: the profile, the services, the store, the sources, and the ledger."""

import shutil
import tempfile
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from flows.ledger import Ledger
from flows.profile import Profile
from flows.stop import Stop
from isogloss import client
from isogloss.embedder.v1.embedder_pb2_grpc import EmbedderServiceStub
from isogloss.g2p.v1.g2p_pb2_grpc import G2PServiceStub
from isogloss.metrics.v1.metrics_pb2_grpc import MetricsServiceStub
from isogloss.settings import Settings
from isogloss.store import Store
from isogloss.tasks import TASKS
from isogloss.trainer.v1.trainer_pb2_grpc import TrainerServiceStub
from sources import ReadOptions, Source, open_source, parse_substitutes


class Run:
    """One run of the flow. Thread-safe; steps share it and hand each other references only."""

    def __init__(self, profile: Profile, config: Settings, ledger: Ledger) -> None:
        self.profile = profile
        self.config = config
        self.ledger = ledger
        self.store = Store.from_settings(config)
        self.store.ensure_bucket()
        self.g2p = G2PServiceStub(client.connect(config.g2p_target, config))
        self.trainer = TrainerServiceStub(client.connect(config.trainer_target, config))
        self.embedder = EmbedderServiceStub(client.connect(config.embedder_target, config))
        self.metrics = MetricsServiceStub(client.connect(config.metrics_target, config))
        self.stop = Stop()
        self._sources: dict[str, Source] = {}

    def source(self, task: str) -> Source:
        """The source of a task's data; limits are per task, so each task has its own."""
        if task not in self._sources:
            self._sources[task] = source_of(self.profile, task)
        return self._sources[task]

    @cached_property
    def scratch(self) -> Path:
        """A folder for files on their way to the store; `close` removes it."""
        return Path(tempfile.mkdtemp(prefix="isogloss-", dir=self.config.scratch_dir))

    def close(self) -> None:
        """Remove what the run left on this disk."""
        if "scratch" in self.__dict__:
            shutil.rmtree(self.scratch, ignore_errors=True)


def source_of(profile: Profile, task: str, *, whole: bool = False) -> Source:
    """The source of a task's data as the profile describes it; `whole` without its limits."""
    options = options_of(profile, task)
    return open_source(
        profile.source.kind,
        profile.source.location,
        replace(options, limit={}) if whole else options,
        tasks=[profile.task(name) for name in profile.tasks],
        parallel=[profile.parallel.corpus, *_texts(profile)],
        languages=profile.registry,
    )


def _texts(profile: Profile) -> list[str]:
    """Texts to pre-train on that are no task's."""
    names = profile.pretraining.text if profile.pretraining else []
    return [name for name in names if name not in TASKS and name not in profile.tasks]


def options_of(profile: Profile, task: str) -> ReadOptions:
    """How the profile reads a task's data."""
    choice = profile.source
    return ReadOptions(
        limit=dict(choice.limit.get(task, {})),
        seed=choice.seed,
        substitutes=parse_substitutes(choice.substitutes),
        other_treebanks=choice.other_treebanks,
        data={task: profile.data[task]} if task in profile.data else {},
        folder=choice.files or ".",
    )
