"""The folder of an export: which files it has, how it is read, and what is refused."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data import jsonl
from data.cache_entry import SEAL, changed_file
from data.errors import TriviumError
from data.prompt import Passage
from data.sealed import read_sealed
from data.settings import read_toml
from evaluation.export.kept import KeptMethod
from evaluation.export.record import MethodRecord

RECORD, SETTINGS, CARD, FIGURES = "export.json", "serve.toml", "README.md", "figures.json"
ADAPTER, PREFIX, INDEX, DOCUMENTS, MERGED = "adapter", "prefix", "index", "documents.jsonl", "merged"
GGUF = "merged.gguf"


class ServeSettings(BaseModel):
    """serve.toml: how `trivium serve` serves. A person may change it; options of the command go before it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = ""  # under the name that it has on this machine; empty: the run's
    embedder: str = ""
    base_url: str | None = None  # of the server behind which the model is
    device: str = ""  # cpu, cuda or mps; empty: the run's
    host: str = "127.0.0.1"
    port: int = Field(8321, ge=0, le=65535)  # 0: any that is free
    queue: int = Field(256, ge=1)  # requests that wait at most
    batch: int = Field(64, ge=1)  # questions answered together
    window_ms: float = Field(5.0, ge=0, le=1000)  # how long a batch waits for more questions
    time_limit: float = Field(120.0, gt=0)  # seconds for one request
    body_kib: int = Field(1024, ge=1)  # of a request
    max_tokens: int = Field(1024, ge=1)  # of an answer, that a client may ask for
    runs: str = ""  # folder with the runs that /v1/runs shows; empty: it is not there
    start_runs: bool = False  # whether /v1/runs may also start and stop some, in the folder around it
    allow_hosts: tuple[str, ...] = ()  # names under which the server is reached, beside localhost

    def with_options(self, options: Mapping[str, Any]) -> "ServeSettings":
        """With what the command was told instead.

        Raises:
            TriviumError: a value that cannot be; names the setting.
        """
        try:
            return ServeSettings.model_validate(self.model_dump() | dict(options))
        except ValidationError as error:
            raise TriviumError(f"{jsonl.problem(error)}.") from error


def is_export(path: Path) -> bool:
    """Whether a folder is an export rather than a run."""
    return (path / RECORD).is_file()


def read_serve_settings(path: Path) -> ServeSettings:
    """serve.toml of an export; defaults where there is none.

    Raises:
        TriviumError: it is not TOML, or holds a setting that is none.
    """
    file = path / SETTINGS
    if not file.exists():
        return ServeSettings()
    try:
        return ServeSettings.model_validate(read_toml(file))
    except ValidationError as error:
        raise TriviumError(f"{file}: {jsonl.problem(error)}.") from error


def read_export(path: Path) -> KeptMethod:
    """The method of an export.

    Raises:
        TriviumError: there is none, a file is not what was written, or another version of Trivium wrote it.
    """
    if not is_export(path):
        raise TriviumError(f"{path}: no export here (there is no {RECORD}). `trivium export RUN METHOD OUT` makes one.")
    if changed := changed_file(path, free=(SETTINGS, CARD)):
        raise TriviumError(f"{changed}: not what was written, by {SEAL} in {path}. Export again.")
    try:
        record = MethodRecord.model_validate(read_sealed(path / RECORD))
    except ValidationError as error:
        raise TriviumError(f"{path / RECORD}: {jsonl.problem(error)}. Export again with this version.") from error
    except ValueError as error:
        raise TriviumError(f"{path / RECORD}: damaged. Export again.") from error
    trained = path / (PREFIX if record.trained == "prefix" else ADAPTER)
    documents = path / DOCUMENTS
    return KeptMethod(
        record,
        path,
        index=path / INDEX if (path / INDEX).is_dir() else None,
        adapter=trained if record.trained else None,
        documents=tuple(Passage(**row) for row in jsonl.read(documents)) if documents.exists() else None,
    )
