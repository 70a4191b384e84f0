"""The service imports, and computes exact transport, where torch and transformers are not installed."""

import subprocess
import sys
import textwrap

from tests.conftest import ROOT


def test_no_torch_and_no_transformers() -> None:
    code = """
        import sys
        import importlib.abc

        class NotInstalled(importlib.abc.MetaPathFinder):
            def find_spec(self, name, path=None, target=None):
                if name.split(".")[0] in {"torch", "transformers", "jax", "tensorflow"}:
                    raise ModuleNotFoundError(f"{name} is not installed here")

        sys.meta_path.insert(0, NotInstalled())
        import numpy as np
        import services.metrics.__main__
        from isogloss.metrics.engine.output_gap import output_gap
        heavy = {"ot", "sklearn"} & set(sys.modules)
        assert not heavy, f"imported at start: {heavy}"
        p = np.random.default_rng(0).dirichlet([1, 1, 1], size=20)
        assert output_gap(["eng", "swa"], [p, p[::-1]], 0.1)[0].exact is not None
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, check=True, timeout=120)
