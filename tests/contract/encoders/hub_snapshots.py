"""Snapshots as the hub has them, file by file, with random weights: the three encoders of the paper.

What differs from what `save_pretrained` would write today, and is imitated here, since it is what a loader
trips over:

    bert-base-multilingual-cased   weights of the pre-training model: prefix `bert.`, heads that nothing here
                                   needs, and LayerNorm's weights under their TensorFlow names gamma and beta
    canine-s                       pickled weights only, without a prefix, with a buffer of position ids; no
                                   tokenizer.json, since code points need none
    xphonebert-base                pickled weights only, prefix `roberta.`, no pooler; tokenizer.json alone,
                                   a word-level vocabulary (which `AutoTokenizer` rebuilds as BPE)

Configurations, file names and sizes are those of the pinned revisions in `flows/profiles/paper.yaml`. Two
things are read off sizes and model cards and not off the files: XPhoneBERT's exact vocabulary size (1,960)
and that its weights are those of the masked language model.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer
from tokenizers.decoders import WordPiece as WordPieceDecoder
from tokenizers.models import WordLevel, WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer, WhitespaceSplit
from tokenizers.processors import RobertaProcessing, TemplateProcessing
from transformers import (
    BertConfig,
    BertForPreTraining,
    CanineConfig,
    CanineModel,
    RobertaConfig,
    RobertaForMaskedLM,
)

LETTERS = "abcdefghijklmnopqrstuvwxyzäéñжщшабвгд한국어अआक"
PHONEMES = [*"abdefhijklmnoprstuvwzŋɛɪʃʊʌʒθ", "aː", "iː", "t͡ʃ", "n̪", "ʰ"]
TINY = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
_BASE = {
    "attention_probs_dropout_prob": 0.1,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1,
    "hidden_size": 768,
    "initializer_range": 0.02,
    "intermediate_size": 3072,
    "num_attention_heads": 12,
    "num_hidden_layers": 12,
}
_PLACE = {"[PAD]": 0, "[UNK]": 100, "[CLS]": 101, "[SEP]": 102, "[MASK]": 103}  # mBERT's own ids


def write_mbert(directory: Path, **shape: int) -> None:
    """google-bert/bert-base-multilingual-cased: 119,547 subwords; safetensors."""
    config = _BASE | {
        "architectures": ["BertForMaskedLM"],
        "directionality": "bidi",
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": 512,
        "model_type": "bert",
        "pad_token_id": 0,
        "pooler_fc_size": 768,
        "pooler_num_attention_heads": 12,
        "pooler_num_fc_layers": 3,
        "pooler_size_per_head": 128,
        "pooler_type": "first_token_transform",
        "position_embedding_type": "absolute",
        "type_vocab_size": 2,
        "vocab_size": 119_547,
    }
    config |= shape
    _write_config(directory, config)
    vocabulary = _subwords(config["vocab_size"])
    _mbert_tokenizer(vocabulary).save(str(directory / "tokenizer.json"))
    (directory / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    (directory / "tokenizer_config.json").write_text(
        json.dumps({"do_lower_case": False, "model_max_length": 512}), encoding="utf-8"
    )
    weights = BertForPreTraining(BertConfig(**config)).state_dict()
    weights = {_tensorflow_name(name): tensor for name, tensor in weights.items()}
    weights.pop("cls.predictions.decoder.weight")  # tied to the word embeddings
    weights.pop("cls.predictions.decoder.bias", None)
    save_file(weights, directory / "model.safetensors", metadata={"format": "pt"})


def write_canine(directory: Path, **shape: int) -> None:
    """google/canine-s, and canine-c, which differs in nothing but its weights: pickled."""
    config = _BASE | {
        "architectures": ["CanineModel"],
        "bos_token_id": 57344,
        "downsampling_rate": 4,
        "eos_token_id": 57345,
        "layer_norm_eps": 1e-12,
        "local_transformer_stride": 128,
        "max_position_embeddings": 16_384,
        "model_type": "canine",
        "num_hash_buckets": 16_384,
        "num_hash_functions": 8,
        "pad_token_id": 0,
        "type_vocab_size": 16,
        "upsampling_kernel_size": 4,
    }
    config |= shape
    _write_config(directory, config)
    specials = {"bos_token": "\ue000", "cls_token": "\ue000", "eos_token": "\ue001", "mask_token": "\ue003",
                "pad_token": "\x00", "sep_token": "\ue001"}  # fmt: skip
    (directory / "special_tokens_map.json").write_text(json.dumps(specials), encoding="utf-8")
    (directory / "tokenizer_config.json").write_text(json.dumps(specials), encoding="utf-8")
    weights = dict(CanineModel(CanineConfig(**config)).state_dict())
    positions = torch.arange(config["max_position_embeddings"]).expand((1, -1))
    weights["char_embeddings.position_ids"] = positions.clone()
    torch.save(weights, directory / "pytorch_model.bin")


def write_xphonebert(directory: Path, **shape: int) -> None:
    """vinai/xphonebert-base: config.json, pytorch_model.bin, tokenizer.json and nothing else."""
    config = _BASE | {
        "architectures": ["RobertaForMaskedLM"],
        "bos_token_id": 0,
        "eos_token_id": 2,
        "layer_norm_eps": 1e-05,
        "max_position_embeddings": 514,
        "model_type": "roberta",
        "pad_token_id": 1,
        "type_vocab_size": 1,
        "vocab_size": 1960,
    }
    config |= shape
    _write_config(directory, config)
    _xphonebert_tokenizer(config["vocab_size"]).save(str(directory / "tokenizer.json"))
    weights = dict(RobertaForMaskedLM(RobertaConfig(**config)).state_dict())
    torch.save(weights, directory / "pytorch_model.bin")


WRITERS: Mapping[str, Callable[..., None]] = {
    "subword": write_mbert,
    "character": write_canine,
    "phoneme": write_xphonebert,
}
PICKLED = ("character", "phoneme")
WEIGHTS_MB = {"subword": 714, "character": 529, "phoneme": 350}  # as HUB.md has them


def _write_config(directory: Path, config: Mapping[str, Any]) -> None:
    (directory / "config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")


def _subwords(size: int) -> list[str]:
    names = [f"[unused{number}]" for number in range(size)]
    for name, number in _PLACE.items():
        names[number] = name
    spelled = [*".,!?-'", *LETTERS, *LETTERS.upper(), *(f"##{letter}" for letter in LETTERS)]
    for number, name in enumerate(dict.fromkeys(spelled), start=104):
        names[number] = name
    return names


def _mbert_tokenizer(vocabulary: list[str]) -> Tokenizer:
    ids = {name: number for number, name in enumerate(vocabulary)}
    tokenizer = Tokenizer(WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=False
    )
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", _PLACE["[CLS]"]), ("[SEP]", _PLACE["[SEP]"])],
    )
    tokenizer.decoder = WordPieceDecoder(prefix="##", cleanup=True)
    tokenizer.add_special_tokens([AddedToken(name, special=True) for name in _PLACE])
    return tokenizer


def _xphonebert_tokenizer(size: int) -> Tokenizer:
    names = ["<s>", "<pad>", "</s>", "<unk>", "▁", *PHONEMES, *".,!?"]
    names += [f"filler{number}" for number in range(size - 1 - len(names))]
    names.append("<mask>")
    ids = {name: number for number, name in enumerate(names)}
    tokenizer = Tokenizer(WordLevel(ids, unk_token="<unk>"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.post_processor = RobertaProcessing(("</s>", 2), ("<s>", 0))
    tokenizer.add_special_tokens(
        [AddedToken(name, special=True) for name in ("<s>", "<pad>", "</s>", "<unk>", "<mask>")]
    )
    return tokenizer


def _tensorflow_name(name: str) -> str:
    return name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
