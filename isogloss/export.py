"""A trained model as a directory of its own: the files that transformers loads, and a model card.

Train stores its model as transformers stores its classifiers, so nothing is converted here; the card says
what a stranger to this project has to know: what was trained on what, how well it does, how its input is
made, and the manifest that it all comes from.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from isogloss.artifacts import Artifact
from isogloss.errors import Denied, InvalidInput, NotFound, Unavailable
from isogloss.inputs import Input, input_named
from isogloss.manifests import Manifest
from isogloss.store import Store

KIND = "train"
CARD, MANIFEST = "README.md", "manifest.json"
_PREFIX = "model."  # of the model's files in a training's manifest


def export(store: Store, key: str, directory: Path, intervals: Mapping[str, str] | None = None) -> Path:
    """Write the model of the training at `key` into `directory`, which must be new or empty.

    `intervals`: by evaluation, what to print behind its score. Raises `NotFound` when there is no such
    training and `InvalidInput` on `DIR`, or on `CELL` where transformers has no tokenizer for what it reads.
    """
    manifest = store.manifest(KIND, key)
    if manifest is None:
        raise NotFound(f"no training at key {key}")
    if directory.exists() and any(directory.iterdir()):
        raise InvalidInput("DIR", f"{directory} is not empty", "Name a new directory.")
    files = {
        name.removeprefix(_PREFIX): item for name, item in manifest.files.items() if name.startswith(_PREFIX)
    }
    if "tokenizer_config.json" not in files:
        problem = f"transformers has no tokenizer for CANINE on {manifest.request['input']}s"
        raise InvalidInput("CELL", problem, "Use a model with a vocabulary, such as ARCHITECTURE_ROBERTA.")
    directory.mkdir(parents=True, exist_ok=True)
    for name, artifact in files.items():
        store.fetch(artifact, directory / name)
    description = json.loads((directory / "isogloss.json").read_text(encoding="utf-8"))
    card = model_card(manifest, description, rendering_of(store, manifest), intervals or {})
    (directory / CARD).write_text(card, encoding="utf-8")
    text = json.dumps(manifest.to_json(), indent=1, ensure_ascii=False)
    (directory / MANIFEST).write_text(text + "\n", encoding="utf-8")
    return directory


def push(directory: Path, repository: str) -> str:
    """Upload a directory that `export` wrote to a repository of the hub, made if need be; its address.

    The token is huggingface_hub's own: `HF_TOKEN`, or what `hf auth login` stored. Raises `InvalidInput` on a
    name that is none, `Denied` without the right to write, `Unavailable` where the hub does not answer.
    """
    from httpx import HTTPError
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError
    from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

    try:
        validate_repo_id(repository)
        api = HfApi()
        api.create_repo(repository, exist_ok=True)
        return str(api.upload_folder(repo_id=repository, folder_path=directory))
    except HFValidationError as error:
        raise InvalidInput(
            "--push", f"{repository!r} is no repository's name", "Write OWNER/NAME."
        ) from error
    except HfHubHTTPError as error:
        if error.response is not None and error.response.status_code in (401, 403):
            fix = "set HF_TOKEN to a token that may write there, or `hf auth login`"
            raise Denied(f"the hub refused to write {repository}: {fix}") from error
        raise Unavailable(f"the hub did not take {repository}: {error}") from error
    except HTTPError as error:
        raise Unavailable(
            f"the hub does not answer ({error}); {directory} is there, push it later"
        ) from error


def rendering_of(store: Store, manifest: Manifest) -> Mapping[str, Any]:
    """How G2P made the columns that the model read: the result of its manifest; empty where it made none."""
    kind, key, *_ = manifest.inputs["train"].uri.removeprefix("s3://").split("/")[1:]
    made = store.manifest(kind, key)
    return made.result if made is not None and "backend" in made.result else {}


def model_card(
    manifest: Manifest,
    description: Mapping[str, Any],
    rendering: Mapping[str, Any],
    intervals: Mapping[str, str],
) -> str:
    """The card as Markdown, with the metadata that the hub reads."""
    task, of = description["task"], input_named(description["input"])
    per_word = task["kind"] == "tokens"
    pooled = not per_word and description["label_scheme"] != "word_mean"
    lines = [
        "---",
        "library_name: transformers",
        f"language: {description['language'].partition('-')[0]}",
        f"pipeline_tag: {'token' if per_word else 'text'}-classification",
        "tags: [isogloss]",
        "---",
        f"# {task['title']} in {description['language']}, reading {of.title.lower()}",
        "",
        f"An encoder ({description['architecture']}) fine-tuned by Isogloss. Labels, in the logits' order:",
        ", ".join(f"`{label}`" for label in task["labels"]) + ".",
        "",
        "## Use",
        "",
        *_usage(description, of, rendering, pooled),
        "",
        "## Scores",
        "",
        *_scores(manifest.result["evaluations"], intervals),
        "",
        "## Data",
        "",
        *_data(manifest.inputs),
        "",
        *_rendering(of, rendering),
        "## Training",
        "",
        *(f"- {name}: {value}" for name, value in manifest.request["hyperparameters"].items()),
        f"- seed: {manifest.seed}",
        f"- best epoch: {manifest.result['best_epoch']}",
        *(f"- {name} {version}" for name, version in sorted(manifest.libraries.items())),
        *(f"- {name}: {value}" for name, value in sorted(manifest.hardware.items())),
        "",
        f"Everything else is in `{MANIFEST}`: key `{manifest.key}`, code `{manifest.code_version}`.",
    ]
    return "\n".join(lines) + "\n"


def _usage(
    description: Mapping[str, Any], of: Input, rendering: Mapping[str, Any], pooled: bool
) -> list[str]:
    kind = "Sequence" if pooled else "Token"
    pair = description["task"]["kind"] == "pair"
    code = [
        "```python",
        f"from transformers import AutoModelFor{kind}Classification, AutoTokenizer",
        "",
        'tokenizer = AutoTokenizer.from_pretrained("DIR")',
        f'model = AutoModelFor{kind}Classification.from_pretrained("DIR").eval()',
        'words = "…".split()',
    ]
    if of.rendering:
        load = f'load("{description["language"]}", Options("{rendering.get("normalization", "standard")}"))'
        code += [
            "from isogloss.g2p.engine.converter import load  # pip install isogloss[g2p]",
            "from isogloss.g2p.engine.options import Options",
            "from isogloss.g2p.engine.renderings import render",
            f'words = render(words, {load}, "{of.rendering}")  # before the tokenizer',
        ]
    if of.units == "subword":
        text = "words, is_split_into_words=True"
    else:
        text = f"{' ▁ ' if of.symbols else ' '!r}.join(words)"
    code += [
        f"logits = model(**tokenizer({text}, return_tensors='pt')).logits[0]",
        "```",
        "",
    ]
    if pair:
        code.append("Give the tokenizer both texts, each made so.")
    return [*code, _reading(description, pooled)]


def _reading(description: Mapping[str, Any], pooled: bool) -> str:
    if pooled:
        return "The logits are those of the text."
    if description["task"]["kind"] != "tokens":
        return "The text's logits are the mean of its units' logits, the specials left out."
    if description["label_scheme"] == "word_mean":
        return "A word's logits are the mean of its units' logits."
    return "A word's label is that of its first unit."


def _scores(evaluations: Sequence[Mapping[str, Any]], intervals: Mapping[str, str]) -> list[str]:
    rows = ["| set | sentences | score | majority | lexicon |", "| --- | --- | --- | --- | --- |"]
    for item in evaluations:
        scores, behind = item["scores"], intervals.get(item["name"], "")
        rows.append(
            f"| {item['name']} | {item['sentences']} | {item['score']:.2f}{f' {behind}' if behind else ''}"
            f" | {scores['baseline_majority']:.2f} | {scores['baseline_lexicon']:.2f} |"
        )
    return rows


def _data(inputs: Mapping[str, Artifact]) -> list[str]:
    return [f"- {name}: {item.size} bytes, sha256 `{item.sha256}`" for name, item in sorted(inputs.items())]


def _rendering(of: Input, rendering: Mapping[str, Any]) -> list[str]:
    if not of.rendering:
        return []
    fields = ("backend", "version", "normalization")
    known = [f"- {name}: {rendering[name]}" for name in fields if name in rendering]
    return ["## G2P", "", f"The model read `{of.rendering}`, made by:", "", *known, ""]
