"""The three things done with the Hugging Face hub (and with treebank repositories), with our errors.

The libraries are imported inside functions: they take a second, and they read `HF_ENDPOINT`, `HF_TOKEN` and
`HF_HUB_OFFLINE` at import.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from isogloss.errors import Denied, NotFound, Unavailable
from sources.decode import MAX_STORED_BYTES
from sources.errors import MalformedFile

_importing = threading.Lock()


def import_libraries() -> None:
    """Import the hub's libraries whole; whoever uses the hub comes here first.

    A run reads its corpora in many threads, and threads that enter `datasets`, which imports itself in
    circles, from different sides see it half-made.
    """
    with _importing:
        import datasets  # noqa: F401
        import huggingface_hub  # noqa: F401


def download(repository: str, path: str, revision: str, repo_type: str = "dataset") -> Path:
    """One file of a repository, from the hub or its local cache. Never unpacked, never run."""
    from huggingface_hub import hf_hub_download

    with translated(repository, revision):
        return Path(hf_hub_download(repository, path, revision=revision, repo_type=repo_type))


def head_of(repository: str) -> str:
    """The commit that the main branch of a dataset points to now."""
    from huggingface_hub import HfApi

    with translated(repository, "main"):
        commit = HfApi().dataset_info(repository, revision="main").sha
    if not commit:
        raise NotFound(f"the hub names no commit for {repository}")
    return commit


def fetch(url: str) -> bytes:
    """A plain file over HTTPS, at most `MAX_STORED_BYTES`, with the proxy settings of the hub's client."""
    import httpx2
    from huggingface_hub import get_session

    blocks, size = list[bytes](), 0
    try:
        with get_session().stream("GET", url, follow_redirects=True, timeout=60) as response:
            if response.status_code == 404:
                raise NotFound(f"{url} does not exist; check the pinned commit")
            response.raise_for_status()
            for block in response.iter_bytes():
                blocks.append(block)
                size += len(block)
                if size > MAX_STORED_BYTES:
                    raise MalformedFile(
                        url, None, f"more than {MAX_STORED_BYTES >> 20} MiB", "Check the address."
                    )
    except (httpx2.HTTPError, ConnectionError) as error:
        raise Unavailable(
            f"{url} cannot be read ({type(error).__name__}); use a mirror if there is no way out", 5
        ) from error
    return b"".join(blocks)


@contextmanager
def translated(repository: str, revision: str) -> Iterator[None]:
    """Turn what the hub's libraries raise into our errors: forbidden, not there, or not answering."""
    import httpx2
    from datasets.exceptions import DatasetNotFoundError, DatasetsError
    from huggingface_hub import errors

    where = f"{repository} at {revision}"
    try:
        yield
    except errors.GatedRepoError as error:
        raise _gated(repository) from error
    except errors.LocalEntryNotFoundError as error:
        raise Unavailable(
            f"the hub does not answer for {where}, and the file is not in its cache", 5
        ) from error
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.EntryNotFoundError) as error:
        what = type(error).__name__.removesuffix("NotFoundError").removeprefix("Remote").lower()
        raise NotFound(f"the hub has no such {what}: {where}. A private one needs HF_TOKEN.") from error
    except DatasetNotFoundError as error:
        if "gated" in str(error):
            raise _gated(repository) from error
        raise NotFound(f"the hub has no such dataset: {where}. A private one needs HF_TOKEN.") from error
    except DatasetsError as error:
        raise NotFound(f"the hub's {where} is not as expected: {error}") from error
    except (errors.HfHubHTTPError, httpx2.HTTPError, ConnectionError, TimeoutError) as error:
        raise Unavailable(f"the hub does not answer for {where} ({type(error).__name__})", 5) from error
    except OSError as error:
        if error.errno is not None:  # a full disk, and the like
            raise
        raise Unavailable(f"a download from the hub's {where} was broken off: {error}", 5) from error


def _gated(repository: str) -> Denied:
    return Denied(
        f"{repository} is gated: log in on the hub, accept its terms"
        f" (https://huggingface.co/datasets/{repository}) and set HF_TOKEN to a token with read access;"
        " or read from a mirror"
    )
