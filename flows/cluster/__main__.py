"""What the pods of deploy/k8s run: `python -m flows.cluster COMMAND`."""

import asyncio
import logging
import runpy
import signal
import sys
import threading
from typing import Annotated

import typer

from flows.cluster.backup import back_up
from flows.cluster.backup import restore as put_back
from flows.cluster.job_template import job_template, read_cron_job
from flows.cluster.secrets import make_secrets
from flows.cluster.server import POOL, prepare_server
from flows.cluster.supervised import FAILED, INTERRUPTED, Supervised, flow_run_of_this_pod
from flows.cluster.upkeep import Upkeep
from isogloss import logs
from isogloss.errors import InvalidInput, IsoglossError, Retryable
from isogloss.settings import settings
from isogloss.store import Store

app = typer.Typer(help=__doc__, add_completion=False, pretty_exceptions_show_locals=False)


@app.command()
def secrets(names: list[str]) -> None:
    """Make each named Secret unless there is one: existing ones are never read or changed."""
    asyncio.run(make_secrets(names))


@app.command()
def prepare() -> None:
    """Make the work pool from the CronJob, deploy the flow, and set the profile of this installation."""
    prepare_server(job_template(asyncio.run(read_cron_job())))


@app.command()
def work(
    mark_idle: Annotated[
        bool, typer.Option(help="Let autoscalers take idle trainers and embedders first.")
    ] = False,
) -> None:
    """Be Prefect's worker of this installation, and keep Prefect and Kubernetes of one mind."""
    upkeep = Upkeep(mark_idle=mark_idle)
    threading.Thread(target=lambda: asyncio.run(upkeep.for_ever()), name="upkeep", daemon=True).start()
    sys.argv = ["prefect", "worker", "start", "--pool", POOL, "--type", "kubernetes", "--with-healthcheck"]
    runpy.run_module("prefect", run_name="__main__")


@app.command()
def run(name: Annotated[str, typer.Argument(help="full, table1, table2 or table3")] = "full") -> None:
    """Run a deployment in this process's pod; the exit code tells the Job whether to start it again."""
    # A container's first process has no handlers but its own: SIGTERM would be ignored until there is a run.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(INTERRUPTED))
    sys.exit(Supervised(flow_run_of_this_pod(name)).to_the_end())


@app.command()
def report() -> None:
    """Write the newest report to stdout as a tar archive: index.html, tables, figures."""
    from flows.cluster.newest_report import newest_report  # draws figures: seconds to import

    if sys.stdout.isatty():
        raise InvalidInput("stdout", "an archive is not for a terminal", "Redirect it: … report > report.tar")
    sys.stdout.buffer.write(newest_report())


@app.command()
def backup() -> None:
    """Write the bucket, less checkpoints, to stdout as a tar archive."""
    if sys.stdout.isatty():
        raise InvalidInput("stdout", "an archive is not for a terminal", "Redirect it: … backup > bucket.tar")
    back_up(Store.from_settings(settings()), sys.stdout.buffer)


@app.command()
def restore() -> None:
    """Put what `backup` wrote, read from stdin, back into the bucket."""
    put_back(Store.from_settings(settings()), sys.stdin.buffer)


def main() -> None:
    """Run the command line; our errors end it with their message and code 1."""
    logs.configure("flows", settings().log_level)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each look at the run's state
    try:
        app()
    except IsoglossError as error:
        typer.secho(f"error: {error.message}", fg="red", err=True)
        sys.exit(INTERRUPTED if isinstance(error, Retryable) else FAILED)


if __name__ == "__main__":
    main()
