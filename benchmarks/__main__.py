"""All benchmarks of speed, as a table and as JSON: `make bench`, or one of them:

    python -m benchmarks [speed] [index] [scaling] [--out FILE]

`speed` compares with what people do today on the sample domain, `index` grows a vector index, `scaling` grows a run.
"""

import argparse
import json
import platform
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

PARTS = ("speed", "index", "scaling")
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
    machine, training, whole = result["machine"], result["training"], result["whole"]
    together, trained = result["injection"], training["examples_per_s"]
    answered = _table(
        "Seconds a question",
        ("method", "naive", "ours", "times faster", "same answers", "prefix read once, s"),
        ((r["method"], r["naive_s"], r["ours_s"], r["ratio"], f"{r['same']} of {r['compared']}", r["prefix_s"])
         for r in result["answers"]),
    )  # fmt: skip
    parts = _table(
        "The parts one after the other",
        ("method", "part", "s a question", "times faster than the first", "same answers"),
        ((r["method"], r["parts"], r["each_s"], r["ratio"], f"{r['same']} of {r['compared']}")
         for r in result["parts"]),
    )  # fmt: skip
    learnt = _table(
        "Training",
        ("way", "examples a second"),
        [("SFTTrainer", trained["sft"]), ("every prompt read in full", trained["unshared"]), ("ours", trained["ours"]),
         ("times faster than SFTTrainer", training["ratio"]),
         ("relative difference of the gradients on one batch", training["gradient_difference"])],
    )  # fmt: skip
    memory = _table(
        "Peak memory, GB",
        ("what", "naive", "ours"),
        ((r["what"], _gigabytes(r["naive"]), _gigabytes(r["ours"])) for r in result["peaks"]),
    )
    limits = _table("The machine", ("figure", "value"), machine.items())
    return "\n".join([
        answered, parts, learnt, memory, limits,
        f"\nInjection, a batch of 16 against one at a time: {together['ratio']:.2g} times the throughput",
        f"The whole demo, answers and training: {whole['naive_s']:.0f} s against {whole['ours_s']:.0f} s, "
        f"{whole['ratio']:.2g} times faster",
    ])  # fmt: skip


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which [default: all]")
    parser.add_argument("--out", type=Path, help="JSON file [default: benchmarks/results/<date>.json]")
    options = parser.parse_args()
    chosen = options.parts or PARTS
    result: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "processor": platform.processor() or platform.machine(),
        "versions": {name: version(name) for name in ("torch", "transformers", "peft", "faiss-cpu", "trl")},
    }
    if "speed" in chosen:
        from benchmarks import speed

        result["speed"] = speed.measure(say)
        print(speed_tables(result["speed"]), flush=True)
    if "index" in chosen:
        from benchmarks import index_growth

        result["index"] = index_growth.measure(say)
        print(index_table(result["index"]), flush=True)
    if "scaling" in chosen:
        from benchmarks import scaling

        result["scaling"] = scaling.measure(say)
        print(scaling_table(result["scaling"]), flush=True)
    result["seconds"] = time.perf_counter() - STARTED
    out = options.out or Path("benchmarks/results") / f"{result['date'][:10]}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=1), encoding="utf-8")
    print(f"\n{result['seconds'] / 60:.0f} minutes; all figures: {out}")


if __name__ == "__main__":
    main()
