"""Snapshots of every model family at small size, as `save_pretrained` of plain transformers writes them."""

import json
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import (
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    BertConfig,
    BertTokenizer,
    CanineConfig,
    CanineTokenizer,
    DebertaV2Config,
    DistilBertConfig,
    ElectraConfig,
    ModernBertConfig,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaTokenizer,
    XLMRobertaConfig,
)

from services.encoders.vocabulary import build_word_piece

TEXT = ["Ada", "wrote", "it", ",", "añb", "жаба", "한국", "Ada", "wrote", "long", "letters", "."]
_SIZE: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "initializer_range": 0.3,
}


def _word_piece(**settings: Any) -> BertTokenizer:
    vocabulary = build_word_piece(TEXT * 3, 200).get_vocab()
    return BertTokenizer(vocab=vocabulary, **settings)


def _byte_level() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([" ".join(TEXT)] * 3, trainer)
    return tokenizer


def _roberta() -> RobertaTokenizer:

    model = json.loads(_byte_level().to_str())["model"]
    merges = [tuple(item) for item in model["merges"]]
    return RobertaTokenizer(vocab=model["vocab"], merges=merges, add_prefix_space=True)


def _modern() -> PreTrainedTokenizerFast:
    tokenizer = _byte_level()
    ids = tokenizer.get_vocab()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> $B </s>",
        special_tokens=[("<s>", ids["<s>"]), ("</s>", ids["</s>"])],
    )
    return _fast(tokenizer)


def _unigram(pair: str) -> PreTrainedTokenizerFast:
    """SentencePiece's kind, as XLM-R and DeBERTa have it."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=120,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>"],
        unk_token="<unk>",
        show_progress=False,
    )
    tokenizer.train_from_iterator([" ".join(TEXT)] * 3, trainer)
    ids = tokenizer.get_vocab()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair=pair, special_tokens=[("<s>", ids["<s>"]), ("</s>", ids["</s>"])]
    )
    return _fast(tokenizer)


def _fast(tokenizer: Tokenizer) -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        cls_token="<s>",
        sep_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
    )


Maker = Callable[[], tuple[Any, Any]]


def _of(config: Callable[..., Any], tokenizer: Callable[[], Any], **settings: Any) -> Maker:
    def make() -> tuple[Any, Any]:
        made = tokenizer()
        sizes = {"vocab_size": len(made), "pad_token_id": made.pad_token_id, **settings}
        return config(**sizes), made

    return make


_IDS = {"bos_token_id": 0, "eos_token_id": 2}

FAMILIES = MappingProxyType(
    {
        "bert": _of(BertConfig, _word_piece, **_SIZE),
        "roberta": _of(RobertaConfig, _roberta, **_SIZE, **_IDS, type_vocab_size=1),
        "xlm-roberta": _of(
            XLMRobertaConfig,
            lambda: _unigram("<s> $A </s> </s> $B </s>"),
            **_SIZE,
            **_IDS,
            type_vocab_size=1,
        ),
        "distilbert": _of(
            DistilBertConfig, _word_piece, dim=32, n_layers=2, n_heads=2, hidden_dim=64, initializer_range=0.3
        ),
        "electra": _of(ElectraConfig, _word_piece, **_SIZE, embedding_size=16),
        "deberta-v2": _of(
            DebertaV2Config,
            lambda: _unigram("<s> $A </s> $B:1 </s>:1"),
            **_SIZE,
            relative_attention=True,
            position_buckets=16,
            pos_att_type=["p2c", "c2p"],
            position_biased_input=False,
            type_vocab_size=0,
            norm_rel_ebd="layer_norm",
            share_att_key=True,
            pooler_hidden_size=32,
        ),
        "modernbert": _of(
            ModernBertConfig, _modern, **_SIZE, **_IDS, cls_token_id=0, sep_token_id=2, local_attention=16
        ),
        "canine": lambda: (CanineConfig(**_SIZE), CanineTokenizer()),
    }
)


def write(directory: Path, name: str, classes: int = 3, pooled: bool = False, **how: Any) -> tuple[Any, Any]:
    """Save a classifier and its tokenizer; returns both, as transformers has them."""
    torch.manual_seed(0)
    config, tokenizer = FAMILIES[name]()
    config.num_labels = classes
    kind = AutoModelForSequenceClassification if pooled else AutoModelForTokenClassification
    model = kind.from_config(config).eval()
    model.save_pretrained(directory, **how)
    tokenizer.save_pretrained(directory)
    return model, tokenizer
