"""How search time, recall, build time and memory grow with the number of vectors, exact and as a graph.

The vectors are distributed as real embeddings are: each is a real one (a sentence or question of the sample domain,
embedded) moved by a random combination of the steps to its 16 nearest real neighbours. With 16 as many vectors have the
intrinsic dimension of the real ones (both are printed); steps of one covariance everywhere would have a higher one
and be another problem. Queries are real questions that no vector was made from.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from data.load import load_domain
from data.sentences import spans
from model.memory import peak_bytes, reset_peak
from rag.embed import SentenceEmbedder
from rag.vectors import VectorIndex, Vectors, load_index, new_index

SIZES, KINDS = (10_000, 100_000, 1_000_000), ("exact", "hnsw")
QUERIES, NEAREST, NEIGHBOURS, BLOCK = 200, 10, 16, 10_000


def real_vectors() -> tuple[Vectors, Vectors]:
    """Embedded sentences and every second question of the sample domain, and the other questions, for queries."""
    domain = load_domain(Path("data/orrin_ferries"))
    texts = [document.text[start:end] for document in domain.documents for start, end in spans(document.text)]
    questions = [question.question for question in domain.questions]
    embedder = SentenceEmbedder()
    return embedder.encode([*texts, *questions[::2]]), embedder.encode(questions[1::2])


def like_real(real: Vectors, count: int, seed: int) -> Iterator[Vectors]:
    """`count` vectors of length 1 around real ones, in blocks."""
    likeness = real @ real.T
    np.fill_diagonal(likeness, -1)
    near = np.argpartition(-likeness, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    random = np.random.default_rng(seed)
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        origin = random.integers(len(real), size=size)
        weights = random.standard_normal((size, NEIGHBOURS), dtype=np.float32) / np.sqrt(NEIGHBOURS)
        steps = real[near[origin]] - real[origin][:, None]
        moved = real[origin] + np.einsum("nm,nmd->nd", weights.astype(np.float32), steps)
        yield np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), dtype=np.float32)


def intrinsic_dimension(vectors: Vectors) -> float:
    """Two-nearest-neighbours estimate (Facco et al. 2017, Scientific Reports 7, 12140), as maximum likelihood."""
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -1)
    nearest = np.sqrt(np.maximum(0, 2 - 2 * np.sort(likeness, axis=1)[:, -2:]))
    second, first = nearest[nearest[:, 1] > 1e-3].T
    return float(len(first) / np.log(second / first).sum())


def _alone(index: VectorIndex, queries: Vectors) -> tuple[float, np.ndarray[Any, Any]]:
    """Median milliseconds of one query at a time, and the rows found."""
    index.search(queries[:3], NEAREST)
    times, found = [], []
    for query in queries:
        started = time.perf_counter()
        found.append(index.search(query[None], NEAREST)[1][0])
        times.append(time.perf_counter() - started)
    return 1000 * median(times), np.array(found)


def _measured(
    blocks: Callable[[], Iterator[Vectors]], queries: Vectors, size: int, folder: Path
) -> list[dict[str, Any]]:
    rows, truth = [], None
    for kind in KINDS:
        reset_peak()
        built, path = 0.0, folder / f"vectors.{kind}"
        index = new_index(kind, queries.shape[1])
        for block in blocks():
            started = time.perf_counter()
            index.add(block)
            built += time.perf_counter() - started
        index.save(path)
        peak = peak_bytes()
        del index
        started = time.perf_counter()
        index = load_index(kind, path)
        loaded = time.perf_counter() - started
        p50, found = _alone(index, queries)
        truth = found if truth is None else truth
        shared = [len(set(one) & set(two)) / NEAREST for one, two in zip(found, truth, strict=True)]
        rows.append({
            "vectors": size, "index": kind, "p50_ms": p50, "recall_at_10": float(np.mean(shared)), "build_s": built,
            "load_s": loaded, "file_bytes": path.stat().st_size, "peak_bytes": peak,
        })  # fmt: skip
        path.unlink()
    return rows


def measure(say: Callable[[str], None], sizes: tuple[int, ...] = SIZES) -> dict[str, Any]:
    """A row for each size and kind of index, and how far the vectors are like real ones."""
    say("embedding the sample domain")
    texts, questions = real_vectors()
    (alike,) = like_real(texts, len(texts), seed=1)
    likeness = {"dimension_real": intrinsic_dimension(texts), "dimension_made": intrinsic_dimension(alike)}
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name:
        for size in sizes:
            say(f"an index of {size:,} vectors")
            rows += _measured(partial(like_real, texts, size, 0), questions[:QUERIES], size, Path(name))
    return {**likeness, "rows": rows}
