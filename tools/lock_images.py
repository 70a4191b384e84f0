"""Write `deploy/images/requirements/*.txt`: what each image installs, with hashes.

python tools/lock_images.py

Versions are those of `constraints.txt`. The hashes are of every file that the index offers for a version. The
lists `*-cpu` pin torch's CPU build, which the index must offer (`PIP_FIND_LINKS`). No list names an index.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "deploy" / "images" / "requirements"
PARTS = ("g2p", "metrics", "trainer", "embedder", "cluster")
EXTRAS = {"g2p": "renderings"}  # of a part whose image holds more than its own extra
ALL = ("--extra=telemetry", "--allow-unsafe")
WITH_TORCH = ("trainer", "embedder")
# What builds the few packages that come as sources alone; pip would fetch it unpinned.
BUILD = "pip==26.3\nsetuptools==84.2.1\nwheel==0.48.0\n"
# What lists an image's content, in CycloneDX. Like BUILD it stays in the build stage.
SBOM = "cyclonedx-bom==7.5.0\n"


def compile_list(name: str, source: Path, *options: str) -> None:
    """Resolve one list with uv."""
    command = [
        str(Path(sys.executable).with_name("uv")),
        "pip",
        "compile",
        str(source),
        f"--constraint={ROOT / 'constraints.txt'}",
        "--generate-hashes",
        "--no-header",
        "--no-annotate",
        "--no-emit-index-url",
        "--no-emit-find-links",
        "--python-version=3.11",
        "--python-platform=x86_64-unknown-linux-gnu",
        f"--output-file={TARGET / name}.txt",
        "--quiet",
        "--upgrade",
        *options,
    ]
    subprocess.run(command, check=True, cwd=ROOT)


def main() -> None:
    """One list per part, and torch's CPU build beside CUDA's."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        for name, content in (("build", BUILD), ("sbom", SBOM)):
            source = Path(scratch, f"{name}.in")
            source.write_text(content)
            compile_list(name, source, "--allow-unsafe")
        cpu = Path(scratch, "cpu.txt")
        cpu.write_text("torch==2.13.0+cpu\n")
        links = os.environ.get("PIP_FIND_LINKS", "").split()
        for part in PARTS:
            compile_list(part, ROOT / "pyproject.toml", f"--extra={EXTRAS.get(part, part)}", *ALL)
            if part in WITH_TORCH:
                extra = [
                    f"--extra={part}",
                    *ALL,
                    f"--constraint={cpu}",
                    *(f"--find-links={link}" for link in links),
                ]
                compile_list(f"{part}-cpu", ROOT / "pyproject.toml", *extra)


if __name__ == "__main__":
    main()
