"""The claims that an experiment states before its run, and the rules that judge them: one YAML file."""

from pathlib import Path

import yaml

from isogloss.errors import InvalidInput
from report.record import Rules

CLAIMS = Path(__file__).with_name("profiles") / "claims"
_MAX_BYTES = 2**20


def stated(name: str) -> Rules:
    """Claims by name, in `flows/profiles/claims`, or by path; `InvalidInput` names what does not fit."""
    path = claims_file(name)
    try:
        return Rules.of(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (ValueError, yaml.YAMLError) as error:
        fix = "Mend it; flows/profiles/claims/paper.yaml is an example."
        raise InvalidInput("claims", f"{path}: {error}", fix) from None


def claims_file(name: str) -> Path:
    """The file of this name, or at this path; `InvalidInput` where there is none."""
    by_path = name.endswith((".yaml", ".yml")) or "/" in name
    path = Path(name) if by_path else CLAIMS / f"{name}.yaml"
    if not path.is_file() or path.stat().st_size > _MAX_BYTES:
        known = ", ".join(sorted(item.stem for item in CLAIMS.glob("*.yaml")))
        raise InvalidInput("claims", f"no claims {name!r}", f"Use one of: {known}; or the path of a file.")
    return path
