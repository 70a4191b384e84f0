"""Where models run: the accelerator when there is one, the CPU otherwise."""

import platform

import torch

from isogloss.settings import settings

LIBRARIES = ("numpy", "pyarrow", "safetensors", "tokenizers", "torch", "transformers")
"""Results may depend on their versions."""


def pick() -> torch.device:
    """CUDA if present, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def describe(device: torch.device) -> dict[str, str]:
    """What a manifest records of it."""
    if device.type == "cuda":
        return {"device": torch.cuda.get_device_name(device), "cuda": str(torch.version.cuda)}
    return {"device": platform.processor() or platform.machine(), "threads": str(torch.get_num_threads())}


def environment() -> dict[str, str]:
    """What of it changes results beyond the last digits that any two processors differ in: the class of the
    device, and how many threads share a sum, where that is set.
    """
    device = pick()
    if device.type == "cuda":
        major, minor = torch.cuda.get_device_capability(device)
        return {"device": f"cuda {major}.{minor}"}
    return {"device": device.type, "threads": str(settings().torch_threads or "torch's choice")}


def configure(threads: int) -> None:
    """Threads of this process (0: torch's choice), and arithmetic that repeats itself."""
    if threads:
        torch.set_num_threads(threads)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.deterministic = True
