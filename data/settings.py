"""Read domain.toml, within limits: TOML can be written so that reading it takes hours."""

import re
import tomllib
from pathlib import Path

from pydantic import ValidationError

from data.errors import TriviumError
from data.files import read_bytes
from data.jsonl import problem
from data.schema import DomainSettings

MAX_BYTES = 64 * 2**10
# tomllib needs time with the square of a key's parts.
_DEEP_KEY = re.compile(
    r"^[\s\[]*(?:[\w-]+|\"[^\"\n]*\"|'[^'\n]*')(?:\s*\.\s*(?:[\w-]+|\"[^\"\n]*\"|'[^'\n]*')){10}", re.M
)


def read_settings(path: Path) -> DomainSettings:
    """The settings of a domain; defaults where it has no domain.toml.

    Raises:
        TriviumError: not a regular file, too large, not TOML, or a setting that is none; names the setting.
    """
    name = path.parent.resolve().name
    if not path.exists() and not path.is_symlink():
        return DomainSettings(name=name)
    try:
        text = read_bytes(path, MAX_BYTES).decode("utf-8-sig")
        if _DEEP_KEY.search(text):
            raise TriviumError(f"{path}: a key of more than ten parts. No setting has so many; delete it.")
        return DomainSettings.model_validate({"name": name, **tomllib.loads(text)})
    except ValidationError as error:
        raise TriviumError(f"{path}: {problem(error)}.") from error
    except ValueError as error:  # not UTF-8, not TOML, a number of thousands of digits
        raise TriviumError(f"{path}: not valid TOML ({error}).") from error
    except RecursionError:
        raise TriviumError(f"{path}: not valid TOML (nested too deep).") from None
