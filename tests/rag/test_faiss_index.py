"""Exact and graph search agree with arithmetic, also from a file and after rows were removed and added."""

from pathlib import Path

import numpy as np
import pytest

from rag.vectors import VectorIndex, Vectors, load_index, new_index


def _vectors(count: int, seed: int = 0) -> Vectors:
    made = np.random.default_rng(seed).standard_normal((count, 24), dtype=np.float32)
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), dtype=np.float32)


def _made(kind: str, vectors: Vectors) -> VectorIndex:
    index = new_index(kind, vectors.shape[1])
    index.add(vectors)
    return index


def _nearest(known: Vectors, queries: Vectors, k: int) -> list[list[int]]:
    return [[int(row) for row in np.argsort(-scores)[:k]] for scores in queries @ known.T]


@pytest.mark.parametrize("kind", ["exact", "hnsw"])
def test_search_finds_the_nearest_from_memory_and_from_a_file(kind: str, tmp_path: Path) -> None:
    known, queries = _vectors(500), _vectors(20, seed=1)
    index = _made(kind, known)
    index.save(tmp_path / "v")
    for each in (index, load_index(kind, tmp_path / "v")):
        scores, rows = each.search(queries, 5)
        assert rows.tolist() == _nearest(known, queries, 5)
        assert scores[0, 0] == pytest.approx(float((queries @ known.T).max(axis=1)[0]), abs=1e-5)


@pytest.mark.parametrize("kind", ["exact", "hnsw"])
def test_rows_are_removed_and_added_without_building_again(kind: str, tmp_path: Path) -> None:
    known, more, queries = _vectors(300), _vectors(40, seed=2), _vectors(20, seed=1)
    _made(kind, known).save(tmp_path / "v")
    index = load_index(kind, tmp_path / "v")
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
    assert load_index(kind, tmp_path / "v").search(queries, 5)[1].tolist() == _nearest(known, queries, 5)


@pytest.mark.parametrize("kind", ["exact", "hnsw"])
def test_fewer_rows_than_asked_for_are_all_found(kind: str) -> None:
    index = _made(kind, _vectors(4))
    index.remove([1])
    assert index.search(_vectors(2, seed=1), 10)[1].shape == (2, 3)


@pytest.mark.parametrize("kind", ["exact", "hnsw"])
def test_nothing_is_found_where_nothing_is(kind: str) -> None:
    index = new_index(kind, 24)
    index.add(_vectors(0))
    scores, rows = index.search(_vectors(2), 5)
    assert (scores.shape, rows.shape) == ((2, 0), (2, 0))
