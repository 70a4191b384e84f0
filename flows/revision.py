"""Which release and commit runs; for people, since keys and manifests go by the sources themselves."""

import shutil
import subprocess
from pathlib import Path

import isogloss


def revision() -> str:
    """The release, then the commit of this checkout, "dirty" where it was changed: `1.2.3+7d182a5f12.dirty`.

    The release alone where there is no git or no repository, as in an image.
    """
    git = shutil.which("git")
    if git is None:
        return isogloss.__version__
    command = [git, "-C", str(Path(__file__).parent), "describe", "--always", "--abbrev=12"]
    command += ["--exclude=*", "--dirty=.dirty"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    commit = done.stdout.split() if done.returncode == 0 else []
    return "+".join([isogloss.__version__, *commit])
