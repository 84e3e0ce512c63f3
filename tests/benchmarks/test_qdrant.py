"""What is measured of Qdrant is what its index finds."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.qdrant import measure
from rag.qdrant_server import EMBEDDED, URL_VARIABLE


def test_each_kind_is_measured_on_the_same_vectors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(URL_VARIABLE, EMBEDDED)
    random = np.random.default_rng(0)
    known, queries = (random.standard_normal((count, 16), dtype=np.float32) for count in (300, 5))
    known.tofile(tmp_path / "vectors.f32")
    np.save(tmp_path / "queries.npy", queries)
    expected = [np.argsort(-scores)[:10].tolist() for scores in queries @ known.T]
    for kind in ("exact", "local"):
        found = measure(kind, tmp_path)
        assert found["found"] == expected
        assert found["disk_bytes"] >= 300 * 16 * 4
        assert found["p50_ms"] > 0
