"""Each service imports with the packages of the others out of reach, so that its image need not hold them."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT

# Makes the named packages look not installed, then imports the module and lists what it loaded.
PROBE = """
import importlib, sys
from importlib.machinery import PathFinder

BLOCKED = set(sys.argv[2].split(","))

class Installed(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in BLOCKED else PathFinder.find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Installed
importlib.import_module(sys.argv[1])
print(",".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""

FLOW = {"prefect", "datasets", "altair"}
G2P = {"epitran", "panphon", "segments"}
NEURAL = {"torch", "transformers", "tokenizers", "safetensors"}
METRICS = {"ot", "sklearn", "scipy"}


def loaded(module: str, blocked: set[str]) -> set[str]:
    """The top-level packages that importing a module loads, with some out of reach."""
    command = [sys.executable, "-c", PROBE, module, ",".join(blocked)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.strip().split(","))


@pytest.mark.parametrize(
    ("module", "blocked"),
    [
        ("services.g2p.__main__", FLOW | NEURAL | METRICS | {"epitran", "panphon", "pandas"}),
        ("services.metrics.__main__", FLOW | G2P | {"torch", "transformers", "tokenizers"}),
        ("services.trainer.worker", FLOW | G2P | METRICS),
        ("services.embedder.worker", FLOW | G2P | METRICS),
        ("isogloss.client", FLOW | G2P | NEURAL | METRICS | {"pyarrow", "numpy", "prometheus_client"}),
    ],
)
def test_a_part_needs_only_its_own_packages(module: str, blocked: set[str]) -> None:
    assert loaded(module, blocked)


@pytest.mark.parametrize("module", ["services.trainer.__main__", "services.embedder.__main__"])
def test_the_serving_process_never_loads_torch(module: str) -> None:
    """It answers what is cached at once; work runs in a child process."""
    assert not loaded(module, FLOW | G2P | METRICS) & {"torch", "transformers"}
