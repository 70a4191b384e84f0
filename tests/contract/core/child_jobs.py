"""A child that does what children should not do: talks while it is imported, dies in mid-line, hangs."""

import os
import signal
import sys
import time

from isogloss import child, scratch
from isogloss.child import Json, Reporter
from isogloss.code_version import version_of
from isogloss.errors import Stopped

print("a library that greets whoever imports it", flush=True)
time.sleep(float(os.environ.get("SLOW_IMPORT_S", "0")))


def echo(job: Json, reporter: Reporter) -> Json:
    """Answer, and print beside it."""
    print("not JSON {", flush=True)
    os.write(1, b"straight to file descriptor 1\n")
    reporter.progress(phase="echo")
    return {"said": job["say"]}


def die_in_mid_line(job: Json, reporter: Reporter) -> Json:
    """Half an event, and kill -9."""
    assert child._channel is not None
    child._channel._events.write('{"event": "resu')
    child._channel._events.flush()
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def hang(job: Json, reporter: Reporter) -> Json:
    """Stop in mid-job, threads and all."""
    os.kill(os.getpid(), signal.SIGSTOP)
    return {}


def until_stopped(job: Json, reporter: Reporter) -> Json:
    """Work with a folder of its own until told to stop."""
    with scratch.folder("test") as directory:
        reporter.progress(folder=str(directory))
        while not reporter.stopping():
            time.sleep(0.02)
    raise Stopped


def main() -> None:
    """As the workers of the services do."""
    handlers = {"echo": echo, "die": die_in_mid_line, "hang": hang, "until-stopped": until_stopped}
    child.serve(handlers, version_of("tests.contract.core.child_jobs"))


if __name__ == "__main__":
    sys.exit("not by itself")
