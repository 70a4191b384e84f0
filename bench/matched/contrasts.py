"""The contrasts of the matched experiment, by the rules of `claims.yaml`: phoneme minus each other arm."""

import hashlib
import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy import stats

from isogloss.metrics.engine.gap import performance_gap

CLAIMS = Path(__file__).with_name("claims.yaml")
Row = dict[str, Any]


def summary(rows: list[Row], profile: Row) -> Row:
    """Endpoints of each (input, seed), contrasts over seeds with intervals and outcomes, and what
    pre-training is worth."""
    claims = yaml.safe_load(CLAIMS.read_text(encoding="utf-8"))
    task = claims["primary_task"]
    languages = profile.get("fine_tuned_languages", profile["languages"])
    own = scores(rows, task, languages)
    found = endpoints(own, rows, languages)
    contrasts = [
        contrast(found, item["other"], name, endpoint, claims["level"])
        for item in claims["contrasts"]
        for name, endpoint in claims["endpoints"].items()
    ]
    contrasts = [item for item in contrasts if item]
    _holm(contrasts, claims)
    return {
        "claims_sha256": hashlib.sha256(CLAIMS.read_bytes()).hexdigest(),
        "scores": mean_scores(rows),
        "endpoints": [
            {"input": name, "seed": seed, **values} for (name, seed), values in sorted(found.items())
        ],
        "contrasts": contrasts,
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
    found: dict[tuple[str, int], dict[str, float]] = {}
    for cell, by_language in own.items():
        values = np.array([by_language[language] for language in languages])
        shares = np.clip(values / 100, 0.001, 0.999)
        found[cell] = {
            "mean_score": float(values.mean()),
            "log_spread_ratio": math.log(max(1e-6, float(np.std(np.log(shares / (1 - shares)), ddof=1)))),
            "mean_rpd": performance_gap(languages, values, 1).mean_rpd,
        }
    for row in rows:
        if row["kind"] == "cka" and row["pretrained"] and row["last"] and row["control"] == "length":
            found.setdefault((row["input"], row["seed"]), {})["cka_without_length"] = row["mean"]
    return found


def contrast(
    found: dict[tuple[str, int], dict[str, float]], other: str, name: str, endpoint: Row, level: float
) -> Row:
    """Phoneme minus `other`, paired by seed: mean, t interval over seeds (None with one), p."""
    seeds = sorted(
        seed for arm, seed in found
        if arm == other and name in found[arm, seed] and name in found.get(("phoneme", seed), {})
    )  # fmt: skip
    if not seeds:
        return {}
    differences = np.array([found["phoneme", seed][name] - found[other, seed][name] for seed in seeds])
    n, mean = len(differences), float(differences.mean())
    interval, p = None, None
    if n > 1:
        error = float(differences.std(ddof=1)) / math.sqrt(n)
        reach = float(stats.t.ppf(1 - level / 2, n - 1)) * error
        interval = [mean - reach, mean + reach]
        p = float(2 * stats.t.sf(abs(mean) / error, n - 1)) if error else None
    return {
        "endpoint": name,
        "contrast": f"phoneme - {other}",
        "seeds": n,
        "difference": mean,
        "interval": interval,
        "p": p,
        "margin": endpoint["margin"],
        "differences": [float(value) for value in differences],
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


def _holm(contrasts: list[Row], claims: Row) -> None:
    """Outcomes, with intervals at the level that Holm's procedure leaves each contrast."""
    tested = sorted((item for item in contrasts if item["p"] is not None), key=lambda item: item["p"])
    for place, item in enumerate(tested):
        n, mean, (low, high) = item["seeds"], item["difference"], item["interval"]
        level = claims["level"] / (len(tested) - place)
        ratio = stats.t.ppf(1 - level / 2, n - 1) / stats.t.ppf(1 - claims["level"] / 2, n - 1)
        low, high = mean - ratio * (mean - low), mean + ratio * (high - mean)
        item["holm_interval"] = [float(low), float(high)]
        sign = claims["endpoints"][item["endpoint"]]["direction"]
        low, high = sorted((sign * low, sign * high))
        margin = item["margin"]
        if low > margin:
            item["outcome"] = "holds"
        elif high < -margin:
            item["outcome"] = "fails"
        elif -margin < low and high < margin:
            item["outcome"] = "practically equal"
        else:
            item["outcome"] = "uninformative"
    for item in contrasts:
        item.setdefault("outcome", "uninformative")
