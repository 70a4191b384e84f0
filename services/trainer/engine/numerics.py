"""What arithmetic a run is done in: precision of the forward pass, and whether the encoder is compiled.

Weights, gradients, optimizer and loss are float32 always; so are evaluations, whose results must not depend
on which sentences share a batch. What was chosen goes into the manifest, since it changes the last digits.
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, cast

import torch

from isogloss.errors import InvalidInput
from services.encoders.models import Classifier

AUTO, FLOAT32, BFLOAT16 = "auto", "float32", "bfloat16"


@dataclass(frozen=True)
class Numerics:
    """Where and how a run computes."""

    device: torch.device
    precision: str = FLOAT32
    compiled: bool = False

    def autocast(self) -> AbstractContextManager[Any]:
        """The context of a training step's forward pass."""
        if self.precision == FLOAT32:
            return nullcontext()
        return torch.autocast(self.device.type, dtype=torch.bfloat16)

    def prepare(self, model: Classifier) -> None:
        """Move a model to its device and, where wanted, have torch compile its encoder for any length."""
        model.to(self.device)
        if self.compiled:
            model.encoder.compile(dynamic=True)

    def describe(self, model: Classifier) -> dict[str, str]:
        """For the manifest's `hardware`."""
        return {
            "precision": self.precision,
            "attention": str(cast(Any, model.encoder.config)._attn_implementation),
            "compiled": "yes" if self.compiled else "no",
        }


def choose(wanted: str, device: torch.device, compiled: bool = False) -> Numerics:
    """`auto` is bfloat16 on an accelerator that computes in it, float32 elsewhere.

    Raises `InvalidInput` for a bfloat16 that the accelerator would only imitate.
    """
    native = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    if wanted == AUTO:
        return Numerics(device, BFLOAT16 if native else FLOAT32, compiled)
    if wanted == BFLOAT16 and device.type == "cuda" and not native:
        name = torch.cuda.get_device_name(device)
        raise InvalidInput("hyperparameters.precision", f"{name} has no bfloat16", "Use PRECISION_FLOAT32.")
    return Numerics(device, wanted, compiled)
