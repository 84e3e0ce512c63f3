"""What a kept index was made from and what that took: it is used again only for the same."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from data.errors import TriviumError
from data.schema import Document
from data.sealed import read_sealed, write_sealed
from rag.index import PassageIndex, digest

RECORD = "index.json"


class IndexRecord(BaseModel):
    """Kept beside an index, and written after it: where it is, the index is whole."""

    model_config = ConfigDict(frozen=True)

    made_from: str  # documents and settings, as a digest
    embedder: str  # fingerprint of its weights; empty for an index of words alone
    kind: str
    sha256: str  # over the files of the index
    seconds: float  # of cutting, embedding and indexing, on the clock
    calibrated_s: float | None = None  # … of a quiet machine; None in indexes of earlier versions

    def save(self, folder: Path) -> None:
        """Write the record, which says that the index in this folder is whole."""
        write_sealed(folder / RECORD, self.model_dump())

    @classmethod
    def load(cls, folder: Path) -> "IndexRecord":
        """The record of the index in this folder.

        Raises:
            TriviumError: there is none.
            ValueError: it is damaged.
        """
        return cls.model_validate(read_sealed(folder / RECORD))


def source_digest(documents: Iterable[Document], *settings: object) -> str:
    """SHA-256 over documents and settings."""
    total = hashlib.sha256(repr(settings).encode())
    for document in documents:
        total.update(hashlib.sha256(document.model_dump_json().encode()).digest())
    return total.hexdigest()


def load_kept(folder: Path, made_from: str, embedder: str) -> tuple[PassageIndex, IndexRecord] | None:
    """The index that lies in the folder; None where there is none, or one of something else, or a damaged one.

    Args:
        embedder: fingerprint of the model that questions will be embedded with.

    Raises:
        TriviumError: the index was made by another version of the embedding model.
    """
    try:
        record = IndexRecord.load(folder)
        if record.made_from != made_from or digest(folder, record.kind) != record.sha256:
            return None
    except (TriviumError, OSError, ValueError):  # damaged JSON and records that lack something are ValueErrors
        return None
    if record.embedder != embedder:
        raise TriviumError(
            f"{folder}: the index was made by an embedding model with other weights than this one has now. Put the "
            "earlier weights back, or start a new run with another --out."
        )
    return PassageIndex.load(folder, record.kind), record
