"""Build wheel and sdist from what is committed, install them where nothing else is, and try each extra.

    python tools/release.py                     every extra, newest versions
    python tools/release.py --lowest            every extra, the lowest versions that the wheel's bounds allow
    python tools/release.py g2p metrics         these only

Built from `git archive` of HEAD, without git and without tags, as an image or a shallow clone has them; the
wheel is built from the sdist. Environments are made with uv below a temporary folder. What the extras
of services hold serves a checkout: its parts are imported with the wheel in place of its package.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = str(Path(sys.executable).with_name("uv"))
MUST_HOLD = ("isogloss/VERSION", "isogloss/languages.tsv", "isogloss/py.typed", "isogloss/cli/__init__.py")
MUST_NOT_HOLD = ("services/", "flows/", "sources/", "report/", "stack/", "tests/", "tools/", "build/")

HTTP = """
import json, socket, subprocess, sys, time, urllib.request
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
server = subprocess.Popen([sys.executable, "-m", "isogloss.cli", "g2p", "serve", "--port", str(port)])
try:
    for _ in range(120):
        try:
            body = json.dumps({"language": "fr", "texts": ["Bonjour le monde"]}).encode()
            print(urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/convert", body).read().decode())
            break
        except OSError:
            time.sleep(0.5)
finally:
    server.terminate()
"""
CKA = """
import numpy as np
from isogloss.metrics import cka
x = np.random.default_rng(0).normal(size=(200, 16))
print(f"{cka({'eng': x, 'deu': 2 * x}).pairs[0].cka:.3f}")
"""
SAFE = "import sys; assert not {'torch', 'transformers'} & set(sys.modules)"
TOLD = """
import subprocess, sys
done = subprocess.run(["isogloss", "measure", "gaps", "eng=1"], capture_output=True, text=True)
print(done.returncode, done.stderr)
"""


@dataclass(frozen=True)
class Promise:
    """A command, with `python` and `isogloss` of the new environment, and what it must print."""

    command: tuple[str, ...]
    prints: str
    in_checkout: bool = False


def _imports(module: str) -> Promise:
    return Promise(("python", "-c", f"import {module}; print('imported')"), "imported", in_checkout=True)


PROMISES: dict[str, tuple[Promise, ...]] = {
    "": (
        Promise(("isogloss", "--version"), "isogloss {version}"),
        Promise(("python", "-c", "import isogloss; print(isogloss.__version__)"), "{version}"),
        Promise(("isogloss", "languages", "--has", "xnli"), "English"),
        Promise(("python", "-c", "from isogloss import AsyncG2PClient, G2PClient; print('ok')"), "ok"),
        Promise(("python", "-c", TOLD), "1 error: isogloss measure needs"),
    ),
    "server": (Promise(("python", "-c", "import isogloss.server, isogloss.work; print('ok')"), "ok"),),
    "g2p": (
        Promise(("isogloss", "g2p", "--lang", "fra", "--local", "text.txt"), "bɔ̃ʒuʀ lə mɔ̃d"),
        Promise(("python", "-c", "from isogloss import phonemize; print(phonemize('monde', 'fr'))"), "mɔ̃d"),
        Promise(("python", "-c", HTTP), "bɔ̃ʒuʀ lə mɔ̃d"),
        Promise(("python", "-c", f"import isogloss.g2p; {SAFE}; print('no torch')"), "no torch"),
        _imports("services.g2p.__main__"),
    ),
    "renderings": (
        Promise(("python", "-c", "import uroman; print(uroman.Uroman().romanize_string('мир'))"), "mir"),
    ),
    "telemetry": (
        Promise(
            (
                "python",
                "-c",
                "from isogloss import telemetry; telemetry.configure('x', 'http://x'); print('on')",
            ),
            "on",
        ),
    ),
    "metrics": (
        Promise(("isogloss", "measure", "gaps", "eng=87.1", "fra=91.3", "kor=84.1"), "mean_rpd"),
        Promise(("python", "-c", CKA), "1.000"),
        _imports("services.metrics.__main__"),
    ),
    "trainer": (_imports("services.trainer.worker"),),
    "embedder": (_imports("services.embedder.worker"),),
    "flows": (_imports("flows.replicate"),),
    "cluster": (_imports("flows.cluster.__main__"),),
}
"""By extra; the empty one is the wheel alone."""


def build(scratch: Path, into: Path) -> tuple[Path, Path, Path]:
    """The tree as committed, the sdist, and the wheel made of it."""
    tree = scratch / "tree"
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
    (scratch / "tree.tar").write_bytes(archive)
    with tarfile.open(scratch / "tree.tar") as file:
        file.extractall(tree, filter="data")
    if subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, check=True).stdout:
        print("note: what is not committed is not built")
    shutil.rmtree(into, ignore_errors=True)
    subprocess.run([UV, "build", "--quiet", *_index(), f"--out-dir={into}", str(tree)], check=True)
    (sdist,), (wheel,) = into.glob("*.tar.gz"), into.glob("*.whl")
    return tree, sdist, wheel


def check_contents(sdist: Path, wheel: Path) -> str:
    """The release that both are of; an error names what is missing or too much."""
    release = (ROOT / "isogloss" / "VERSION").read_text().strip()
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
    wrong = [f"{name} is missing" for name in MUST_HOLD if name not in names]
    wrong += [f"{name} does not belong there" for name in names if name.startswith(MUST_NOT_HOLD)]
    wrong += [f"{item.name} is not of {release}" for item in (sdist, wheel) if f"-{release}" not in item.name]
    if wrong:
        sys.exit(f"{wheel.name}: " + "; ".join(wrong))
    return release


def environment(folder: Path, wheel: Path, extra: str, lowest: bool) -> None:
    """Make a virtual environment that holds the wheel with one extra, and nothing else."""
    subprocess.run([UV, "venv", "--quiet", f"--python={sys.executable}", str(folder)], check=True)
    what = f"{wheel}[{extra}]" if extra else str(wheel)
    how = ["--resolution=lowest-direct"] if lowest else []
    python = f"--python={folder / 'bin' / 'python'}"
    subprocess.run([UV, "pip", "install", "--quiet", python, *_index(), *how, what], check=True)


def _index() -> list[str]:
    """Where pip would look for more; uv does not read its variable."""
    return [f"--find-links={place}" for place in os.environ.get("PIP_FIND_LINKS", "").split()]


def kept(folder: Path, promise: Promise, place: Path, release: str) -> str:
    """Nothing, or what a promise printed instead."""
    program, *arguments = promise.command
    path = f"{folder / 'bin'}:/usr/bin:/bin"
    done = subprocess.run(
        [str(folder / "bin" / program), *arguments],
        cwd=place,
        env={"PATH": path, "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    wanted = promise.prints.format(version=release)
    return (
        ""
        if wanted in done.stdout
        else f"{' '.join(promise.command)[:90]}: {(done.stdout + done.stderr)[-600:]}"
    )


def _megabytes(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, install, try; the table says how large each is. 1 where a promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("extras", nargs="*", help="default: all, and the wheel alone")
    parser.add_argument("--lowest", action="store_true", help="the lowest versions that the bounds allow")
    parser.add_argument("--into", type=Path, default=ROOT / "dist", help="where wheel and sdist go")
    given = parser.parse_args(arguments)
    unknown = set(given.extras) - set(PROMISES)
    if unknown:
        parser.error(
            f"extras: no {', '.join(sorted(unknown))}; there are {', '.join(filter(None, PROMISES))}"
        )
    broken = []
    with tempfile.TemporaryDirectory(prefix="isogloss-release-") as name:
        scratch = Path(name)
        tree, sdist, wheel = build(scratch, given.into)
        release = check_contents(sdist, wheel)
        print(*(f"{file.name}  {file.stat().st_size / 1e3:.0f} kB" for file in (sdist, wheel)), sep="\n")
        shutil.rmtree(tree / "isogloss")  # the wheel's stands in for it
        (scratch / "empty").mkdir()
        (scratch / "empty" / "text.txt").write_text("Bonjour le monde\n")
        for extra in given.extras or PROMISES:
            folder, start = scratch / "env", time.monotonic()
            environment(folder, wheel, extra, given.lowest)
            installed = time.monotonic() - start
            wrong = [
                said
                for promise in PROMISES[extra]
                if (
                    said := kept(folder, promise, tree if promise.in_checkout else scratch / "empty", release)
                )
            ]
            packages = len(list(folder.glob("lib/*/site-packages/*.dist-info")))
            print(
                f"{extra or '(none)':11} {packages:4} packages {_megabytes(folder):6.0f} MB"
                f" {installed:4.0f} s  "
                f"{len(PROMISES[extra]) - len(wrong)} of {len(PROMISES[extra])} promises",
                flush=True,
            )
            broken += [f"{extra or '(none)'}: {said}" for said in wrong]
            shutil.rmtree(folder)
    print(*broken, sep="\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
