"""What stands behind the numbers, as rows of the report: models, data sets, hyper-parameters, phonemes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flows.cells import Cell
from flows.intake import Corpus
from flows.profile import Profile
from flows.requests import Trained, hyperparameters
from isogloss.g2p.v1 import g2p_pb2
from isogloss.trainer.v1 import trainer_pb2
from report import record as report
from sources.card import SplitCard


def cell(profile: Profile, asked: Cell, trained: Trained | None, reason: str) -> report.Cell:
    """What a cell scored, beside the baselines of the same set, and its cost; or why nothing."""
    if trained is None:
        place = (asked.task, asked.input, asked.language, asked.seed)
        return report.Cell(*place, None, reason=reason, train_fraction=asked.train_fraction)
    result, evaluation = trained.result, trained.evaluation(profile.reported_split)
    baselines = {name.removeprefix("baseline_"): value for name, value in evaluation.scores.items()}
    return report.Cell(
        task=asked.task,
        input=asked.input,
        language=asked.language,
        seed=asked.seed,
        score=evaluation.score,
        metric=profile.task(asked.task).score,
        majority=baselines.get("majority"),
        lexicon=baselines.get("lexicon"),
        seconds=result.train_s,
        tokens_per_second=result.tokens_per_s,
        best_epoch=result.best_epoch,
        truncated=evaluation.truncated,
        reused=result.record.reused,
        manifest=result.record.manifest.uri,
        loss=_losses(trained.history),
        dev=_dev_scores(trained.history),
        train_fraction=asked.train_fraction,
        trained_on=asked.trained_on,
    )


def dataset(profile: Profile, corpus: Corpus) -> report.DatasetRow:
    """Sizes of a corpus by split, to stand beside Table 4."""
    rows = {"test" if split == "devtest" else split: count for split, count in corpus.rows.items()}
    return report.DatasetRow(
        corpus=profile.resource(corpus.task) or corpus.task,
        language=corpus.language,
        train=rows.get("train"),
        dev=rows.get("dev"),
        test=rows.get("test"),
        source=corpus.source,
        sha256=tuple(artifact.sha256 for artifact in corpus.splits.values()),
        note=" ".join(corpus.notes),
        manifest=corpus.manifest,
        license=corpus.card.license if corpus.card else "",
        splits={name: _split(item) for name, item in corpus.card.splits.items()} if corpus.card else {},
    )


def _split(item: SplitCard) -> report.SplitCard:
    lengths = item.lengths
    return report.SplitCard(
        rows=item.rows,
        at_source=item.at_source,
        words=item.words,
        labels=item.labels,
        unit=lengths.unit,
        shortest=lengths.shortest,
        median=lengths.median,
        mean=lengths.mean,
        longest=lengths.longest,
        in_train=item.in_train,
    )


def hyperparameter_rows(profile: Profile, cells: Iterable[Cell]) -> Iterator[report.HyperparameterRow]:
    """What every (task, input, language) was trained with, to stand beside Table 5."""
    first: dict[tuple[str, str, str], Cell] = {}
    for item in cells:
        first.setdefault((item.task, item.input, item.language), item)
    for (task, name, language), item in first.items():
        values = hyperparameters(profile, item.training)
        shown: dict[str, bool | int | float | str] = {
            "learning_rate": values.learning_rate,
            "weight_decay": values.weight_decay,
            "schedule": trainer_pb2.Schedule.Name(values.schedule).removeprefix("SCHEDULE_").lower(),
            "batch_size": values.batch_size,
            "epochs": values.epochs,
            "max_length": values.max_length,
        }
        yield report.HyperparameterRow(task, name, language, item.model(profile), shown)


def sweep(profile: Profile, cells: Iterable[Cell]) -> str:
    """How the hyper-parameters of the cells were chosen, as a sentence."""
    searched = {item.searched(profile.seed) for item in cells}
    rounds = ", ".join(f"{fraction:.0%}" for fraction in profile.sweep.rounds)
    points = sum(len(profile.grid(item.task)) for item in searched)
    return (
        f"Learning rate, weight decay and schedule were chosen by the dev score of seed {profile.seed} (sweep"
        f" {profile.sweep.kind}): {points} points for {len(searched)} models, trained on {rounds} of the"
        " train set."
    )


def phonemes(
    language: str, results: Sequence[g2p_pb2.ConvertCorpusResult], unknown: Sequence[g2p_pb2.Quality]
) -> report.G2PRow:
    """How well one language's text became phonemes, over all corpora of the run; `unknown` counts, task by
    task, the scored split under the vocabulary of the task's phoneme model.
    """
    total = g2p_pb2.Quality()
    for result in results:
        for field, value in result.quality.ListFields():
            if field.name != "worst_words":
                setattr(total, field.name, getattr(total, field.name) + value)
    segments = sum(quality.vocabulary_segments for quality in unknown)
    lacking = sum(quality.vocabulary_unknown for quality in unknown)
    worst = dict.fromkeys(word for result in results for word in result.quality.worst_words)
    return report.G2PRow(
        language,
        total.tokens,
        total.leaked_tokens / total.tokens if total.tokens else None,
        {
            "letters left, %": _percent(total.leaked_characters, total.characters),
            "unknown to PanPhon, %": _percent(total.unknown_phonemes, total.phonemes),
            "<unk> to the model, %": _percent(lacking, segments) if segments else "n/a",
            "worst words": " ".join(list(worst)[:3]),
            "types": max(result.quality.types for result in results),
            "backend": results[0].provenance.backend,
        },
        tuple(dict.fromkeys(result.record.manifest.uri for result in results)),
    )


def _losses(history: Sequence[Mapping[str, Any]]) -> tuple[report.LossPoint, ...]:
    return tuple(
        report.LossPoint(line["step"], line["loss"], line["learning_rate"])
        for line in history
        if "loss" in line
    )


def _dev_scores(history: Sequence[Mapping[str, Any]]) -> tuple[report.DevPoint, ...]:
    return tuple(report.DevPoint(line["epoch"], line["dev_score"]) for line in history if "dev_score" in line)


def _percent(part: int, whole: int) -> float | str:
    return round(100 * part / whole, 2) if whole else "nothing to count"
