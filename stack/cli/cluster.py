"""`isogloss cluster`: what an installation on Kubernetes needs, and what a cluster lacks."""

from pathlib import Path
from typing import Annotated

import typer

from isogloss.errors import InvalidInput
from stack.checkout import Checkout
from stack.cli.console import out, stack_errors

cluster = typer.Typer(no_args_is_help=True)

_MARKS = {"ok": "[green]ok[/]   ", "note": "[yellow]note[/] ", "lacks": "[red]lacks[/]"}

Kubectl = Annotated[str, typer.Option(help="The kubectl to ask.")]


@cluster.command()
def check(
    overlay: Annotated[str, typer.Argument(help="An overlay by name, or the folder of your kustomization.")],
    kubectl: Kubectl = "kubectl",
) -> None:
    """Say what kubectl's current cluster lacks for an installation and change nothing; exit code 1 if so."""
    from stack.cluster.check import Cluster, lacking
    from stack.cluster.check import check as findings_of
    from stack.cluster.manifests import rendered

    with stack_errors():
        objects = rendered(folder_of(overlay), kubectl)
    findings = []
    for finding in findings_of(objects, Cluster(kubectl)):
        findings.append(finding)
        out.print(f"{_MARKS[finding.level]} {finding.about:9}", end="")
        out.print(finding.text, markup=False, soft_wrap=True)
        if finding.fix:
            out.print(" " * 15 + finding.fix, markup=False, soft_wrap=True, style="dim")
    if lacking(findings):
        raise typer.Exit(1)


@cluster.command()
def size(
    overlays: Annotated[list[str] | None, typer.Argument(help="Overlays or folders; all overlays.")] = None,
    kubectl: Kubectl = "kubectl",
) -> None:
    """Print what installations request, one run included, as a table in Markdown."""
    from stack.cluster.manifests import rendered
    from stack.cluster.sizing import Needs, table

    with stack_errors():
        rows = [(name, Needs.of(rendered(folder_of(name), kubectl))) for name in overlays or overlay_names()]
    print(table(rows))


def overlay_names() -> list[str]:
    """The overlays of this checkout, the smallest first."""
    return ["local", "one-gpu", "gpu", "production"]


def folder_of(overlay: str) -> Path:
    """An overlay's folder, by its name or its own path."""
    named = Checkout.find().root / "deploy" / "k8s" / "overlays" / overlay
    for folder in (named, Path(overlay)):
        if (folder / "kustomization.yaml").is_file():
            return folder
    raise InvalidInput(
        "overlay",
        f"{overlay!r} is neither an overlay nor a folder with a kustomization.yaml",
        f"Use: {', '.join(overlay_names())}, or a folder.",
    )
