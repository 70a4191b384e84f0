"""Without a checkout: overlays and components from a Git repository at a tag render the same objects."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.k8s.rendering import OVERLAYS, kustomize, render

TAG = "v0.0.0"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Git repository with the manifests of this checkout under a tag, as kustomize is given it."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed, by which kustomize reads a repository")
    root = tmp_path_factory.mktemp("remote") / "isogloss"
    shutil.copytree(ROOT / "deploy" / "k8s", root / "deploy" / "k8s")
    git = ["git", "-C", str(root), "-c", "user.name=test", "-c", "user.email=test@localhost"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "manifests"], ["tag", TAG]):
        subprocess.run([*git, *command], check=True)
    return f"file://{root}"


def rendered(folder: Path, repository: str, overlay: str, *components: str) -> tuple[object, ...]:
    """A kustomization of one's own, in an empty folder, as docs/cluster.md has it."""
    at = f"{repository}//deploy/k8s/{{}}?ref={TAG}"
    own = {
        "namespace": "isogloss",
        "resources": [at.format(f"overlays/{overlay}")],
        "components": [at.format(f"components/{name}") for name in components],
    }
    (folder / "kustomization.yaml").write_text(json.dumps(own))
    return kustomize(folder)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_is_the_same_from_afar(tmp_path: Path, repository: str, overlay: str) -> None:
    assert rendered(tmp_path, repository, overlay) == render(overlay)


def test_components_are_the_same_from_afar(tmp_path: Path, repository: str) -> None:
    wanted = ("tls", "monitoring", "telemetry")
    assert rendered(tmp_path, repository, "gpu", *wanted) == render("gpu", *wanted)
