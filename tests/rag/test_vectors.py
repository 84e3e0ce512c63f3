"""Exact and graph search agree with arithmetic, also from a file and after rows were removed and added."""

from pathlib import Path

import numpy as np
import pytest

from rag import vectors
from rag.vectors import VectorIndex, Vectors


def _vectors(count: int, seed: int = 0) -> Vectors:
    made = np.random.default_rng(seed).standard_normal((count, 24), dtype=np.float32)
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), dtype=np.float32)


def _nearest(known: Vectors, queries: Vectors, k: int) -> list[list[int]]:
    return [[int(row) for row in np.argsort(-scores)[:k]] for scores in queries @ known.T]


@pytest.mark.parametrize("kind", ["exact", "hnsw"])
def test_search_finds_the_nearest_from_memory_and_from_a_file(kind: str, tmp_path: Path) -> None:
    known, queries = _vectors(500), _vectors(20, seed=1)
    index = VectorIndex.build(known, "hnsw" if kind == "hnsw" else "exact")
    index.save(tmp_path / "v.faiss")
    mapped = VectorIndex.map(tmp_path / "v.faiss")
    assert index.kind == mapped.kind == kind
    for each in (index, mapped):
        scores, rows = each.search(queries, 5)
        assert rows.tolist() == _nearest(known, queries, 5)
        assert scores[0, 0] == pytest.approx(float((queries @ known.T).max(axis=1)[0]), abs=1e-5)


@pytest.mark.parametrize("kind", ["exact", "hnsw"])
def test_rows_are_removed_and_added_without_building_again(kind: str, tmp_path: Path) -> None:
    known, more, queries = _vectors(300), _vectors(40, seed=2), _vectors(20, seed=1)
    VectorIndex.build(known, "hnsw" if kind == "hnsw" else "exact").save(tmp_path / "v.faiss")
    index = VectorIndex.map(tmp_path / "v.faiss")
    gone = set(range(0, 300, 3))
    moved = index.remove(gone)
    assert moved is (kind == "exact")
    index.add(more)
    left = [row for row in range(300) if row not in gone]
    expected = _nearest(np.concatenate([known[left], more]), queries, 5)
    if kind == "hnsw":  # rows keep their numbers there
        numbers = [*left, *range(300, 340)]
        expected = [[numbers[row] for row in rows] for rows in expected]
    assert index.search(queries, 5)[1].tolist() == expected
    assert VectorIndex.map(tmp_path / "v.faiss").search(queries, 5)[1].tolist() == _nearest(known, queries, 5)


def test_the_kind_follows_from_the_number_unless_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "EXACT_LIMIT", 100)
    assert VectorIndex.build(_vectors(100)).kind == "exact"
    assert VectorIndex.build(_vectors(101)).kind == "hnsw"
    assert VectorIndex.build(_vectors(101), "exact").kind == "exact"
    assert VectorIndex.build(_vectors(5), "hnsw").kind == "hnsw"


def test_fewer_rows_than_asked_for_are_all_found() -> None:
    for kind in ("exact", "hnsw"):
        index = VectorIndex.build(_vectors(4), "hnsw" if kind == "hnsw" else "exact")
        index.remove([1])
        assert index.search(_vectors(2, seed=1), 10)[1].shape == (2, 3)
