"""What the profile `paper` reads, on a local hub: real or sample sentences and small random models, in the
hub's layouts, at the pinned revisions.

Treebanks and FLORES+ have the pinned numbers of sentences, since those are checked; where fewer are at hand
they come again from the start. XNLI's train is its dev where no train is at hand.
"""

import io
import itertools
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from datasets import ClassLabel, Features, List, Value
from datasets import Dataset as HubDataset
from safetensors.torch import save_file
from transformers import (
    BertConfig,
    BertForMaskedLM,
    CanineConfig,
    CanineModel,
    RobertaConfig,
    RobertaForMaskedLM,
)

from isogloss.inputs import INPUTS
from isogloss.languages import LANGUAGES
from services.encoders.vocabulary import build_word_level, build_word_piece
from sources import Source
from sources.corpus import LABELED
from sources.revisions import DATASETS, FLORES, FLORES_SENTENCES, MODELS, TREEBANKS, WIKIANN, XNLI
from tests.contract.sources.local_hub import LocalHub, Repository

TOKEN = "hf_local"
UNPINNED = "c" * 40
"""The commit of what no pin can name: WikiAnn, and CANINE, whose pinned weights have a checksum."""

CANINE = "google/canine-s"
_BIO = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]
_NLI = ["entailment", "neutral", "contradiction"]
_HUB_SPLIT = {"train": "train", "dev": "validation", "test": "test"}
_LONGEST = 20  # words of a sentence: the hub need not serve a hundred megabytes
_SHAPE: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    # Drawn so widely that predictions differ from row to row: the paper's learning rates teach small random
    # models nothing, and scores that are all equal have no correlation.
    "initializer_range": 0.5,
}
_IPA = "a b d e f h i j k l m n o p r s t u v w x z æ ð ŋ ɑ ɒ ɔ ə ɛ ɡ ɪ ɲ ɾ ʁ ʂ ʃ ʊ ʌ ʒ θ t͡ʃ d͡ʒ aː iː uː"


def fill(hub: LocalHub, source: Source, languages: Iterable[str], rows: int) -> None:
    """Put the paper's data of these languages and its models on a hub.

    `rows` is the number of rows of each split of WikiAnn and XNLI, which have no pinned size.
    """
    known = [LANGUAGES[code] for code in languages]
    for language in known:
        if language.treebank in TREEBANKS:
            hub.raw |= _treebank(source, language.iso639_3, str(language.treebank))
    hub.datasets[WIKIANN] = _parquet_repository(
        UNPINNED,
        {
            language.wikiann: _splits(source, "ner", language.iso639_3, rows)
            for language in known
            if language.wikiann and language.treebank in TREEBANKS
        },
        _wikiann_split,
    )
    hub.datasets[XNLI] = _parquet_repository(
        str(DATASETS[XNLI]),
        {
            language.xnli: _splits(source, "xnli", language.iso639_3, rows)
            for language in known
            if language.xnli and source.splits("xnli", language.iso639_3)
        },
        _xnli_split,
    )
    hub.datasets[FLORES] = Repository(
        str(DATASETS[FLORES]),
        {f"devtest/{language.flores}.jsonl": _flores(source, language.iso639_3) for language in known},
        gated_token=TOKEN,
    )
    words = [word for row in source.read("xnli", "eng", "dev").rows for word in row["premise"].split()]
    for name, make in {
        "google-bert/bert-base-multilingual-cased": lambda folder: _mbert(folder, words),
        CANINE: _canine,
        "vinai/xphonebert-base": _xphonebert,
    }.items():
        commit = UNPINNED if MODELS[name].weights_sha256 else MODELS[name].revision
        hub.models[name] = Repository(commit, _files(make))


# --- Datasets


def _splits(source: Source, task: str, language: str, rows: int) -> dict[str, list[dict[str, Any]]]:
    """The first rows of each split; dev stands in for one that is not at hand."""
    at_hand = source.splits(task, language)
    return {
        split: list(itertools.islice(itertools.cycle(_short(source, task, language, split, at_hand)), rows))
        for split in LABELED
    }


def _short(
    source: Source, task: str, language: str, split: str, at_hand: Sequence[str]
) -> list[dict[str, Any]]:
    found = source.read(task, language, split if split in at_hand else "dev").rows
    return [row for row in found if len(row.get("tokens", ())) <= _LONGEST]


def _treebank(source: Source, language: str, code: str) -> dict[str, bytes]:
    """CoNLL-U with as many sentences as tag r2.13 has."""
    treebank, at_hand = TREEBANKS[code], source.splits("pos", language)
    files = {}
    for split, count in zip(LABELED, treebank.sentences, strict=True):
        sentences = [_conllu(row) for row in _short(source, "pos", language, split, at_hand)]
        text = "".join(itertools.islice(itertools.cycle(sentences), count))
        files[f"{treebank.repository}/{treebank.commit}/{code}-ud-{split}.conllu"] = text.encode()
    return files


def _conllu(row: dict[str, Any]) -> str:
    lines = [
        f"{number}\t{form}\t_\t{tag}\t_\t_\t0\t_\t_\t_"
        for number, (form, tag) in enumerate(zip(row["tokens"], row["labels"], strict=True), 1)
    ]
    return "\n".join([f"# text = {' '.join(row['tokens'])}", *lines, "", ""])


def _parquet_repository(
    commit: str,
    configs: dict[str, dict[str, list[dict[str, Any]]]],
    encode: Callable[[list[dict[str, Any]]], bytes],
) -> Repository:
    """`{config}/{split}-00000-of-00001.parquet` and a card that names them, as the hub's converter writes."""
    card = [
        {
            "config_name": config,
            "data_files": [
                {"split": _HUB_SPLIT[split], "path": f"{config}/{_HUB_SPLIT[split]}-*"} for split in splits
            ],
        }
        for config, splits in configs.items()
    ]
    files = {
        f"{config}/{_HUB_SPLIT[split]}-00000-of-00001.parquet": encode(rows)
        for config, splits in configs.items()
        for split, rows in splits.items()
    }
    return Repository(commit, {"README.md": f"---\nconfigs: {json.dumps(card)}\n---\n".encode(), **files})


def _wikiann_split(rows: list[dict[str, Any]]) -> bytes:
    features = Features(
        {
            "tokens": List(Value("string")),
            "ner_tags": List(ClassLabel(names=_BIO)),
            "langs": List(Value("string")),
            "spans": List(Value("string")),
        }
    )
    return _parquet(
        {
            "tokens": [row["tokens"] for row in rows],
            "ner_tags": [[_BIO.index(label) for label in row["labels"]] for row in rows],
            "langs": [["xx"] * len(row["tokens"]) for row in rows],
            "spans": [[] for _ in rows],
        },
        features,
    )


def _xnli_split(rows: list[dict[str, Any]]) -> bytes:
    features = Features(
        {"premise": Value("string"), "hypothesis": Value("string"), "label": ClassLabel(names=_NLI)}
    )
    columns: dict[str, list[Any]] = {name: [row[name] for row in rows] for name in ("premise", "hypothesis")}
    return _parquet(columns | {"label": [_NLI.index(row["label"]) for row in rows]}, features)


def _parquet(columns: dict[str, list[Any]], features: Features) -> bytes:
    out = io.BytesIO()
    HubDataset.from_dict(columns, features=features).to_parquet(out)
    return out.getvalue()


def _flores(source: Source, language: str) -> bytes:
    texts = itertools.cycle(row["text"] for row in source.read("flores", language, "devtest").rows)
    records = [{"id": number, "text": next(texts)} for number in range(1, FLORES_SENTENCES["devtest"] + 1)]
    return "\n".join(json.dumps(record, ensure_ascii=False) for record in records).encode()


# --- Models: the files that HUB.md lists, weights random and small


def _files(make: Callable[[Path], None]) -> dict[str, bytes]:
    torch.manual_seed(0)
    with TemporaryDirectory() as folder:
        make(Path(folder))
        return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}


def _mbert(folder: Path, words: list[str]) -> None:
    """Safetensors, with the heads of pre-training and their `bert.` prefix."""
    tokenizer = build_word_piece(words, 400)
    tokenizer.save(str(folder / "tokenizer.json"))
    ids = tokenizer.get_vocab()
    (folder / "vocab.txt").write_text("\n".join(sorted(ids, key=lambda name: ids[name])) + "\n")
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": false, "model_max_length": 512}')
    model = BertForMaskedLM(BertConfig(vocab_size=len(ids), **_SHAPE))
    _save_config(model, folder)
    weights = {name: tensor.clone().contiguous() for name, tensor in model.state_dict().items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def _canine(folder: Path) -> None:
    """Pickled weights alone, and no vocabulary."""
    model = CanineModel(CanineConfig(**_SHAPE, num_hash_buckets=2048))
    _save_config(model, folder)
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    (folder / "special_tokens_map.json").write_text("{}")
    (folder / "tokenizer_config.json").write_text('{"model_max_length": 2048}')


def _xphonebert(folder: Path) -> None:
    """Pickled weights, a `roberta.` prefix, tokenizer.json and no tokenizer_config.json."""
    tokenizer = build_word_level(_IPA.split(), INPUTS["phoneme"], 100)
    tokenizer.save(str(folder / "tokenizer.json"))
    size = tokenizer.get_vocab_size()
    config = RobertaConfig(vocab_size=size, max_position_embeddings=514, type_vocab_size=1, **_SHAPE)
    model = RobertaForMaskedLM(config)
    _save_config(model, folder)
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    (folder / "README.md").write_text("XPhoneBERT's layout, random weights\n")


def _save_config(model: Any, folder: Path) -> None:
    model.config.architectures = [type(model).__name__]
    model.config.to_json_file(str(folder / "config.json"))
