"""What answers and preparations used: tokens, seconds, operations, and how sure the means over questions are."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from evaluation.results.method import Usage
from evaluation.run.records import Answer
from model.operations import Shapes, answer_operations, reading_operations, training_operations

USAGE = ("read", "cached", "written", "retrieval_s", "generation_s", "operations")  # of one question


def _row(answer: Answer, shapes: Shapes | None) -> list[float]:
    prompt, cached, written = answer.prompt_tokens, answer.cached_tokens, answer.completion_tokens
    operations = answer_operations(shapes, prompt, cached, written) if shapes else 0
    return [answer.prompt_tokens - answer.cached_tokens, answer.cached_tokens, answer.completion_tokens,
            answer.retrieval_s, answer.generation_s, operations]  # fmt: skip


def usage_of(
    answers: Sequence[Answer],
    details: Mapping[str, Any],
    shapes: Shapes | None,
    training: Mapping[str, Any],
    disk_bytes: int,
) -> Usage:
    """Mean usage of a question, the covariance matrix of these means (in the order of `USAGE`), and the preparation.

    Args:
        details: what the method's preparation measured.
        shapes: of the model; None where it shows no weights, and operations are not known.
        training: what the run's record says of the training wordings.
    """
    rows = np.array([_row(answer, shapes) for answer in answers], dtype=float)
    covariance = np.cov(rows, rowvar=False) / len(rows) if len(rows) > 1 else np.zeros((len(USAGE),) * 2)
    trained = details.get("training") or {}
    tokens = trained.get("tokens", 0)
    adapter = trained.get("trained_parameters", 0)
    means: dict[str, Any] = dict(zip(USAGE, rows.mean(axis=0).tolist(), strict=True))
    preparing = {
        "covariance": covariance.tolist(),
        "prefix_tokens": details.get("prefix_tokens", 0),
        "prefix_s": details.get("prefix_s", 0.0),
        "index_s": details.get("index_s", 0.0),
        "training_s": trained.get("seconds", 0.0),
        "training_tokens": tokens,
        "writing_s": training.get("writing_s", 0.0) if trained else 0.0,
        "wordings_by_hand": training.get("by_hand", 0) if trained else 0,
        "disk_bytes": disk_bytes,
    }
    computed: dict[str, float | None] = {"operations": None, "prefix_operations": None, "training_operations": None}
    if shapes:
        read, labels = trained.get("read_tokens", tokens), trained.get("labels", 0)
        computed = {
            "operations": means["operations"],
            "prefix_operations": reading_operations(shapes, details.get("prefix_tokens", 0)),
            "training_operations": training_operations(shapes, read, labels, adapter),
        }
    return Usage.model_validate(means | preparing | computed)
