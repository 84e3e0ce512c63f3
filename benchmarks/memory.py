"""Memory that `trivium check` predicts, beside what each method took at most: docs/check.md has the table.

    python -m benchmarks.memory MODEL [--load-in 4bit] [--methods base,inject,rag,lora,prefix] [--again]

Each method runs in a process of its own on the sample domain: 64 questions, answers of at most eight tokens, the two
largest steps of its training. Measured is what the process has more of in memory than before the model was loaded.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from data.cache_entry import cache_folder

DOMAIN, QUESTIONS, WRITTEN, STEPS = Path("data/orrin_ferries"), 64, 8, 2
LIBRARIES = ("faiss", "peft", "sentence_transformers", "torch", "transformers", "evaluation.run.runner")


class _Silent:
    """Progress that nobody looks at."""

    scope = ""

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None: ...
    def note(self, text: str) -> None: ...


def _settings(options: argparse.Namespace, method: str) -> Any:
    from evaluation.run.settings import RunSettings

    training = {"checkpointing": True} if options.again else {}
    return RunSettings.model_validate({
        "domain": DOMAIN, "profile": "smoke", "model": options.model, "methods": [method], "training": training,
        "load_in": options.load_in, "sampling": {"max_new_tokens": WRITTEN},
    })  # fmt: skip


def measure(options: argparse.Namespace, method: str) -> dict[str, Any]:
    """Bytes of one method, predicted and measured; in this process."""
    import importlib

    import psutil

    for name in LIBRARIES:
        importlib.import_module(name)
    from data.load import load_domain
    from evaluation.run.memory_need import memory_need
    from evaluation.run.plan import make_plan
    from model.memory import peak_bytes

    domain, settings = load_domain(DOMAIN), _settings(options, method)
    plan = make_plan(domain, settings)
    plan = replace(plan, questions=plan.questions[:QUESTIONS], convergence=plan.convergence[:1])
    need = memory_need(domain, plan, settings)
    before = psutil.Process().memory_info().rss
    with patch("finetune.obtain.epochs_of", _largest_steps):
        _run(domain, plan, settings)
    return {"method": method, "predicted": need.bytes if need else None, "measured": (peak_bytes() or 0) - before}


def _largest_steps(*given: Any) -> Any:
    """Of a training the steps that read most tokens at once."""
    from finetune.steps import epochs_of
    from model.decoding.prefix import common_prefix

    def read(group: Any) -> int:
        shared = common_prefix([example.prompt for example in group])
        return shared + sum(len(example.prompt) - shared + len(example.completion) for example in group)

    return sorted(epochs_of(*given), key=lambda step: -max(map(read, step.groups)))[:STEPS]


def _run(domain: Any, plan: Any, settings: Any) -> None:
    from evaluation.run.fitting import fitted
    from evaluation.run.folder import RunFolder
    from evaluation.run.run_record import new_record
    from evaluation.run.runner import Runner
    from model.registry import load_model

    model = load_model(settings.model, settings.model_options)
    settings = fitted(settings, model)
    with tempfile.TemporaryDirectory() as name:
        folder = RunFolder(Path(name))
        folder.save_record(new_record(domain, settings, plan, "memory", "digest") | {"estimate": {}})
        next(Runner(domain, settings, plan, model, folder, _Silent()).run())


def in_a_process(options: argparse.Namespace, method: str) -> dict[str, Any]:
    """The same in a process of its own, whose adapters nobody finds again."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "models").symlink_to(cache_folder() / "models")
        command = [sys.executable, "-P", "-m", "benchmarks.memory", *sys.argv[1:], "--only", method]
        done = subprocess.run(command, env=os.environ | {"TRIVIUM_CACHE": name}, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--load-in", choices=("4bit", "8bit"))
    parser.add_argument("--methods", default="base,inject,rag,lora,prefix")
    parser.add_argument("--again", action="store_true", help="compute activations again in training")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        print(json.dumps(measure(options, options.only)))
        return
    print("| model | method | predicted, GB | measured, GB | ratio |\n| --- | --- | --- | --- | --- |")
    for method in options.methods.split(","):
        found = in_a_process(options, method)
        predicted, measured = found["predicted"] / 1e9, found["measured"] / 1e9
        cells = (options.model, method, f"{predicted:.2f}", f"{measured:.2f}", f"{predicted / measured:.2f}")
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
