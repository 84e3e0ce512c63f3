"""Where a Qdrant server is, and the one client that reaches it. The key is read from the environment and kept nowhere.

Neither is part of a run's settings: the same run can be read beside another server.
"""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from data.errors import TriviumError

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

URL_VARIABLE, KEY_VARIABLE = "TRIVIUM_QDRANT_URL", "TRIVIUM_QDRANT_KEY"
EMBEDDED = ":memory:"  # in place of an address: Qdrant in this process, gone with it
TIME_LIMIT = 60  # seconds for one request
_TRY = f"Start one and set {URL_VARIABLE}, as in {URL_VARIABLE}=http://localhost:6333"


def address() -> str:
    """The server's address as the environment has it, without a slash at its end.

    Raises:
        TriviumError: there is none, it is none, or it holds a key, which would be printed with it.
    """
    url = os.environ.get(URL_VARIABLE, "").strip().rstrip("/")
    if url == EMBEDDED:
        return url
    if not url:
        raise TriviumError(f"--index qdrant needs a Qdrant server. {_TRY} ({EMBEDDED} to try it in this process).")
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:  # a port that is no number, brackets that do not close
        raise TriviumError(f"{URL_VARIABLE}: not the address of a server. {_TRY}.") from None
    if not whole or not url.isprintable():
        raise TriviumError(f"{URL_VARIABLE}: not the address of a server. {_TRY}.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise TriviumError(
            f"{URL_VARIABLE}: give the address of {parts.hostname} without a key; the key goes into {KEY_VARIABLE}."
        )
    return url


def connect() -> "QdrantClient":
    """A client of the server; nothing is asked yet.

    Raises:
        TriviumError: there is no address, or the package is not installed.
    """
    url = address()
    try:
        from qdrant_client import QdrantClient
    except ImportError:
        raise TriviumError("--index qdrant needs the package qdrant-client: pip install 'trivium[qdrant]'.") from None
    if url == EMBEDDED:
        return QdrantClient(EMBEDDED)
    key = os.environ.get(KEY_VARIABLE, "").strip() or None
    with warnings.catch_warnings():  # of a key that goes over http: docs/scale.md says it
        warnings.simplefilter("ignore", UserWarning)
        return QdrantClient(url=url, api_key=key, timeout=TIME_LIMIT, check_compatibility=False)


@contextmanager
def asking() -> Iterator[None]:
    """Says in a sentence why the server did not do what it was asked; no word of its own is shown, and no key.

    Raises:
        TriviumError: it cannot be reached, refuses the key, or fails.
    """
    from httpx import TransportError
    from qdrant_client.common.client_exceptions import QdrantException
    from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

    try:
        yield
    except UnexpectedResponse as error:
        raise TriviumError(_refused(error.status_code or 0)) from None
    except QdrantException:
        raise TriviumError(f"the Qdrant server at {address()} is busy. Run the same command again later.") from None
    except (ResponseHandlingException, ValueError, AssertionError) as error:
        if isinstance(getattr(error, "source", None), TransportError):
            raise TriviumError(
                f"no Qdrant server answers at {address()} within {TIME_LIMIT} s. Start it, or set {URL_VARIABLE} to "
                "where it is; then run the same command again."
            ) from None
        raise TriviumError(  # a reply that the client cannot read
            f"what answers at {address()} is no Qdrant server, or one of another version. Set {URL_VARIABLE} to a "
            "server of version 1.10 or later."
        ) from error


def _refused(status: int) -> str:
    if status in (401, 403):
        return f"the Qdrant server at {address()} refuses the key. Set {KEY_VARIABLE} to one that may write."
    return (
        f"the Qdrant server at {address()} failed with status {status}. Look into its log (is its disk full?); then "
        "run the same command again."
    )
