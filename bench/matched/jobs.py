"""What a worker of the matched experiment does with one encoder: fine-tune it, look at its vectors."""

# ruff: noqa: N806  # shape suffixes are upper case

import shutil
import tempfile
import time
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from isogloss.inputs import INPUTS
from isogloss.tasks import TASKS
from services.trainer.pretrain.corpus import units_of

Row = dict[str, Any]


def pretrain(job: Mapping[str, Any]) -> list[Row]:
    """Pre-train an encoder, or only draw its weights, and export it: one row, with what it cost and
    learned."""
    import torch

    from services.encoders import device as devices
    from services.trainer.pretrain import export, loop
    from services.trainer.pretrain import plan as plans
    from services.trainer.pretrain.model import Shape, flops_per_unit
    from services.trainer.pretrain.run import Request, describe, prepare

    devices.configure(1)
    device, profile, name = devices.pick(), job["profile"], job["input"]
    started = time.perf_counter()
    plan, corpus, shares = _read(job["folder"], job["plan"], tuple(profile["languages"]), name)
    shape, hp = Shape(**profile["shape"]), loop.Hyperparameters(**profile["pretraining"])
    request = Request(name, {}, Path(job["plan"]), shape, hp, job["seed"])
    model, vocabulary, drawing = prepare(request, plan, corpus, device)
    unigram = unigram_loss(drawing)

    def report(state: Any, total: int) -> None:
        """What does not even come near each language's frequencies has collapsed, and will not recover."""
        if state.step >= profile.get("patience", 10**9) and state.history[-1]["loss"] > 1.15 * unigram:
            loss = state.history[-1]["loss"]
            raise RuntimeError(f"{loss:.3f} nats after {state.step} steps, and unigrams have {unigram:.3f}")

    state = loop.train(model, drawing, plan, hp, job["seed"], device, loop.Hooks(report), steps=job["steps"])
    record = describe(request, plan, corpus, vocabulary, state, plans.file_hash(Path(job["plan"])))
    export.save(Path(job["snapshot"]), model, shape, vocabulary, record)
    if not state.step:
        return []
    rows, last = plan.settings.windows * state.step, record["history"][-1]
    peak = torch.cuda.max_memory_allocated() / 1e9 if device.type == "cuda" else 0.0
    return [{
        "kind": "pretraining", **job["cell"], "steps": state.step, "units": state.units,
        "fill": round(record["fill"], 4), "seconds": round(state.seconds, 2),
        "wall_s": round(time.perf_counter() - started, 2), "peak_gb": round(peak, 2),
        "units_per_s": round(state.units / max(1e-9, state.seconds)),
        "flops": flops_per_unit(shape, state.units / rows) * state.units,
        "vocabulary": record["vocabulary"], "unknown_share": record["unknown_share"], "letters_left": shares,
        "unigram_loss": unigram, "loss": last["loss"], "accuracy": last["accuracy"],
        "languages": last["languages"],
        "curve": [[entry["step"], round(entry["loss"], 4)] for entry in record["history"]],
    }]  # fmt: skip


def unigram_loss(drawing: Any) -> float:
    """Nats of a hidden unit for who knows each language's frequencies, and copies what is shown as it is;
    over the first steps of the plan. Below this, a model has learned from what stands around the hidden
    units."""
    batches = [drawing.batch(step) for step in range(drawing.steps)[:16]]
    targets, languages = (
        np.concatenate([getattr(b, name) for b in batches]) for name in ("targets_M", "languages_M")
    )
    shown = np.concatenate([b.ids_BL[b.rows_M, b.positions_M] == b.targets_M for b in batches])
    nats = 0.0
    for language in np.unique(languages):
        counts = np.bincount(targets[languages == language])
        shares = counts[counts > 0] / counts.sum()
        nats -= float((languages == language).mean() * (shares * np.log(shares)).sum())
    return float((1 - shown.mean()) * nats)


@lru_cache(2)
def _read(folder: str, plan_path: str, languages: tuple[str, ...], name: str) -> tuple[Any, Any, Row]:
    """Plan and corpus of one input, checked, and the share of letters that its rendering left."""
    from services.trainer.pretrain import corpus as corpora
    from services.trainer.pretrain import leftovers
    from services.trainer.pretrain import plan as plans

    plan = plans.load(Path(plan_path))
    paths = {language: Path(folder) / f"text/{language}.parquet" for language in languages}
    corpus = corpora.read(paths, [name])
    plans.check(plan, corpus)
    return plan, corpus, leftovers.shares(corpus, name) if name in ("phoneme", "romanized") else {}


def fine_tune(job: Mapping[str, Any]) -> list[Row]:
    """Train on one language and evaluate, with the trainer's own engine: a row for each test language."""
    import torch

    from services.encoders import device as devices
    from services.trainer.engine import run as engine
    from services.trainer.engine.callback import Callback
    from services.trainer.engine.loop import Hyperparameters, choose

    devices.configure(1)
    started = time.perf_counter()
    settings, language, task = job["settings"], job["language"], job["task"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def corpus(of: str, split: str, most: int | None = None) -> Path:
            source = Path(job["data"]) / task / of / f"{split}.parquet"
            return _first(source, folder / f"{of}-{split}.parquet", most)

        hp = Hyperparameters(
            learning_rate=settings["learning_rate"], weight_decay=0.01, epochs=settings["epochs"],
            batch_size=settings["batch_size"], schedule="linear", warmup_ratio=0.1, max_grad_norm=1.0,
            max_length=settings["max_length"], early_stop_epochs=0, label_scheme=settings["label_scheme"],
            train_fraction=0.0, precision=settings["precision"],
        )  # fmt: skip
        request = engine.Request(
            task=TASKS[task],
            input=INPUTS[job["input"]],
            language=language,
            hyperparameters=hp,
            seed=job["fine_tuning_seed"],
            train=corpus(language, "train", settings["sentences"]),
            dev=corpus(language, "dev"),
            evaluations={of: corpus(of, "test", settings.get("test")) for of in job["tests"]},
            snapshot=Path(job["snapshot"]),
        )
        out = folder / "out"
        out.mkdir()
        outcome = engine.run(request, out, choose(settings["precision"], devices.pick()), Callback())
        shutil.rmtree(out)
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    seconds = time.perf_counter() - started
    return [
        {
            "kind": "score", **job["cell"], "task": task, "fine_tuning_seed": job["fine_tuning_seed"],
            "language": language, "test": item.name, "score": item.score, "sentences": item.sentences,
            "truncated": item.truncated, "best_epoch": outcome.best_epoch, "seconds": round(seconds, 2),
            "train_s": round(outcome.train_s, 2), "units_per_s": round(outcome.tokens_per_s),
        }
        for item in outcome.evaluations
    ]  # fmt: skip


def similarity(job: Mapping[str, Any]) -> list[Row]:
    """Debiased CKA between all pairs of languages, layer by layer, raw and with sentence length taken out.

    A sentence's vector is the mean over the units of its words: no special, no separator.
    """
    from isogloss.metrics.engine.cka import Features, debiased_cka, gram_sums
    from isogloss.metrics.engine.length import length_basis, without_length

    started = time.perf_counter()
    vectors, lengths = {}, {}
    for language in job["languages"]:
        path = Path(job["data"]) / f"flores/{language}.parquet"
        vectors[language], lengths[language] = _vectors(Path(job["snapshot"]), path, job)
    rows = []
    layers = vectors[job["languages"][0]].shape[0]
    for layer in range(layers):
        raw = [Features.of(vectors[language][layer]) for language in job["languages"]]
        residual = [
            without_length(item, length_basis(lengths[language]))
            for item, language in zip(raw, job["languages"], strict=True)
        ]
        for control, features in (("raw", raw), ("length", residual)):
            cka = debiased_cka(gram_sums(features))
            first, second = np.triu_indices(len(features), k=1)
            rows.append({
                "kind": "cka", **job["cell"], "layer": layer, "last": layer == layers - 1, "control": control,
                "mean": float(cka[first, second].mean()),
                "pairs": [round(float(value), 4) for value in cka[first, second]],
                "seconds": round(time.perf_counter() - started, 2),
            })  # fmt: skip
    return rows


def _vectors(snapshot: Path, corpus: Path, job: Mapping[str, Any]) -> tuple[Any, Any]:
    """Of all sentences [layers + 1, n, D], and how many units each is the mean of [n]."""
    import torch

    from services.encoders.device import pick
    from services.trainer.pretrain.vocabulary import END, PAD, SEPARATOR, START, UNKNOWN

    device = pick()
    model, ids = _snapshot(str(snapshot), device)
    source = INPUTS[job["input"]]
    sentences = []
    for words in pq.read_table(corpus)[source.column("tokens")].to_pylist()[: job["flores"]]:
        run = [START]
        for number, word in enumerate(words):
            run += [SEPARATOR] * bool(number) + [ids.get(unit, UNKNOWN) for unit in units_of(word, source)]
        sentences.append([*run[: job["max_length"] - 1], END])
    lengths = np.array([sum(item not in (START, END, SEPARATOR) for item in run) for run in sentences])
    order = sorted(range(len(sentences)), key=lambda index: -len(sentences[index]))
    found: Any = None
    for at in range(0, len(order), 64):
        rows = order[at : at + 64]
        ids_BL = torch.full((len(rows), len(sentences[rows[0]])), PAD)
        for row, index in enumerate(rows):
            ids_BL[row, : len(sentences[index])] = torch.tensor(sentences[index])
        ids_BL = ids_BL.to(device)
        with torch.no_grad():
            output = model(input_ids=ids_BL, attention_mask=(ids_BL != PAD).long(), output_hidden_states=True)
        kept = (ids_BL != PAD) & (ids_BL != START) & (ids_BL != END) & (ids_BL != SEPARATOR)
        means = [
            (layer * kept[..., None]).sum(1) / kept.sum(1, keepdim=True) for layer in output.hidden_states
        ]
        block = torch.stack(means).float().cpu().numpy()
        if found is None:
            found = np.empty((block.shape[0], len(sentences), block.shape[2]), dtype=np.float32)
        found[:, rows] = block
    return found, lengths.astype(float)


def _snapshot(directory: str, device: Any) -> tuple[Any, dict[str, int]]:
    from tokenizers import Tokenizer
    from transformers import AutoModel

    model = (
        AutoModel.from_pretrained(directory, add_pooling_layer=False, local_files_only=True).to(device).eval()
    )
    return model, Tokenizer.from_file(f"{directory}/tokenizer.json").get_vocab(with_added_tokens=True)


def _first(source: Path, target: Path, most: int | None) -> Path:
    """The first sentences of a corpus."""
    if not most:
        return source
    pq.write_table(pq.read_table(source).slice(0, most), target)
    return target
