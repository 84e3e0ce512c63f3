"""Steps of a reader's training with products in float32 and in bfloat16, in turn.

    python -m benchmarks.half_precision

Contexts of 250, 700 and 1,700 tokens with four to eight questions; the embedded model, random tokens.
"""

import json
import random
import time
from collections.abc import Sequence
from contextlib import nullcontext
from statistics import median

import torch

from finetune.adapter import lora_config, new_adapter
from finetune.examples import Example
from finetune.half_precision import half_precision, has_bfloat16
from finetune.reader import RECIPE
from finetune.train import step_gradients
from model.base import BaseModel
from model.weights import PLAIN_MODEL

REPEATS = 5
CONTEXTS = ((250, 5), (700, 8), (1700, 4))  # tokens, questions


def _group(context: int, questions: int, draw: random.Random) -> list[Example]:
    """Questions of 22 tokens and answers of 4 behind one context."""
    shared, *own = (tuple(draw.choices(range(1000, 40000), k=k)) for k in (context, *[22] * questions))
    return [Example((*shared, *question), (5,) * 4) for question in own]


def _seconds(model: BaseModel, group: Sequence[Example], half: bool) -> float:
    started = time.perf_counter()
    with half_precision() if half else nullcontext():
        step_gradients(model, [group])
    return time.perf_counter() - started


def main() -> None:
    if not has_bfloat16("cpu"):
        raise SystemExit("this processor has no instructions for bfloat16; nothing to compare.")
    model, draw = BaseModel(PLAIN_MODEL, "cpu"), random.Random(0)
    torch.manual_seed(0)
    rows = []
    with new_adapter(model, lora_config(RECIPE), "bench"):
        for context, questions in CONTEXTS:
            group = _group(context, questions, draw)
            tokens = context + 26 * questions
            pairs = [[_seconds(model, group, half) for half in (False, True)] for _ in range(REPEATS + 1)][1:]
            rows.append({
                "context": context, "questions": questions,
                "float32_tokens_s": tokens / median(full for full, _ in pairs),
                "bfloat16_tokens_s": tokens / median(half for _, half in pairs),
                "ratio": median(full / half for full, half in pairs),
            })  # fmt: skip
    print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
