"""The one place where a pickle is read, a child of ImportModel:
`python -m isogloss.child services.trainer.unpickle`.

It is started with an environment that holds no secrets, and forbids itself the network and other programs
before it looks at the pickle; and `weights_only=True` lets torch build nothing but tensors. The parent
fetches, uploads and holds the credentials.
"""

import pickle
import sys
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from isogloss import child, logs
from isogloss.child import Json, Reporter
from isogloss.code_version import version_of
from isogloss.errors import InvalidInput

CONVERTED = "model.safetensors"
_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.fork",
    "ctypes.",
)


def forbid(event: str, _: tuple[Any, ...]) -> None:
    """An audit hook, which nothing can remove: no network and no programs for the rest of this process."""
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} is forbidden while a pickle is read")


def unpickle(job: Json, reporter: Reporter) -> Json:
    """Handler: `pytorch_model.bin` of `job["directory"]`, or its shards, become `model.safetensors` there."""
    directory = Path(job["directory"])
    reporter.progress(phase="converting")
    tensors: dict[str, torch.Tensor] = {}
    for path in sorted(directory.glob("pytorch_model*.bin")):
        tensors |= read_state(path)
    save_file(tensors, directory / CONVERTED, metadata={"format": "pt"})
    return {"tensors": len(tensors)}


def read_state(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a pickled state dictionary; `InvalidInput` when it is anything else."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, PermissionError) as error:
        problem = f"{path.name} is not a plain dictionary of tensors ({type(error).__name__})"
        fix = "Send weights that torch saved with `torch.save(model.state_dict())`."
        raise InvalidInput("snapshot", problem, fix) from error
    if not isinstance(state, dict) or not all(
        isinstance(name, str) and isinstance(item, torch.Tensor) for name, item in state.items()
    ):
        raise InvalidInput("snapshot", f"{path.name} holds more than tensors", "Send a state dictionary.")
    # Tensors that share memory, such as tied embeddings, are written one by one: safetensors cannot share.
    return {name: item.detach().clone().contiguous() for name, item in state.items()}


def main() -> None:
    """Serve the parent's one job."""
    logs.configure("trainer-unpickle", "INFO")
    torch.zeros(1)  # what torch loads lazily is loaded before the gates close
    sys.addaudithook(forbid)
    child.serve({"unpickle": unpickle}, version_of("services.trainer.unpickle"))
