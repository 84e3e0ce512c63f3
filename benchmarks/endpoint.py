"""The same questions to a real server and to the same weights here: are the answers and the verdict the same?

python -m benchmarks.endpoint [--share 0.5] [--port 8231] [--out FILE]; `make endpoint` installs what it needs.

llama-cpp-python serves the GGUF file that the product installs, once as it is and once with its weights written out in
float32. Here the same file is given by its path, so that both cut text by the rule that the file names. With 4-bit
weights llama.cpp rounds what it multiplies them with to 8 bits (in ggml, Q4_1 is multiplied with Q8_1), so only the
second computes the same products as Trivium. Then 16 requests at once against one by one, on the small server of the
tests, which waits a fixed time for each: that says what the client can do, and nothing of a real server's batches.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.plain_weights import write_float32
from data.files import write_json
from data.jsonl import read as read_lines
from evaluation.run.registry import method_names, spec_of

DOMAIN, EMBEDDED, ALIAS = Path("data/orrin_ferries"), "smollm2-135m-q4", "smollm2"
METHODS = [name for name in method_names() if not spec_of(name).adapted]
WINDOW = 8192  # tokens
ANSWER_S, QUESTIONS = 0.2, 64  # of the small server
Row = Mapping[str, Any]


def compare(ours: Sequence[Row], theirs: Sequence[Row]) -> list[dict[str, Any]]:
    """For each method: answers that are equal, of how many, and prompts with equal token counts."""
    known = {(row["method"], row["phase"], row["question_id"]): row for row in theirs}
    found: dict[str, dict[str, Any]] = {}
    for row in ours:
        other = known.get((row["method"], row["phase"], row["question_id"]))
        if other is None:
            continue
        sums = found.setdefault(row["method"], {"method": row["method"], "asked": 0, "same": 0, "same_tokens": 0})
        sums["asked"] += 1
        sums["same"] += row["answer"] == other["answer"]
        sums["same_tokens"] += row["prompt_tokens"] == other["prompt_tokens"]
    return list(found.values())


@contextmanager
def served(weights: Path, port: int) -> Iterator[str]:
    """The address of llama-cpp-python's server with these weights, one thread."""
    options = {"model": weights, "model_alias": ALIAS, "n_ctx": WINDOW, "n_threads": 1, "n_threads_batch": 1,
               "logits_all": "false", "verbose": "false", "host": "127.0.0.1", "port": port}  # fmt: skip
    command = [sys.executable, "-m", "llama_cpp.server"]
    for name, value in options.items():
        command += [f"--{name}", str(value)]
    process, url = subprocess.Popen(command), f"http://127.0.0.1:{port}/v1"
    try:
        while process.poll() is None and not _answers(url):
            time.sleep(0.5)
        if process.returncode is not None:
            raise SystemExit("the server did not start: pip install 'trivium[llama]', or choose another --port")
        yield url
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/models", timeout=5) as reply:
            return bool(reply.status == 200)
    except (URLError, OSError):
        return False


def run(path: Path, share: float, base_url: str | None = None) -> dict[str, Any]:
    """One run of the profile smoke, or of a share of its questions; returns its answers and what it recommends."""
    from rich.console import Console

    from data.load import load_domain
    from evaluation.cli.display import Display
    from evaluation.cli.run_and_grade import run_and_grade
    from evaluation.report.methods_table import PROGRESS
    from evaluation.run import settings as known
    from evaluation.run.plan import make_plan
    from model.weights import embedded_file

    smoke = known.PROFILES["smoke"]
    limits = {kind: max(1, round(share * number)) for kind, number in (smoke.limits or {}).items()}
    known.PROFILES["smoke"] = smoke.model_copy(update={"limits": limits, "latency_warm": 1})
    try:
        server = {"model": f"openai:{ALIAS}", "base_url": base_url, "window": WINDOW, "time_limit": 3000.0}
        settings = known.RunSettings.model_validate(
            {"domain": DOMAIN, "profile": "smoke", "methods": METHODS, "chunk_tokens": 128, "top_k": 2}
            | (server if base_url else {"model": str(embedded_file(EMBEDDED))})
        )
        domain = load_domain(DOMAIN)
        with Display(Console(stderr=True), [column.name for column in PROGRESS]) as display:
            results = run_and_grade(domain, settings, make_plan(domain, settings), path, "digest", display)
    finally:
        known.PROFILES["smoke"] = smoke
    right = {name: [method.overall.correct, method.overall.n] for name, method in results.methods.items()}
    rows = [dict(row) for row in read_lines(path / "answers.jsonl")]
    return {"answers": rows, "recommended": results.verdict.recommended, "right": right}


def at_once(questions: int = QUESTIONS, answer_s: float = ANSWER_S) -> dict[str, float]:
    """Seconds for the questions one by one and sixteen at once, on the small server of the tests."""
    from fake_server import FakeServer, serving

    from data.prompt import PROMPT
    from model.endpoint.opening import open_endpoint
    from model.options import ModelOptions
    from model.sampling import Sampling

    def answer(messages: Any) -> str:
        time.sleep(answer_s)
        return "yes"

    seconds = {}
    with serving(FakeServer(answer)) as server:
        for concurrency in (1, 16):
            model = open_endpoint("tiny", ModelOptions(base_url=server.url, concurrency=concurrency))
            prompts = [model.render(PROMPT.messages("Be brief.", f"Is it {n}?")) for n in range(questions)]
            started = time.perf_counter()
            for _ in model.generate(prompts, Sampling()):
                pass
            seconds[str(concurrency)] = time.perf_counter() - started
    return {"questions": questions, "server_s": answer_s, "one_by_one_s": seconds["1"], "sixteen_s": seconds["16"],
            "ratio": seconds["1"] / seconds["16"]}  # fmt: skip


def measure(say: Callable[[str], None], share: float, port: int) -> dict[str, Any]:
    """All of it."""
    from model.weights import embedded_file

    found: dict[str, Any] = {"at_once": at_once()}
    with tempfile.TemporaryDirectory() as name:
        folder, file = Path(name), embedded_file(EMBEDDED)
        plain = folder / "float32.gguf"
        write_float32(file, plain)
        say(f"{EMBEDDED} here")
        ours = run(folder / "here", share)
        found["here"] = {key: ours[key] for key in ("recommended", "right")}
        for number, (kind, weights) in enumerate((("float32", plain), ("4 bit", file))):
            say(f"{EMBEDDED}, {kind}, behind the server")
            with served(weights, port + number) as url:
                theirs = run(folder / f"there-{number}", share, url)
            found[kind] = {key: theirs[key] for key in ("recommended", "right")}
            found[kind]["methods"] = compare(ours["answers"], theirs["answers"])
    return found


def table(found: Mapping[str, Any]) -> str:
    """Equal answers of each method for both kinds of weights, the verdicts, and the ratio of the small server."""
    lines = ["| weights | method | same answers | same token counts |", "| --- | --- | --- | --- |"]
    for kind in ("float32", "4 bit"):
        for row in found[kind]["methods"]:
            share = f"{row['same']} of {row['asked']} ({row['same'] / row['asked']:.0%})"
            lines.append(f"| {kind} | {row['method']} | {share} | {row['same_tokens']} of {row['asked']} |")
    taken = ", ".join(f"{kind}: {found[kind]['recommended']}" for kind in ("here", "float32", "4 bit"))
    once = found["at_once"]
    faster = f"sixteen at once {once['ratio']:.1f} times as fast as one by one"
    lines += ["", f"Recommended: {taken}.", f"Small server of {once['server_s']} s an answer: {faster}."]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=1.0, help="of the questions of the profile smoke [default: all]")
    parser.add_argument("--port", type=int, default=8231)
    parser.add_argument("--out", type=Path, help="JSON file of the figures")
    options = parser.parse_args()
    started = time.perf_counter()
    found = measure(
        lambda text: print(f"  {time.perf_counter() - started:5.0f} s  {text}", file=sys.stderr, flush=True),
        options.share, options.port,
    )  # fmt: skip
    if options.out:
        write_json(options.out, found)
    print(table(found), json.dumps(found["here"]), sep="\n")


if __name__ == "__main__":
    main()
