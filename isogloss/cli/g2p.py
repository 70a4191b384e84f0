"""`isogloss g2p`: text to IPA, how right it is, and serving it."""

import typer
from typer.core import TyperGroup

from isogloss.cli.g2p_bench import bench
from isogloss.cli.g2p_convert import convert
from isogloss.cli.g2p_serve import serve


class _Commands(TyperGroup):
    """`isogloss g2p FILE` is `isogloss g2p convert FILE`: converting needs no name."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = ["convert", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_Commands, no_args_is_help=False)
app.command("convert")(convert)
app.command("bench")(bench)
app.command("serve")(serve)
