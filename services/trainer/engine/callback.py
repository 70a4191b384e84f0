"""The moments of a run at which the outside takes part: one class, whose methods do nothing by themselves.

begin        before anything is read
phase        a part of the run begins: "reading corpora"
progress     some of a part is done: sentences read, encoded, predicted; may raise `Stopped`
before_step  between two optimizer steps, where stopping is safe: may save a checkpoint, and raise `Stopped`
after_step   a step is done: its loss, learning rate, speed and fill
after_epoch  an epoch is done, and its dev score known
after_set    an evaluation set is scored
end          all is done, and nothing was raised
"""

from collections.abc import Callable, Mapping, Sequence

from services.trainer.engine.state import State

MakeCheckpoint = Callable[[], dict[str, bytes]]


class Callback:
    """Override what is wanted."""

    def begin(self, settings: Mapping[str, object]) -> None:
        """`settings`: what is trained, and how: task, input, language, seed and hyperparameters."""

    def phase(self, name: str) -> None:
        """`name`: for people."""

    def progress(self, phase: str, done: int, total: int) -> None:
        """`done` and `total` sentences; total 0 when it is not known."""

    def before_step(self, make_checkpoint: MakeCheckpoint) -> None:
        """`make_checkpoint` gives the files from which `train` resumes, bit for bit."""

    def after_step(self, state: State, total: int, measures: Mapping[str, float]) -> None:
        """`state.step` of `total` steps; `measures`: loss, learning_rate, tokens_per_s, fill."""

    def after_epoch(self, state: State, score: float) -> None:
        """`state.epoch` epochs are done; `score`: the task's own on dev, in percent."""

    def after_set(self, name: str, scores: Mapping[str, float]) -> None:
        """All scores of one evaluation set, in percent."""

    def end(self) -> None:
        """Close what was opened."""


class Callbacks(Callback):
    """Several as one, told in their order."""

    def __init__(self, callbacks: Sequence[Callback]) -> None:
        self._callbacks = tuple(callbacks)

    def begin(self, settings: Mapping[str, object]) -> None:
        for callback in self._callbacks:
            callback.begin(settings)

    def phase(self, name: str) -> None:
        for callback in self._callbacks:
            callback.phase(name)

    def progress(self, phase: str, done: int, total: int) -> None:
        for callback in self._callbacks:
            callback.progress(phase, done, total)

    def before_step(self, make_checkpoint: MakeCheckpoint) -> None:
        for callback in self._callbacks:
            callback.before_step(make_checkpoint)

    def after_step(self, state: State, total: int, measures: Mapping[str, float]) -> None:
        for callback in self._callbacks:
            callback.after_step(state, total, measures)

    def after_epoch(self, state: State, score: float) -> None:
        for callback in self._callbacks:
            callback.after_epoch(state, score)

    def after_set(self, name: str, scores: Mapping[str, float]) -> None:
        for callback in self._callbacks:
            callback.after_set(name, scores)

    def end(self) -> None:
        for callback in self._callbacks:
            callback.end()
