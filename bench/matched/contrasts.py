"""The contrasts of the matched experiment, by the rules and the arithmetic of the report: see
`report/contrasts.py` and `flows/profiles/claims/matched.yaml`."""

from collections import defaultdict
from typing import Any

import numpy as np

from flows.contrast_rules import contrasts_named
from report.contrasts import Contrasted, contrasts, of_scores
from report.record import ContrastRules

Row = dict[str, Any]


def summary(rows: list[Row], profile: Row) -> Row:
    """Endpoints of each (input, seed), contrasts over seeds with intervals and outcomes, and what
    pre-training is worth."""
    rules = contrasts_named("matched")
    languages: list[str] = profile.get("fine_tuned_languages") or profile["languages"]
    own = scores(rows, rules.primary_task, languages)
    found = endpoints(own, rows, languages)
    made: Any = found
    return {
        "claims_sha256": rules.sha256,
        "scores": mean_scores(rows),
        "endpoints": [
            {"input": name, "seed": seed, **values} for (name, seed), values in sorted(found.items())
        ],
        "contrasts": [contrasted(rules, item) for item in contrasts(rules, made)],
        "failures": sum(row["kind"] == "failure" for row in rows),
    }


def scores(rows: list[Row], task: str, languages: list[str]) -> dict[tuple[str, int], dict[str, float]]:
    """In-language test scores, mean over fine-tuning seeds, of the (input, seed) that have all languages."""
    gathered: dict[tuple[str, int], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if (
            row["kind"] == "score"
            and row["pretrained"]
            and row["task"] == task
            and row["test"] == row["language"]
        ):
            gathered[row["input"], row["seed"]][row["language"]].append(row["score"])
    return {
        cell: {language: float(np.mean(values[language])) for language in languages}
        for cell, values in gathered.items()
        if all(values[language] for language in languages)
    }


def endpoints(
    own: dict[tuple[str, int], dict[str, float]], rows: list[Row], languages: list[str]
) -> dict[tuple[str, int], dict[str, float]]:
    """Mean score, log of the SD on the logit scale, mean RPD, CKA without length, by (input, seed)."""
    found = {
        cell: dict[str, float](of_scores([by_language[language] for language in languages]))  # type: ignore[arg-type]
        for cell, by_language in own.items()
    }
    for row in rows:
        if row["kind"] == "cka" and row["pretrained"] and row["last"] and row["control"] == "length":
            found.setdefault((row["input"], row["seed"]), {})["cka_without_length"] = row["mean"]
    return found


def contrasted(rules: ContrastRules, item: Contrasted) -> Row:
    """One contrast as a line of the results."""
    return {
        "endpoint": item.endpoint,
        "contrast": f"{rules.input} - {item.other}",
        "seeds": len(item.differences),
        "difference": item.mean,
        "interval": item.interval and list(item.interval),
        "p": item.p,
        "margin": item.margin,
        "differences": list(item.differences),
        "holm_interval": item.holm_interval and list(item.holm_interval),
        "outcome": item.outcome,
    }


def mean_scores(rows: list[Row]) -> list[Row]:
    """By task, input, pre-trained or not: mean in-language and zero-shot test scores."""
    groups: dict[tuple[Any, ...], list[float]] = defaultdict(list)
    for row in rows:
        if row["kind"] == "score":
            regime = "in_language" if row["test"] == row["language"] else "zero_shot"
            groups[row["task"], row["input"], row["pretrained"], regime].append(row["score"])
    return [
        {"task": task, "input": name, "pretrained": pretrained, "regime": regime,
         "mean": round(float(np.mean(values)), 3), "cells": len(values)}
        for (task, name, pretrained, regime), values in sorted(groups.items())
    ]  # fmt: skip
