"""The units of a snapshot, whichever files its tokenizer has: tokenizer.json, vocab.txt, vocab.json, merges.

What `AutoTokenizer` makes of them is what a user of transformers gets, settings such as `do_lower_case`
included, and so do we, but for two cases in which it is silently wrong: a word-level vocabulary
(XPhoneBERT's), which it rebuilds as byte-pair encoding, and a tokenizer.json without tokenizer_config.json,
whose settings it would invent.
"""

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from transformers import AutoTokenizer

from isogloss.errors import InvalidInput
from isogloss.inputs import Input
from services.encoders.subwords import Subwords
from services.encoders.units import CodePoints, Units, Vocabulary, is_word_level

_FILE, _CONFIG = "tokenizer.json", "tokenizer_config.json"


def load_units(directory: Path, config: Any, of: Input, field: str) -> Units:
    """The units of a snapshot or of a trained model. Raises `InvalidInput` on `field`."""
    two_types = int(getattr(config, "type_vocab_size", 0) or 0) > 1
    if config.model_type == "canine":
        if of.units == "subword":
            raise InvalidInput(
                field, "CANINE does not read subwords", "Use an input of characters or symbols."
            )
        return CodePoints(of)
    own = _own_tokenizer(directory, field)
    if own is not None and is_word_level(own):
        if of.units == "subword":
            fix = "Use an input of characters or symbols."
            raise InvalidInput(field, "its vocabulary holds single units, and no subwords", fix)
        return Vocabulary(own, of, field, two_types)
    if of.units != "subword":
        fix = "Use an input of subwords, or a snapshot with a WordLevel vocabulary."
        raise InvalidInput(field, f"its tokenizer cuts subwords, and no {of.units}s", fix)
    named = _named_specials(directory, field)
    if own is not None and not (directory / _CONFIG).exists():
        return Subwords(own, field, two_types, named)
    return Subwords(_as_transformers(directory, own, field), field, two_types, named)


def _own_tokenizer(directory: Path, field: str) -> Tokenizer | None:
    path = directory / _FILE
    if not path.exists():
        return None
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises plain Exception
        fix = "Fetch the snapshot again."
        raise InvalidInput(field, f"{_FILE} cannot be read ({error})", fix) from error


def _as_transformers(directory: Path, own: Tokenizer | None, field: str) -> Tokenizer:
    """The fast tokenizer that transformers makes of the files."""
    try:
        loaded: Any = AutoTokenizer.from_pretrained(
            str(directory), local_files_only=True, trust_remote_code=False, use_fast=True
        )
        backend = loaded.backend_tokenizer
    except Exception as error:  # of many kinds: what is missing, what is not installed, what does not parse
        fix = "Send its tokenizer.json, or vocab.txt, with tokenizer_config.json."
        raise InvalidInput(field, f"no fast tokenizer in its files ({error})", fix) from error
    made = Tokenizer.from_str(backend.to_str())
    if own is not None and _kind(made) != _kind(own):
        return own  # transformers rebuilt it as something else, from the model's name
    return made


def _kind(tokenizer: Tokenizer) -> str:
    return str(json.loads(tokenizer.to_str())["model"].get("type"))


def _named_specials(directory: Path, field: str) -> dict[str, str]:
    """What tokenizer_config.json and special_tokens_map.json call the padding and the unknown unit."""
    named: dict[str, str] = {}
    for name in ("special_tokens_map.json", _CONFIG):
        path = directory / name
        if not path.exists():
            continue
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            for special in ("pad_token", "unk_token"):
                value = content.get(special)
                text = value.get("content") if isinstance(value, dict) else value
                if isinstance(text, str):
                    named[special] = text
        except (ValueError, AttributeError) as error:
            raise InvalidInput(field, f"{name} cannot be read", "Fetch the snapshot again.") from error
    return named
