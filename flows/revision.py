"""Which commit of the repository runs; for people, since keys and manifests go by the sources themselves."""

import shutil
import subprocess
from pathlib import Path


def revision() -> str:
    """`git describe` of this checkout, "-dirty" where it was changed; empty where there is no git or no
    repository, as in an image.
    """
    git = shutil.which("git")
    if git is None:
        return ""
    command = [git, "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--abbrev=12"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
