"""What the site holds beside docs/: reference pages, made when it is built, and the sources that pages link.

mkdocs calls the `on_*` functions (mkdocs.yml, `hooks`). A link out of docs/ must lead to a file of this
repository; it becomes a page of the site, so that the site is whole without a forge.
"""

import posixpath
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # mkdocs loads a hook by its path alone

from tools.site import commands, contracts, schema  # noqa: E402

log = get_plugin_logger("site")

REFERENCE = {
    "reference/cli.md": commands.page,
    "reference/profile.md": schema.page,
    "reference/protos.md": contracts.page,
}
LANGUAGES = {
    ".py": "python",
    ".proto": "protobuf",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".json": "json",
    ".sh": "bash",
    ".md": "markdown",
    ".toml": "toml",
}
_LINK = re.compile(r"(\]\()([^)\s#:]+)(#[^)\s]*)?(\))")
_FENCE = re.compile(r"^```(\w+) ([^\n]+)$", re.MULTILINE)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made, and a page for each source that is linked."""
    for name, make in REFERENCE.items():
        files.append(File.generated(config, name, content=make()))
    pages = [file for file in files.documentation_pages() if file.src_uri not in REFERENCE]
    linked = {path for file in pages for path in _sources(file.src_uri, file.content_string)}
    for path in sorted(linked):
        files.append(File.generated(config, _page_of(path), content=_source_page(path)))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Lead links out of docs/ to their pages; a fence's second word, a file's name, becomes its title."""
    here = page.file.src_uri
    if here in REFERENCE or here.startswith("source/"):
        return markdown

    def led(link: re.Match[str]) -> str:
        path = _outside(here, link[2])
        if path is None:
            return link[0]
        return f"{link[1]}{posixpath.relpath(_page_of(path), posixpath.dirname(here) or '.')}{link[4]}"

    return _FENCE.sub(r'```\1 title="\2"', _LINK.sub(led, markdown))


def _sources(page: str, markdown: str) -> Iterator[str]:
    for link in _LINK.finditer(markdown):
        path = _outside(page, link[2])
        if path is None:
            continue
        if (ROOT / path).exists():
            yield path
        else:
            log.warning(f"{page} links {link[2]}, which is not in the repository")


def _outside(page: str, link: str) -> str | None:
    """The path in the repository of a link that leaves docs/."""
    path = posixpath.normpath(posixpath.join("docs", posixpath.dirname(page), link))
    return None if path.split("/")[0] in ("docs", "..") else path


def _page_of(path: str) -> str:
    return f"source/{path}.md"


def _source_page(path: str) -> str:
    place = ROOT / path
    head = f"---\nsearch:\n  exclude: true\n---\n# {path}\n\n"
    if place.is_dir():
        names = sorted(
            item.name + "/" * item.is_dir() for item in place.iterdir() if item.name[0] not in "_."
        )
        return head + "In the repository, this folder holds:\n\n" + "".join(f"- `{name}`\n" for name in names)
    return f"{head}~~~~{LANGUAGES.get(place.suffix, 'text')}\n{place.read_text()}\n~~~~\n"
