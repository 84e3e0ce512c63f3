"""All benchmarks of speed, as a table and as JSON: `make bench`, or one of them:

    python -m benchmarks [answers] [training] [steps] [memory] [index] [scaling] [lines] [--out FILE]

The first four compare with what people do today on the sample domain (`speed`: all four), `index` grows a vector index,
`scaling` grows a run, `lines` keeps 10,000 answers. Parts that are run one by one are put together in one FILE, each
with its date.
"""

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from data.files import write_json

SPEED = ("answers", "training", "steps", "memory")
PARTS = (*SPEED, "index", "scaling", "lines")
STARTED = time.perf_counter()


def say(text: str) -> None:
    print(f"  {time.perf_counter() - STARTED:5.0f} s  {text}", file=sys.stderr, flush=True)


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [f"\n{title}\n", "| " + " | ".join(columns) + " |", "| --- " * len(columns) + "|"]
    lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _gigabytes(value: int) -> float:
    return value / 1e9


def speed_tables(result: Mapping[str, Any]) -> str:
    """The tables of the parts that were measured."""
    makers: dict[str, Callable[[Any], str]] = {
        "answers": _answers,
        "parts": _steps,
        "training": _training,
        "peaks": _peaks,
    }
    tables = [make(result[name]) for name, make in makers.items() if name in result]
    tables.append(_table("The machine", ("figure", "value"), result["machine"].items()))
    if "injection" in result:
        times = f"{result['injection']['ratio']:.2g} times the throughput"
        tables.append(f"\nInjection, a batch of 16 against one at a time: {times}")
    if "answers" in result and "training" in result:
        from benchmarks.speed import whole

        all_of_it = whole(result["answers"], result["training"])
        tables.append(f"The whole demo, answers and training: {all_of_it['naive_s']:.0f} s against "
                      f"{all_of_it['ours_s']:.0f} s, {all_of_it['ratio']:.2g} times faster")  # fmt: skip
    return "\n".join(tables)


def _answers(rows: Sequence[Mapping[str, Any]]) -> str:
    return _table(
        "Seconds a question",
        ("method", "naive", "ours", "times faster", "same answers", "prefix read once, s"),
        ((r["method"], r["naive_s"], r["ours_s"], r["ratio"], f"{r['same']} of {r['compared']}", r["prefix_s"])
         for r in rows),
    )  # fmt: skip


def _steps(rows: Sequence[Mapping[str, Any]]) -> str:
    return _table(
        "The parts one after the other",
        ("method", "part", "s a question", "times faster than the first", "same answers"),
        ((r["method"], r["parts"], r["each_s"], r["ratio"], f"{r['same']} of {r['compared']}") for r in rows),
    )


def _training(training: Mapping[str, Any]) -> str:
    trained = training["examples_per_s"]
    return _table(
        "Training",
        ("way", "examples a second"),
        [("SFTTrainer", trained["sft"]), ("every prompt read in full", trained["unshared"]), ("ours", trained["ours"]),
         ("times faster than SFTTrainer", training["ratio"]),
         ("relative difference of the gradients on one batch", training["gradient_difference"])],
    )  # fmt: skip


def _peaks(rows: Sequence[Mapping[str, Any]]) -> str:
    return _table(
        "Peak memory, GB",
        ("what", "naive", "ours"),
        ((r["what"], _gigabytes(r["naive"]), _gigabytes(r["ours"])) for r in rows),
    )


def index_table(result: Mapping[str, Any]) -> str:
    columns = ("vectors", "index", "p50 ms", "recall@10", "build s", "load s", "file GB", "peak GB")
    like = f"intrinsic dimension {result['dimension_made']:.1f}, of as many real ones {result['dimension_real']:.1f}"
    return _table(f"Search in an index (vectors of {like})", columns, (
        (r["vectors"], r["index"], r["p50_ms"], r["recall_at_10"], r["build_s"], r["load_s"],
         _gigabytes(r["file_bytes"]), _gigabytes(r["peak_bytes"])) for r in result["rows"]
    ))  # fmt: skip


def scaling_table(rows: Sequence[Mapping[str, Any]]) -> str:
    columns = ("questions", "answers", "seconds", "seconds a question", "peak GB", "disk MB")
    return _table("A run of many questions (tiny model)", columns, (
        (r["questions"], r["answers"], r["seconds"], r["seconds"] / r["questions"], _gigabytes(r["peak_bytes"]),
         r["disk_bytes"] / 1e6) for r in rows
    ))  # fmt: skip


def lines_table(result: Mapping[str, float]) -> str:
    columns = ("answers", "written", "read back", "both")
    figures = [result["answers"], *(f"{result[name]:.2f}" for name in ("written", "read", "both"))]
    return _table("Times as long as plain JSON lines (checksums, torn batches)", columns, [figures])


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:  # only the first four parts need all of them
        return None


def _machine() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "processor": platform.processor() or platform.machine(),
        "versions": {name: _version(name) for name in ("torch", "transformers", "peft", "faiss-cpu", "trl")},
    }


def _run(part: str) -> tuple[str, Any]:
    """Measure one part; returns its place in the file and its figures."""
    if part in SPEED:
        from benchmarks import speed

        return "speed", speed.measure(say, [part])
    if part == "index":
        from benchmarks import index_growth

        return part, index_growth.measure(say)
    if part == "lines":
        from benchmarks import answer_lines

        return part, answer_lines.measure()
    from benchmarks import scaling

    return part, scaling.measure(say)


def _tables(result: Mapping[str, Any]) -> str:
    makers: dict[str, Callable[[Any], str]] = {
        "speed": speed_tables, "index": index_table, "scaling": scaling_table, "lines": lines_table,
    }  # fmt: skip
    return "\n".join(make(result[name]) for name, make in makers.items() if name in result)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, "speed", []], help="which [default: all]")
    parser.add_argument("--out", type=Path, help="JSON file [default: benchmarks/results/<date>.json]")
    options = parser.parse_args()
    chosen = [part for name in options.parts or PARTS for part in (SPEED if name == "speed" else (name,))]
    out = options.out or Path("benchmarks/results") / f"{datetime.now(UTC):%Y-%m-%d}.json"
    result: dict[str, Any] = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    result |= _machine()
    for part in chosen:
        started = time.perf_counter()
        place, figures = _run(part)
        result[place] = result.get(place, {}) | figures if place == "speed" else figures
        seconds = time.perf_counter() - started
        result.setdefault("measured", {})[part] = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"), "seconds": seconds,
        }  # fmt: skip
        write_json(out, result)
        say(f"{part}: {seconds / 60:.0f} minutes; figures so far: {out}")
    print(_tables(result))


if __name__ == "__main__":
    main()
