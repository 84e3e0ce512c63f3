"""Steps of a reader's training in turn: peft's products, one product a layer, and that in bfloat16.

    python -m benchmarks.training_step

Contexts of 250, 700 and 1,700 tokens with four to eight questions; the embedded model, random tokens.
"""

import json
import random
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from statistics import median
from typing import Any

import torch

from finetune.adapter import lora_config, new_adapter
from finetune.examples import Example
from finetune.half_precision import half_precision, has_bfloat16
from finetune.merged import merged_products
from finetune.reader import RECIPE
from finetune.train import step_gradients
from model.local import LocalModel
from model.weights import PLAIN_MODEL

REPEATS = 5
CONTEXTS = ((250, 5), (700, 8), (1700, 4))  # tokens, questions
Ways = dict[str, tuple[Callable[[Any], AbstractContextManager[Any]], Callable[[], AbstractContextManager[None]]]]


def _group(context: int, questions: int, draw: random.Random) -> list[Example]:
    """Questions of 22 tokens and answers of 4 behind one context."""
    shared, *own = (tuple(draw.choices(range(1000, 40000), k=k)) for k in (context, *[22] * questions))
    return [Example((*shared, *question), (5,) * 4) for question in own]


def _seconds(model: LocalModel, group: Sequence[Example], ways: Ways) -> dict[str, float]:
    """Of one step in each way; merging, once a step, is a part of it."""
    taken = {}
    for name, (products, precision) in ways.items():
        started = time.perf_counter()
        with products(model.network), precision():
            step_gradients(model, [group])
        taken[name] = time.perf_counter() - started
    return taken


def main() -> None:
    ways: Ways = {"peft": (lambda network: nullcontext(), nullcontext), "merged": (merged_products, nullcontext)}
    if has_bfloat16("cpu"):
        ways["merged_bfloat16"] = (merged_products, half_precision)
    model, draw = LocalModel(PLAIN_MODEL, "cpu"), random.Random(0)
    torch.manual_seed(0)
    rows = []
    with new_adapter(model, lora_config(RECIPE), "bench"):
        for context, questions in CONTEXTS:
            group = _group(context, questions, draw)
            tokens = context + 26 * questions
            runs = [_seconds(model, group, ways) for _ in range(REPEATS + 1)][1:]
            rows.append({
                "context": context, "questions": questions,
                "tokens_s": {name: tokens / median(run[name] for run in runs) for name in ways},
                "ratio": {name: median(run["peft"] / run[name] for run in runs) for name in ways},
            })  # fmt: skip
    print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
