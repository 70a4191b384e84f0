"""LoRA (Hu et al. 2021, arXiv 2106.09685): the encoder stays as it is, and small matrices beside those of its
layers are trained, by peft. At the end they are merged, so that a trained model looks like any other.

    add(model, rank, seed)      # before the optimizer is made
    …
    merge(model)                # once the best weights are loaded
"""

from torch import nn

from services.encoders.classifier import Classifier
from services.trainer.engine.seeds import seed_torch

ALPHA_PER_RANK = 2  # what is learned counts twice, whatever the rank: peft's and the paper's usual choice


def add(model: Classifier, rank: int, seed: int) -> None:
    """Give every matrix of the encoder's layers an adapter, and freeze the rest of the encoder but its
    pooler; the classifying head is trained as ever.
    """
    from peft import LoraConfig, inject_adapter_in_model

    layers = model.family.layers
    matrices = [
        name
        for name, module in model.encoder.named_modules()
        if name.startswith(f"{layers}.") and isinstance(module, nn.Linear)
    ]
    seed_torch(seed, "lora")
    config = LoraConfig(r=rank, lora_alpha=ALPHA_PER_RANK * rank, target_modules=matrices, lora_dropout=0.0)
    inject_adapter_in_model(config, model.encoder)
    for name, parameter in model.encoder.named_parameters():
        parameter.requires_grad_("lora_" in name or name.startswith("pooler."))


def merge(model: Classifier) -> None:
    """Add what the adapters learned to the matrices, and take the adapters away."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    for name, module in list(model.encoder.named_modules()):
        if isinstance(module, BaseTunerLayer):
            module.merge()
            parent, _, place = name.rpartition(".")
            setattr(model.encoder.get_submodule(parent), place, module.get_base_layer())
    for parameter in model.parameters():
        parameter.requires_grad_(True)
