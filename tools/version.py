"""The release stands in `isogloss/VERSION`; this copies it to where a tool can read it nowhere else.

    python tools/version.py              exit 1 and name the copies that are not current
    python tools/version.py 0.2.0        a new release: write VERSION and the copies

Python, wheel, images and results read the file itself. Kustomize reads no file outside of its folder, and a
citation is read as it stands.
"""

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "isogloss" / "VERSION"
COPIES = {
    "deploy/k8s/base/kustomization.yaml": r'(?:newTag|app\.kubernetes\.io/version): "([^"]+)"',
    "CITATION.cff": r"^version: (\S+)$",
}
"""By file, the pattern of which each match holds the release as its group; there is at least one."""


def release() -> str:
    """The release, as it stands in the source."""
    return SOURCE.read_text().strip()


def write(version: str) -> None:
    """Write the source, then its copies."""
    SOURCE.write_text(f"{version}\n")
    for name, pattern in COPIES.items():
        path = ROOT / name
        path.write_text(
            re.sub(
                pattern,
                lambda match: match[0].replace(match[1], version),
                path.read_text(),
                flags=re.MULTILINE,
            )
        )


def stale() -> list[str]:
    """The copies that say another release, or none."""
    said = {name: set(re.findall(at, (ROOT / name).read_text(), re.MULTILINE)) for name, at in COPIES.items()}
    return [name for name, versions in said.items() if versions != {release()}]


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("version", nargs="?", help="the new release, such as 0.2.0 or 0.2.0rc1")
    version = parser.parse_args().version
    if version is not None:
        if not re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", version):
            parser.error(f"version: {version!r} is no X.Y.Z; a candidate is X.Y.ZrcN")
        write(version)
    for name in stale():
        print(f"not current: {name} (run `make version V={release()}` and commit)", file=sys.stderr)
    return 1 if stale() else 0


if __name__ == "__main__":
    sys.exit(main())
