"""Time and memory of a run at 100, 1,000 and 5,000 questions: everything but the model's own work grows as it would.

A tiny model with random weights stands in, so that what is measured is planning, retrieval, batching, grading,
statistics and the report. Each size is a process of its own.
"""

import multiprocessing
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from data import jsonl
from evaluation.run.registry import example_of

SIZES = (100, 1_000, 5_000)
FACTS = 10  # a document
METHODS = (example_of("none"), example_of("search"), example_of("none", adapted=True))


def write_domain(folder: Path, questions: int) -> Path:
    """Invented harbours: ten facts a document, one question a fact, every second fact with a training wording."""
    (folder / "documents").mkdir(parents=True)
    rows = []
    for first in range(0, questions, FACTS):
        town, lines = f"Town {first // FACTS}", []
        for number in range(first, first + FACTS):
            sentence = f"Quay {number} of {town} is {7 * number % 991} metres long."
            lines.append(sentence)
            common = {
                "answers": [f"{7 * number % 991} metres"],
                "fact_id": f"quay{number}",
                "document_ids": [f"town{first // FACTS}.txt"],
                "evidence": sentence,
            }
            rows.append({"id": f"q{number}", "question": f"How long is quay {number} of {town}?", **common})
            if number % 2 == 0:
                wording = f"What is the length of quay {number} in {town}?"
                rows.append({"id": f"t{number}", "question": wording, "split": "train", **common})
        (folder / "documents" / f"town{first // FACTS}.txt").write_text(" ".join(lines), encoding="utf-8")
    jsonl.write(folder / "questions.jsonl", rows)
    (folder / "domain.toml").write_text('name = "Quays"\ninstruction = "Answer briefly."\n', encoding="utf-8")
    return folder


def write_model(folder: Path) -> Path:
    """Two layers with random weights behind the default model's tokenizer."""
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    from model.weights import DEFAULT_MODEL, resolve_model

    tokenizer = AutoTokenizer.from_pretrained(resolve_model(DEFAULT_MODEL).weights)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=2048, eos_token_id=tokenizer.eos_token_id, bos_token_id=None,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def run(questions: int) -> dict[str, Any]:
    """One run from the command's beginning to its report."""
    from rich.console import Console

    from data.load import load_domain
    from evaluation.cli.display import Display
    from evaluation.cli.run_and_grade import run_and_grade
    from evaluation.report.methods_table import PROGRESS
    from evaluation.run.plan import make_plan
    from evaluation.run.settings import RunSettings
    from finetune.settings import TrainingSettings
    from model.memory import peak_bytes, reset_peak
    from model.sampling import Sampling

    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        domain_folder, model = write_domain(place / "domain", questions), write_model(place / "model")
        settings = RunSettings(
            domain=domain_folder, model=str(model), methods=METHODS, profile="standard",
            sampling=Sampling(max_new_tokens=4), device="cpu", training=TrainingSettings(epochs=1),
        )  # fmt: skip
        reset_peak()
        started = time.perf_counter()
        domain = load_domain(domain_folder)
        plan, path = make_plan(domain, settings), place / "run"
        with Display(Console(quiet=True), [column.name for column in PROGRESS]) as display:
            run_and_grade(domain, settings, plan, path, "digest", display)
        seconds = time.perf_counter() - started
        size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        return {"questions": questions, "answers": sum(1 for _ in (path / "answers.jsonl").open()), "seconds": seconds,
                "peak_bytes": peak_bytes(), "disk_bytes": size}  # fmt: skip


def measure(say: Callable[[str], None], sizes: tuple[int, ...] = SIZES) -> list[dict[str, Any]]:
    rows = []
    for size in sizes:
        say(f"a run of {size:,} questions")
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            rows.append(pool.submit(run, size).result())
    return rows
