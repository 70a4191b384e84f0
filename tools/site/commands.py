"""The page of all commands, made of what typer knows of them."""

import re
from collections.abc import Iterator
from typing import Any

import typer

from isogloss.cli import _COMMANDS, build
from isogloss.cli.checkout import checkout_commands
from tools.site.text import cell, plain


def page() -> str:
    """Markdown: each command with its usage, what it does, and its options."""
    lines = ["# Commands", ""]
    lines += ["The wheel brings the first five; a checkout, or a folder in one, the others.", ""]
    for name in [*_COMMANDS, *checkout_commands()]:
        command: Any = typer.main.get_command(build(name))
        lines += _section(command.commands[name], f"isogloss {name}", 2)
    return "\n".join(lines) + "\n"


def _section(command: Any, name: str, level: int) -> Iterator[str]:
    yield from (f"{'#' * level} {name}", "")
    for paragraph in re.split(r"\n\s*\n", (command.help or "").strip()):
        text = " ".join(paragraph.split())
        yield from (
            ["```text", text, "```", ""]
            if text.startswith(("isogloss ", "curl ", "echo "))
            else [plain(text), ""]
        )
    parts = getattr(command, "commands", None)
    if parts:
        for part, inner in parts.items():
            yield from _section(inner, f"{name} {part}", level + 1)
        return
    rows = [_row(parameter) for parameter in command.params if not getattr(parameter, "hidden", False)]
    if rows:
        yield from ("| | default | |", "| --- | --- | --- |", *rows, "")


def _row(parameter: Any) -> str:
    is_argument = parameter.param_type_name == "argument"
    names = [parameter.metavar or parameter.name.upper()] if is_argument else parameter.opts
    more = [] if is_argument else parameter.secondary_opts
    shown = ", ".join(f"`{name}`" for name in [*names, *more])
    default = "required" if parameter.required else _default(parameter.default)
    return f"| {shown} | {default} | {cell(getattr(parameter, 'help', None) or '')} |"


def _default(value: Any) -> str:
    if value is None or value is False or callable(value) or value == ():
        return ""
    return f"`{cell(str(value))}`" if str(value) else ""
