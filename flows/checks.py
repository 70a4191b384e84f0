"""What can be known to be wrong before the first training, of data that have been read and rendered."""

from typing import Any

from flows import matched
from flows.nodes import Results
from flows.profile import Profile
from flows.requests import PHONEMES
from isogloss.errors import InvalidInput
from sources.errors import MalformedFile, SourceError


def is_wrong_experiment(error: object) -> bool:
    """Whether an error in reading means that the experiment is to be mended before anything is trained: data
    are not there, or not those of the pin. A file that is there and broken costs its own language's cells
    alone.
    """
    return isinstance(error, SourceError) and not isinstance(error, MalformedFile)


def check_data(profile: Profile, results: Results) -> list[str]:
    """Notes for the report. Raises `InvalidInput` naming field and file where measures could not be had.

    `results` are of datasets and renderings, as far as they could be made.
    """
    _check_parallel(profile, results)
    notes = matched.check_text(profile, results)
    scored = profile.scored_languages
    heard = {code: made for code, made in _by_language(results).items() if code in scored}
    return notes + profile.phoneme_gate.check(heard, profile.registry)


def _check_parallel(profile: Profile, results: Results) -> None:
    """Line i is the same sentence in every language; and t-SNE needs three points a neighbor."""
    corpus, split = profile.parallel.corpus, profile.parallel.split
    rows = {
        code: results[f"dataset {corpus}/{code}"].rows[split]
        for code in profile.languages
        if f"dataset {corpus}/{code}" in results
    }
    if not rows:
        return
    most = max(rows.values())
    short = {code: count for code, count in rows.items() if count != most}
    if short:
        counts = ", ".join(f"{code} has {count:,}" for code, count in short.items())
        problem = f"{split} is not parallel: {counts} sentences, the others {most:,}"
        fix = "Line i must be the same sentence in every language: mend the file, or leave the language out."
        raise InvalidInput(f"data.{corpus}", problem, fix)
    for name, table in profile.live.items():
        if table.kind == "gaps" and table.figure_task:
            points = len(table.plane_languages) * min(profile.gaps.tsne_points, most)
            if profile.gaps.tsne_perplexity > (points - 1) / 3:
                problem = f"{profile.gaps.tsne_perplexity:g}, but the plane of {name} has {points} points"
                fix = f"Use at most {(points - 1) // 3}, or set tables.{name}.figure_task to null."
                raise InvalidInput("gaps.tsne_perplexity", problem, fix)


def _by_language(results: Results) -> dict[str, list[Any]]:
    """Of everything that became phonemes, what G2P said of each split, by language."""
    merged: dict[str, list[Any]] = {}
    for name, result in results.items():
        if name.startswith(f"{PHONEMES} "):
            merged.setdefault(name.rpartition("/")[2], []).extend(result.values())
        if name.startswith(f"{matched.RENDERINGS} "):
            merged.setdefault(name.rpartition("/")[2], []).append(result)
    return merged
