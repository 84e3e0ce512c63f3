"""Read domain.toml and other TOML, within limits: it can be written so that reading it takes hours."""

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from data.errors import TriviumError
from data.files import read_bytes
from data.jsonl import problem
from data.schema import DomainSettings

MAX_BYTES = 64 * 2**10
# tomllib needs time with the square of a key's parts. A key ends with its line (toml.io/en/v1.0.0#keys).
_PART = r"(?:[\w-]+|\"[^\"\n]*\"|'[^'\n]*')"
_DEEP_KEY = re.compile(rf"^[ \t\[]*{_PART}(?:[ \t]*\.[ \t]*{_PART}){{10}}", re.M)


def read_toml(path: Path) -> dict[str, Any]:
    """What stands in a TOML file of bounded size.

    Raises:
        TriviumError: not a regular file, too large, or not TOML.
    """
    try:
        text = read_bytes(path, MAX_BYTES).decode("utf-8-sig")
        if _DEEP_KEY.search(text):
            raise TriviumError(f"{path}: a key of more than ten parts. No setting has so many; delete it.")
        return tomllib.loads(text)
    except ValueError as error:  # not UTF-8, not TOML, a number of thousands of digits
        raise TriviumError(f"{path}: not valid TOML ({error}).") from error
    except RecursionError:
        raise TriviumError(f"{path}: not valid TOML (nested too deep).") from None


def read_settings(path: Path) -> DomainSettings:
    """The settings of a domain; defaults where it has no domain.toml.

    Raises:
        TriviumError: it cannot be read, or holds a setting that is none; names the setting.
    """
    name = path.parent.resolve().name
    if not path.exists() and not path.is_symlink():
        return DomainSettings(name=name)
    try:
        return DomainSettings.model_validate({"name": name, **read_toml(path)})
    except ValidationError as error:
        raise TriviumError(f"{path}: {problem(error)}.") from error
