"""Qdrant beside faiss: time of a query, recall, memory and bytes on disk, by the number of vectors.

    python -m benchmarks.qdrant [--sizes 10000,100000,1000000] [--only exact,local,engine,engine-exact]

`local` is Trivium's own index with Qdrant in the process (numpy beneath it: every vector is compared). `engine` is the
search engine of a Qdrant server in this process, without its network (qdrant-edge-py, Apache-2.0), with the settings of
Trivium's collections: a graph, or every vector compared. `exact` is faiss comparing every vector. Each is measured in a
process of its own. The vectors are those of benchmarks/index_growth.py: distributed as real embeddings are.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psutil

from rag.qdrant_collection import BUILD_WIDTH, LINKS, SEARCH_WIDTH
from rag.qdrant_server import EMBEDDED, URL_VARIABLE
from rag.vectors import Vectors, load_index, new_index

SIZES, KINDS = (10_000, 100_000, 1_000_000), ("exact", "engine-exact", "engine", "local")
QUERIES, NEAREST, BLOCK = 200, 10, 10_000
LARGE = 10_000_000  # vectors, computed by size alone
Search = Callable[[Vectors], list[int]]


def _blocks(folder: Path, dimensions: int) -> Iterator[Vectors]:
    with (folder / "vectors.f32").open("rb") as file:
        while len(block := np.fromfile(file, np.float32, BLOCK * dimensions)):
            yield block.reshape(-1, dimensions)


def _trivium(kind: str, folder: Path, dimensions: int) -> tuple[Search, int]:
    """An index of Trivium's, saved and loaded again."""
    index, path = new_index(kind, dimensions), folder / f"vectors.{kind}"
    for block in _blocks(folder, dimensions):
        index.add(block)
    index.save(path)
    if kind == "exact":
        index = load_index(kind, path)
    return lambda query: [int(row) for row in index.search(query[None], NEAREST)[1][0]], path.stat().st_size


def _engine(folder: Path, dimensions: int, exact: bool) -> tuple[Search, int]:
    """The engine's files, written and optimised as a server does in the background."""
    import qdrant_edge as edge

    place = folder / ("engine-exact" if exact else "engine")
    place.mkdir()
    shard = edge.EdgeShard.create(str(place), edge.EdgeConfig(
        vectors=edge.EdgeVectorParams(dimensions, edge.Distance.Dot),
        hnsw_config=edge.HnswIndexConfig(LINKS, BUILD_WIDTH, 10_000, max_indexing_threads=1), max_search_threads=1,
        optimizers=edge.EdgeOptimizersConfig(default_segment_number=1, max_segment_size=10**8,
                                             indexing_threshold=10**9 if exact else None),
    ))  # fmt: skip
    row = 0
    for block in _blocks(folder, dimensions):
        for start in range(0, len(block), 500):
            some = block[start : start + 500].tolist()
            points = [edge.Point(row + number, vector) for number, vector in enumerate(some)]
            shard.update(edge.UpdateOperation.upsert_points(points))
            row += len(points)
    shard.optimize()
    shard.flush()
    how = edge.SearchParams(exact=True) if exact else edge.SearchParams(hnsw_ef=SEARCH_WIDTH)

    def search(query: Vectors) -> list[int]:
        asked = edge.QueryRequest(query=edge.Query.Nearest(query.tolist()), limit=NEAREST, params=how)
        return [int(point.id) for point in shard.query(asked)]

    return search, sum(file.stat().st_size for file in place.rglob("*") if file.is_file())


def measure(kind: str, folder: Path) -> dict[str, Any]:
    """One kind in this process."""
    process, queries = psutil.Process(), np.load(folder / "queries.npy")
    before, started = process.memory_info().rss, time.perf_counter()
    dimensions = queries.shape[1]
    if kind.startswith("engine"):
        search, size = _engine(folder, dimensions, kind == "engine-exact")
    else:
        search, size = _trivium("qdrant" if kind == "local" else kind, folder, dimensions)
    built = time.perf_counter() - started
    for query in queries[:3]:
        search(query)
    times, found = [], []
    for query in queries:
        started = time.perf_counter()
        found.append(search(query))
        times.append(time.perf_counter() - started)
    return {
        "kind": kind, "p50_ms": 1000 * median(times), "build_s": built, "disk_bytes": size, "found": found,
        "memory_bytes": process.memory_info().rss - before, "peak_bytes": _peak() - before,
    }  # fmt: skip


def _peak() -> int:
    """Largest resident size since this program began; getrusage counts what the parent had too."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def _write_vectors(folder: Path, size: int) -> None:
    from benchmarks.index_growth import like_real, real_vectors

    texts, questions = real_vectors()
    np.save(folder / "queries.npy", questions[:QUERIES])
    with (folder / "vectors.f32").open("wb") as file:
        for block in like_real(texts, size, seed=0):
            block.tofile(file)


def in_processes(size: int, kinds: list[str]) -> Iterator[dict[str, Any]]:
    """A row for each kind; recall against what comparing every vector finds."""
    truth: list[list[int]] = []
    with tempfile.TemporaryDirectory() as name:
        _write_vectors(Path(name), size)
        for kind in ["exact", *(kind for kind in kinds if kind != "exact")]:
            done = subprocess.run(
                [sys.executable, "-P", "-W", "ignore", "-m", "benchmarks.qdrant", "--measure", kind, name],
                env=os.environ | {URL_VARIABLE: EMBEDDED}, stdout=subprocess.PIPE, check=True,
            )  # fmt: skip
            row = json.loads(done.stdout.splitlines()[-1])
            found = row.pop("found")
            truth = truth or found
            same = [len(set(one) & set(two)) / NEAREST for one, two in zip(found, truth, strict=True)]
            yield {"vectors": size, **row, "recall_at_10": float(np.mean(same))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--only", default=",".join(KINDS))
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure[0], Path(options.measure[1]))))
        return
    heads = ("vectors", "index", "p50, one query", "recall@10", "made in", "on disk", "memory", "peak")
    print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    rows: list[dict[str, Any]] = []
    for size in map(int, options.sizes.split(",")):
        for row in in_processes(size, options.only.split(",")):
            rows.append(row)
            sizes = (f"{row[key] / 1e6:,.0f} MB" for key in ("disk_bytes", "memory_bytes", "peak_bytes"))
            cells = (f"{size:,}", row["kind"], f"{row['p50_ms']:.2f} ms", f"{row['recall_at_10']:.4f}",
                     f"{row['build_s']:.1f} s", *sizes)  # fmt: skip
            print(f"| {' | '.join(cells)} |", flush=True)
    for row in rows:
        if row["vectors"] == rows[-1]["vectors"]:
            large = f"{row['disk_bytes'] * LARGE / row['vectors'] / 1e6:,.0f} MB"
            print(f"| {LARGE:,}, estimated in proportion | {row['kind']} | | | | {large} | | |")


if __name__ == "__main__":
    main()
