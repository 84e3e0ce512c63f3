"""Where a server is, and the one client that reaches it. The key is read from the environment and kept nowhere else."""

import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from weakref import finalize

from data.errors import TriviumError

if TYPE_CHECKING:
    from openai import OpenAI

URL_VARIABLES = ("TRIVIUM_BASE_URL", "OPENAI_BASE_URL")
KEY_VARIABLES = ("TRIVIUM_API_KEY", "OPENAI_API_KEY")
PUBLIC = "https://api.openai.com/v1"
TIME_LIMIT, RETRIES = 300.0, 5  # seconds for one answer; attempts after the first
_NO_KEY = "none"  # what the client sends where there is no key: servers of one's own ask for none


def base_url(given: str | None = None) -> str:
    """The address that is given, or that of the environment, or OpenAI's.

    Raises:
        TriviumError: it is no address of a server, or holds a key, which would be written down with a run.
    """
    url = (given or next(filter(None, map(os.environ.get, URL_VARIABLES)), None) or PUBLIC).strip().rstrip("/")
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:  # a port that is no number, brackets that do not close
        whole = False
        parts = urlsplit("")
    if not whole:
        raise TriviumError(f"--base-url {url}: give the address of a server, such as http://localhost:8000/v1.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise TriviumError(
            f"--base-url: give the address of {parts.hostname} without a key, since it is written down with a run; "
            f"the key goes into the environment ({' or '.join(KEY_VARIABLES)})."
        )
    return url


@dataclass(frozen=True)
class Address:
    """A server and how patiently it is asked.

    Args:
        url: base URL, as `base_url` checks it.
        time_limit: seconds for one answer.
        key_variables: of the environment; the first that is set holds the key.
    """

    url: str
    time_limit: float = TIME_LIMIT
    retries: int = RETRIES
    key_variables: tuple[str, ...] = KEY_VARIABLES

    @property
    def key(self) -> str:
        """Empty where there is none."""
        return next(filter(None, (os.environ.get(name, "").strip() for name in self.key_variables)), "")

    @property
    def root(self) -> str:
        """The address without /v1: servers offer what is not OpenAI's own beside it."""
        return self.url.removesuffix("/v1")

    @cached_property
    def client(self) -> "OpenAI":
        """OpenAI's own client: one for all threads; it asks again after a pause where the server is busy or fails.

        Raises:
            TriviumError: the package is not installed.
        """
        try:
            from openai import OpenAI, Timeout
        except ImportError:
            raise TriviumError(
                "a model behind a server needs the package openai: pip install 'trivium[endpoint]'."
            ) from None
        limit = Timeout(self.time_limit, connect=min(10.0, self.time_limit))
        made = OpenAI(base_url=self.url, api_key=self.key or _NO_KEY, timeout=limit, max_retries=self.retries)
        finalize(self, made.close)  # a collected client may lose its sockets before it closes them
        return made
