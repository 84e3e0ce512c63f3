"""What went wrong at a server, as one sentence with its remedy. No sentence holds the key."""

import re
from typing import TYPE_CHECKING

from data.errors import ServerFailure
from model.endpoint.address import Address
from model.endpoint.replies import Malformed

if TYPE_CHECKING:
    from openai import APIStatusError

_SHOWN = 200  # characters of what a server says


def failure(error: Exception, address: Address, model: str) -> ServerFailure:
    """The sentence for what the client raised, after it has tried again as often as it may.

    Args:
        error: of the openai package, or that a reply is no JSON or not in its form.
        model: that was asked for, without prefix.
    """
    from openai import APIConnectionError, APIStatusError, APITimeoutError

    tries = f"{address.retries + 1} times in a row" if address.retries else "once"
    if isinstance(error, APITimeoutError):
        text = (
            f"no answer within {address.time_limit:g} seconds, {tries}. Give it more with --time-limit, or ask less at "
            "once with --concurrency"
        )
    elif isinstance(error, APIConnectionError):
        reason = str(error.__cause__ or "").strip() or "no connection"
        text = f"no server answers there ({_said(reason, address)}). Start it, or correct --base-url"
    elif isinstance(error, APIStatusError):
        text = _refused(error, address, model, tries)
    else:
        what = str(error) if isinstance(error, Malformed) else "it is not valid JSON"
        text = f"its answers are not in the form of /chat/completions, {tries} ({_said(what, address)})"
    return ServerFailure(f"{address.url}: {text}.")


def _refused(error: "APIStatusError", address: Address, model: str, tries: str) -> str:
    status, said = error.status_code, _said(_message(error), address)
    if status in (401, 403):  # what it says may hold the key, or half of it
        what = "does not accept the key" if address.key else "asks for a key"
        return f"the server {what} ({status}). Put the right one into {' or '.join(address.key_variables)}"
    if status == 404:
        return f"the server has no model '{model}' there (404: {said}). Correct --model or --base-url (it ends in /v1)"
    if status == 429:
        wait = error.response.headers.get("retry-after", "")
        after = f", to be asked again after {_said(wait, address)} s" if wait else ""
        return f"the server's limit was met {tries}{after} (429: {said}). Go on later, or with a lower --concurrency"
    if status >= 500:
        return f"the server fails, {tries} ({status}: {said})"
    return f"the server refuses what it is asked ({status}: {said})"


def _message(error: "APIStatusError") -> str:
    """What the server says of it: the message of OpenAI's form, or the text."""
    body = error.body
    if isinstance(body, dict):
        found = body.get("message") or body.get("error") or body.get("detail") or ""
        return found if isinstance(found, str) else str(found)
    return str(body or error.response.reason_phrase or "no reason given")


def _said(text: str, address: Address) -> str:
    """One short line of what a server says, without the key where it repeats it."""
    line = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text).split())
    if address.key:
        line = line.replace(address.key, "***")
    return line[:_SHOWN].rstrip(". ") or "no reason given"
