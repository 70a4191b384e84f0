"""The network: an encoder of transformers with a classifying head on words, or on the text or pair.

    logits = head(dropout(hidden state of a word's first unit))             labels of words
    logits = head(dropout(act(dense(hidden state of the first id))))        of texts and pairs (pooled)

Which dense layer and activation, and where they are, is the family's: the same as in transformers'
classifiers, so that what is trained here is loaded there.

Shape suffixes: B sequences, L positions, D hidden size, U units that are read, N words or texts, C classes.
"""

# ruff: noqa: N806  # shape suffixes are upper case

from typing import Any, cast

from torch import Tensor, nn
from transformers.activations import ACT2FN

from services.encoders.batches import Batch, Readings
from services.encoders.families import FAMILIES, Dense, Family


class DenseLayer(nn.Module):
    """The layer before the linear head, where a family has one outside of its encoder."""

    def __init__(self, record: Dense, config: Any) -> None:
        super().__init__()
        bias = bool(getattr(config, record.bias)) if record.bias else True
        self.dense = nn.Linear(config.hidden_size, config.hidden_size, bias)
        nn.init.normal_(self.dense.weight, std=config.initializer_range)
        if bias:
            nn.init.zeros_(self.dense.bias)
        field = record.activation.removeprefix("config.")
        self.activation = ACT2FN[record.activation if field == record.activation else getattr(config, field)]
        self.norm = (
            nn.LayerNorm(config.hidden_size, eps=config.norm_eps, bias=config.norm_bias)
            if record.norm
            else nn.Identity()
        )

    def forward(self, features_ND: Tensor) -> Tensor:  # noqa: N803
        """[N, D] to [N, D]."""
        return cast(Tensor, self.norm(self.activation(self.dense(features_ND))))


class Classifier(nn.Module):
    """An encoder with a head; `pooled` reads a text or pair at its first position."""

    def __init__(self, encoder: nn.Module, classes: int, pooled: bool) -> None:
        super().__init__()
        self.encoder = encoder
        self.pooled = pooled
        config = self.config
        record = self.family.dense
        if record is not None and self.family.has_dense(pooled):
            self.dense: nn.Module | None = DenseLayer(record, config)
        else:
            self.dense = None
        self.dropout = nn.Dropout(getattr(config, self.family.dropout))
        self.head = nn.Linear(config.hidden_size, classes)
        nn.init.normal_(self.head.weight, std=config.initializer_range)
        nn.init.zeros_(self.head.bias)

    @property
    def config(self) -> Any:
        """The encoder's configuration, of transformers."""
        return cast(Any, self.encoder.config)

    @property
    def architecture(self) -> str:
        """transformers' model_type."""
        return str(self.config.model_type)

    @property
    def family(self) -> Family:
        """What is known of the architecture."""
        return FAMILIES[self.architecture]

    @property
    def positions(self) -> int:
        """The longest sequence, in ids, that the position table has room for."""
        return self.family.longest_sequence(self.config)

    @property
    def layers(self) -> int:
        """How many layers `hidden_after` knows."""
        return int(self.config.num_hidden_layers)

    def hidden(self, batch: Batch) -> Tensor:
        """The last hidden layer, [B, L, D]."""
        return cast(Tensor, self._encode(batch).last_hidden_state)

    def hidden_after(self, batch: Batch, layer: int) -> Tensor:
        """What layer `layer` puts out, from 1, [B, L, D].

        CANINE's layers hold one vector for four characters, each of which gets it, as CANINE itself spreads
        them; its last hidden layer comes after them.
        """
        kept: list[Tensor] = []

        def keep(module: nn.Module, arguments: Any, output: Any) -> None:
            kept.append(output[0] if isinstance(output, tuple) else output)

        stack = cast(nn.ModuleList, self.encoder.get_submodule(self.family.layers))
        hook = stack[layer - 1].register_forward_hook(keep)
        try:
            self.hidden(batch)
        finally:
            hook.remove()
        if self.architecture == "canine":
            encoder = cast(Any, self.encoder)
            return cast(Tensor, encoder._repeat_molecules(kept[0], batch.ids_BL.shape[1]))
        return kept[0]

    def embedded(self, batch: Batch) -> Tensor:
        """What the input embedding layer puts out, positions and types included, [B, L, D]."""
        encoder = cast(Any, self.encoder)
        table = encoder.char_embeddings if self.architecture == "canine" else encoder.embeddings
        types = {"token_type_ids": batch.types_BL} if self.family.types else {}
        return cast(Tensor, table(input_ids=batch.ids_BL, **types))

    def unit_embeddings(self, batch: Batch) -> Tensor:
        """The vectors of the units alone, without positions, [B, L, D]."""
        encoder = cast(Any, self.encoder)
        if self.architecture != "canine":
            return cast(Tensor, encoder.get_input_embeddings()(batch.ids_BL))
        table = encoder.char_embeddings
        sizes = (table.config.hidden_size, table.config.num_hash_functions, table.config.num_hash_buckets)
        return cast(Tensor, table._embed_hash_buckets(batch.ids_BL, *sizes))

    def forward(self, batch: Batch, readings: Readings) -> Tensor:
        """Logits [N, C], one row for each reading: the mean over its places, or the pooled text."""
        output = self._encode(batch)
        if self.pooled:
            features_ND = output.pooler_output if self.family.pools else output.last_hidden_state[:, 0]
        else:
            states_UD = output.last_hidden_state[readings.rows_U, readings.positions_U]
            features_ND = readings.mean(states_UD)
        if self.dense is not None:
            features_ND = self.dense(features_ND)
        return cast(Tensor, self.head(self.dropout(features_ND)))

    def _encode(self, batch: Batch) -> Any:
        types = {"token_type_ids": batch.types_BL} if self.family.types else {}
        return self.encoder(input_ids=batch.ids_BL, attention_mask=batch.mask_BL, **types)
