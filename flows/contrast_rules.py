"""The rules of a controlled experiment, read from a file that is written before the first run."""

import hashlib

import yaml

from flows.rules import claims_file
from isogloss.errors import InvalidInput
from report.record import ContrastRules


def contrasts_named(name: str) -> ContrastRules:
    """Rules by name, in `flows/profiles/claims`, or by path; `InvalidInput` names what does not fit."""
    path = claims_file(name)
    content = path.read_bytes()
    try:
        return ContrastRules.of(yaml.safe_load(content), hashlib.sha256(content).hexdigest())
    except (ValueError, yaml.YAMLError) as error:
        fix = "Mend it; flows/profiles/claims/matched.yaml is an example."
        raise InvalidInput("contrasts", f"{path}: {error}", fix) from None
