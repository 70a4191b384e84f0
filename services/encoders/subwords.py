"""The units of a fast tokenizer: pieces of words by WordPiece, BPE or Unigram."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from tokenizers import Tokenizer

from isogloss.errors import InvalidInput
from services.encoders.units import Frame, fast_config, write_config


class Subwords:
    """The units of a fast tokenizer, by the `tokenizers` library; each distinct word is cut once.

    Words are cut one by one, so a tokenizer that marks where a word begins (byte-level BPE) marks it on each
    of them, the first one included, as transformers does with `add_prefix_space`.
    """

    def __init__(
        self, tokenizer: Tokenizer, field: str, two_types: bool = True, named: Mapping[str, str] | None = None
    ) -> None:
        """`named`: what the tokenizer calls its specials, where it says (`pad_token`, `unk_token`).

        Raises `InvalidInput` on `field` when the vocabulary lacks a special.
        """
        self._tokenizer = with_prefix_space(tokenizer)
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._named = dict(named or {})
        pad = self._special("pad_token", ("[PAD]", "<pad>"), field)
        self.unknown = self._special("unk_token", ("[UNK]", "<unk>"), field)
        self.frame = self._frame(pad, two_types, field)
        self.size = int(self._tokenizer.get_vocab_size())
        self._known: dict[str, list[int]] = {}

    def word_ids(self, reading: str) -> list[int]:
        ids = self._known.get(reading)
        if ids is None:
            cut = self._tokenizer.encode([reading], is_pretokenized=True, add_special_tokens=False)
            ids = self._known[reading] = list(cut.ids) or [self.unknown]
        return ids

    def reading(self, ids: Sequence[int]) -> str:
        pieces = [self._tokenizer.id_to_token(item) or "" for item in ids]
        if self._tokenizer.decoder is None or any(piece.startswith("##") for piece in pieces):
            return "".join(piece.removeprefix("##") for piece in pieces)
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=False)).strip()

    def save(self, directory: Path, max_length: int) -> None:
        self._tokenizer.save(str(directory / "tokenizer.json"))
        start, end = (str(self._tokenizer.id_to_token(ids[0])) for ids in (self.frame.start, self.frame.end))
        specials = {"cls_token": start, "sep_token": end, **self._named}
        write_config(directory, fast_config(specials, max_length, self.frame.two_types))

    def _special(self, name: str, usual: Sequence[str], field: str) -> int:
        choices = [self._named[name]] if name in self._named else usual
        for choice in choices:
            number = self._tokenizer.token_to_id(choice)
            if number is not None:
                self._named[name] = choice
                return int(number)
        fix = "Send the tokenizer that belongs to the model."
        raise InvalidInput(field, f"the vocabulary has no {choices[0]!r}", fix)

    def _frame(self, pad: int, two_types: bool, field: str) -> Frame:
        """The specials that the tokenizer itself puts around a pair."""
        pair = self._tokenizer.encode(["a"], ["a"], is_pretokenized=True)
        sides = pair.sequence_ids  # None: a special
        places = {side: [at for at, item in enumerate(sides) if item == side] for side in (0, 1)}
        if not places[0] or not places[1] or sides[0] is not None or sides[-1] is not None:
            fix = "Send a tokenizer with a template, as encoders have."
            raise InvalidInput(field, "its tokenizer puts no tokens around a text", fix)
        start, middle, end = (
            tuple(pair.ids[: places[0][0]]),
            tuple(pair.ids[places[0][-1] + 1 : places[1][0]]),
            tuple(pair.ids[places[1][-1] + 1 :]),
        )
        return Frame(start, middle, end, (), pad, two_types)


def with_prefix_space(tokenizer: Tokenizer) -> Tokenizer:
    """The same tokenizer, marking the beginning of each word that it is given, where it marks any."""
    content = json.loads(tokenizer.to_str())
    first = content.get("pre_tokenizer") or {}
    for step in first.get("pretokenizers", [first]):
        if step.get("type") == "ByteLevel":
            step["add_prefix_space"] = True
    return Tokenizer.from_str(json.dumps(content))
