"""Which peft trains adapters, if any. No torch here."""

from importlib.metadata import PackageNotFoundError, version

from isogloss.errors import InvalidInput


def peft_version() -> str:
    """`InvalidInput` where it is not installed."""
    try:
        return version("peft")
    except PackageNotFoundError:
        fix = "Install isogloss[lora] where the trainer runs, or leave lora out."
        raise InvalidInput("hyperparameters.lora_rank", "peft is not installed in the trainer", fix) from None
