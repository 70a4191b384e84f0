"""A controlled experiment, from its nodes' results to the run's record."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from flows import matched
from flows.cells import Row
from flows.contrast_rules import contrasts_named
from flows.estimate import BACKWARD, shape_of
from flows.matched import LAST, Encoder
from flows.pretraining import MatchedTable
from flows.profile import Profile
from flows.requests import Trained
from isogloss.artifacts import Artifact
from isogloss.store import Store
from report import record as report

Done = Mapping[str, Any]
"""Results by the nodes that have one."""


def experiment(profile: Profile, store: Store, name: str, rows: list[Row], done: Done) -> report.Matched:
    """A table of kind `matched` as the report wants it: whatever of it is there."""
    table = profile.tables[name]
    assert isinstance(table, MatchedTable)
    texts = {
        code: done[f"{matched.TEXT} {code}"] for code in table.languages if f"{matched.TEXT} {code}" in done
    }
    made = [encoder for encoder in matched.encoders(table) if encoder.node in done]
    return report.Matched(
        rules=contrasts_named(table.contrasts),
        same=tuple(_same(profile, table)),
        arms=tuple(_arm(profile, store, encoder, done[encoder.node]) for encoder in made),
        scores=tuple(_scores(profile, rows, done)),
        likeness=tuple(_likeness(name, table, rows, done)),
        languages=tuple(table.languages),
        last=LAST,
        words={code: text.words for code, text in texts.items()},
        left_out={code: sum(text.left_out.values()) for code, text in texts.items()},
    )


def _same(profile: Profile, table: MatchedTable) -> Iterator[tuple[str, str]]:
    """What is equal in all arms."""
    choice = profile.pretraining
    assert choice is not None
    plan, shape = choice.plan, profile.models[table.inputs[0]]
    drawn = f"languages drawn at temperature {plan.temperature:g}, {plan.masked:.0%} hidden"
    rate = f"learning rate {choice.learning_rate:g}, {choice.schedule}, warm-up {choice.warmup_ratio:.0%}"
    yield "text", f"{', '.join(choice.text)}; {len(table.languages)} languages"
    yield "plan", f"{plan.steps:,} steps of {plan.windows} windows of {plan.length} units at most; {drawn}"
    yield "encoder", shape.describe()
    yield "pre-training", f"{rate}, weight decay {choice.weight_decay:g}"
    for task in table.tasks:
        values = profile.hyperparameters[task][table.inputs[0]]
        rate = f"learning rate {values.learning_rate}, {values.epochs} epochs"
        yield f"fine-tuning on {profile.task(task).title}", f"{rate}, {values.batch_size} sentences a step"
    yield "seeds", f"{table.seeds} of pre-training, {table.fine_tuning_seeds} of fine-tuning each"


def _arm(profile: Profile, store: Store, encoder: Encoder, result: Any) -> report.Arm:
    history = [
        json.loads(line) for line in store.get(Artifact.from_proto(result.history, "history")).splitlines()
    ]
    last = history[-1]
    shape, _ = shape_of(profile.models[encoder.input])
    assert profile.pretraining is not None
    plan = profile.pretraining.plan
    length = result.units / (plan.steps * plan.windows)
    return report.Arm(
        input=encoder.input,
        seed=encoder.seed,
        plan_sha256=result.plan.sha256,
        manifest=result.record.manifest.uri,
        units=result.units,
        fill=result.fill,
        seconds=result.train_s,
        flops=result.units * (1 + BACKWARD) * shape.operations(length),
        vocabulary=result.vocabulary,
        unknown_share=result.unknown_share,
        loss=last["loss"],
        accuracy=last["accuracy"],
        curve=tuple((line["step"], line["loss"]) for line in history),
        languages={item.language: item.loss for item in result.languages},
    )


def _scores(profile: Profile, rows: list[Row], done: Done) -> Iterator[report.TunedScore]:
    for row in rows:
        zero_shot = len({cell.training for cell in row.cells}) == 1
        for cell in row.cells:
            result = done.get(f"train {cell.training.label}")
            if result is None:
                continue
            regime = "zero_shot" if zero_shot else "in_language"
            yield report.TunedScore(
                task=cell.task,
                input=cell.input,
                seed=cell.pretraining or 0,
                fine_tuning_seed=cell.seed,
                regime="untrained" if cell.pretraining is None else regime,  # type: ignore[arg-type]
                language=cell.language,
                score=Trained(cell, result).evaluation(profile.reported_split).score,
                manifest=result.record.manifest.uri,
            )


def _likeness(name: str, table: MatchedTable, rows: list[Row], done: Done) -> Iterator[report.Likeness]:
    for encoder in matched.encoders(table):
        for reading, answer in done.get(matched.likeness(name, encoder), {}).items():
            yield _like(encoder, reading, answer)
    for row in rows:
        answer = done.get(f"similarity {row.table} {row.label}")
        tuned = matched.of_cell(row.cells[0])
        if answer is not None and tuned is not None:
            yield _like(tuned, f"fine-tuned on {row.task}, {LAST}", answer)


def _like(encoder: Encoder, reading: str, answer: Any) -> report.Likeness:
    field = "mean_cka_debiased_length_residual"
    return report.Likeness(
        input=encoder.input,
        seed=encoder.seed,
        reading=reading,
        cka=answer.mean_cka_debiased,
        without_length=getattr(answer, field) if answer.HasField(field) else None,
        manifest=answer.record.manifest.uri,
    )
