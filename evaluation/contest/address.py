"""NAME=ADDRESS, as `--method` takes it: what a system of the user's is called, where it is, and how it is asked."""

import hashlib
import os
import re
from collections.abc import Collection, Iterable, Mapping
from math import isfinite, nan
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from data.errors import TriviumError

PREFIX = "own:"  # before the name of every such system, so that no method of Trivium's or of a package has it
FORMS = "http://…, python:module:function or answers.jsonl"
Kind = Literal["http", "chat", "python", "file"]
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_FUNCTION = re.compile(r"python:(?P<module>\w+(?:\.\w+)*):(?P<function>\w+)(?:@(?P<folder>.+))?")


def full_name(name: str) -> str:
    """The name that tables and files show.

    >>> full_name("handbook"), full_name("own:handbook")
    ('own:handbook', 'own:handbook')
    """
    return name if name.startswith(PREFIX) else PREFIX + name


def kind_of(address: str) -> Kind:
    """How a system at this address is asked."""
    if address.startswith(("http://", "https://")):
        path = urlsplit(address).path.rstrip("/")
        return "chat" if path.endswith(("/v1", "/chat/completions")) else "http"
    return "python" if address.startswith("python:") else "file"


def parse(text: str) -> tuple[str, str]:
    """Name and address of "NAME=ADDRESS", as a run records them: paths are whole, and a function has its folder.

    Raises:
        TriviumError: it is not of this form.
    """
    name, equals, address = text.partition("=")
    name = name.strip().removeprefix(PREFIX)
    if not equals or not _NAME.fullmatch(name) or not address.strip():
        raise TriviumError(
            f"--method {text}: write NAME=ADDRESS, the name in small letters, digits, - and _, the address {FORMS}."
        )
    return PREFIX + name, _recorded(text, address.strip())


def contestants_of(texts: Iterable[str]) -> dict[str, str]:
    """Addresses by name.

    Raises:
        TriviumError: one is not NAME=ADDRESS, or a name is given twice.
    """
    found: dict[str, str] = {}
    for name, address in map(parse, texts):
        if name in found:
            raise TriviumError(f"--method {name}: this name is given twice.")
        found[name] = address
    return found


def prices_of(texts: Iterable[str], contestants: Collection[str]) -> dict[str, float]:
    """Dollars a question by name, from "NAME=0.002".

    Raises:
        TriviumError: one is of another form, or names no system of the user's.
    """
    found: dict[str, float] = {}
    for text in texts:
        name, _, number = text.partition("=")
        try:
            price = float(number)
        except ValueError:
            price = nan
        if not isfinite(price) or price < 0:
            raise TriviumError(f"--price {text}: write NAME=DOLLARS, for example mine=0.002.")
        if full_name(name.strip()) not in contestants:
            known = ", ".join(contestants) or "none is named by --method"
            raise TriviumError(f"--price {text}: there is no system of yours with this name ({known}).")
        found[full_name(name.strip())] = price
    return found


def _recorded(text: str, address: str) -> str:
    if address.startswith(("http://", "https://")):
        return _checked_url(text, address)
    if address.startswith("python:"):
        found = _FUNCTION.fullmatch(address)
        if not found:
            raise TriviumError(f"--method {text}: write NAME=python:module:function.")
        return address if found["folder"] else f"{address}@{os.getcwd()}"
    if "://" in address:
        raise TriviumError(f"--method {text}: the address must be {FORMS}.")
    return str(Path(address).expanduser().resolve())


def _checked_url(text: str, address: str) -> str:
    try:
        parts = urlsplit(address)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number
        usable = False
    if not usable:
        raise TriviumError(f"--method {text}: '{address}' is no address of a server.")
    if parts.username or parts.password:
        raise TriviumError(
            "--method: a key in an address would be kept in the run's files. Put it into the environment variable "
            f"{key_variable(text.partition('=')[0])}; it is sent as 'Authorization: Bearer …'."
        )
    return address


def key_variable(name: str) -> str:
    """The environment variable that holds the key of a system.

    >>> key_variable("own:my-rag")
    'TRIVIUM_KEY_MY_RAG'
    """
    return "TRIVIUM_KEY_" + re.sub(r"\W", "_", name.strip().removeprefix(PREFIX)).upper()


def function_of(address: str) -> tuple[str, str, Path]:
    """Module, function and folder of a recorded "python:module:function@folder"."""
    found = _FUNCTION.fullmatch(address)
    if not found:
        raise TriviumError(f"'{address}' is not python:module:function.")
    return found["module"], found["function"], Path(found["folder"] or ".")


def refuse_code_from_elsewhere(contestants: Mapping[str, str], run: Path) -> None:
    """A run that somebody else made may name any module: a function is called only from the folder where it lies.

    Raises:
        TriviumError: a function of the run lies in another folder than the current one.
    """
    for name, address in contestants.items():
        if kind_of(address) == "python" and (folder := function_of(address)[2]).resolve() != Path.cwd().resolve():
            raise TriviumError(
                f"{run}: {name} is code in {folder}, and what a run names is run only from there. If you trust it, go "
                "into that folder (cd) and type the command again."
            )


def file_digest_of(address: str) -> str:
    """First digits of the SHA-256 of the file of answers, or of the function's own module; empty where there is none.

    Of a URL nothing can be known, nor of what else a function reads.
    """
    kind = kind_of(address)
    if kind not in ("file", "python"):
        return ""
    path = Path(address)
    if kind == "python":
        module, _, folder = function_of(address)
        place = folder.joinpath(*module.split("."))
        path = next((p for p in (place.with_suffix(".py"), place / "__init__.py") if p.is_file()), place)
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else ""
