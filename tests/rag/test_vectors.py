"""The table of indexes: a new one is a file of its own and a line in the table."""

import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.progress import silent
from data.schema import Domain
from rag import vectors
from rag.retrieve import Retrieval
from rag.vectors import Rows, Vectors, kind_for


def test_the_kind_follows_from_the_number_unless_it_is_given() -> None:
    assert kind_for("auto", vectors.EXACT_LIMIT) == "exact"
    assert kind_for("auto", vectors.EXACT_LIMIT + 1) == "hnsw"
    assert kind_for("exact", vectors.EXACT_LIMIT + 1) == "exact"
    assert kind_for("hnsw", 5) == "hnsw"


class InPython:
    """An index as somebody else would write it: no faiss."""

    searched = 0

    def __init__(self, dimensions: int) -> None:
        self.known = np.empty((0, dimensions), dtype=np.float32)

    @classmethod
    def load(cls, path: Path, removed: Collection[int]) -> "InPython":
        rows = json.loads(path.read_text())
        made = cls(len(rows[0]))
        made.add(np.array(rows, dtype=np.float32))
        return made

    @property
    def rows(self) -> int:
        return len(self.known)

    def add(self, vectors: Vectors) -> None:
        self.known = np.concatenate([self.known, vectors])

    def remove(self, rows: Collection[int]) -> bool:
        self.known = np.delete(self.known, list(rows), axis=0)
        return True

    def search(self, queries: Vectors, k: int) -> tuple[Vectors, Rows]:
        type(self).searched += 1
        scores = queries @ self.known.T
        found = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return np.take_along_axis(scores, found, axis=1), found

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(self.known.tolist()))


def test_a_new_index_is_a_class_and_a_line(
    domain: Domain, tiny_model: Any, embedder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vectors.INDEXES, "python", f"{__name__}:InPython")
    questions = domain.split("test")
    makers: list[Callable[[], Retrieval]] = [
        lambda: Retrieval(embedder, tmp_path / "python", 2, 60, "meaning", "python"),
        lambda: Retrieval(embedder, tmp_path / "exact", 2, 60, "meaning", "exact"),
    ]
    for reused in (False, True):
        mine, exact = (make() for make in makers)
        assert mine.prepare(domain, tiny_model, silent).details["index"] == "python"
        assert exact.prepare(domain, tiny_model, silent).details["reused"] is reused
        for one, two in zip(mine.contexts(questions), exact.contexts(questions), strict=True):
            assert one.passages[0].score == pytest.approx(two.passages[0].score or 0, abs=1e-5)
    assert InPython.searched == 2
    first = domain.documents[0]
    changed = domain.with_documents([first.model_copy(update={"text": "Only herons."}), *domain.documents[1:]])
    mine.refresh(changed, tiny_model, silent)
    assert [p.text for p in mine.passages if p.document_id == first.id] == ["Only herons."]


def test_settings_and_command_line_read_the_table() -> None:
    """Their names come from the table, so that a new index needs no change there."""
    from typer.testing import CliRunner

    from evaluation.cli.main import app
    from evaluation.run.settings import RunSettings

    refused = CliRunner().invoke(app, ["run", "d", "--index", "annoy"])
    assert refused.exit_code == 2
    assert all(f"'{name}'" in refused.output for name in vectors.INDEX_NAMES)
    for name in vectors.INDEX_NAMES:
        assert RunSettings(domain=Path("d"), index=name).index == name
    with pytest.raises(ValueError, match="index"):
        RunSettings(domain=Path("d"), index="annoy")
