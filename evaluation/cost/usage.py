"""What answers and preparations used: tokens, seconds, operations, and how sure the means over questions are."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.results.method import Usage
from evaluation.run.records import Answer
from model.operations import Shapes, answer_operations, reading_operations, training_operations

# Of the part that calibration takes off, how much may be wrong; docs/cost.md has the measurement.
CORRECTION_ERROR = 0.25
USAGE = ("read", "cached", "written", "retrieval_s", "generation_s", "operations")  # of one question


def _row(answer: Answer, shapes: Shapes | None) -> list[float]:
    prompt, cached, written = answer.prompt_tokens, answer.cached_tokens, answer.completion_tokens
    operations = answer_operations(shapes, prompt, cached, written) if shapes else 0
    return [answer.prompt_tokens - answer.cached_tokens, answer.cached_tokens, answer.completion_tokens,
            answer.retrieval_s / answer.slowdown, answer.generation_s / answer.slowdown, operations]  # fmt: skip


def _speed_variance(answers: Sequence[Answer], means: Sequence[float]) -> NDArray[np.float64]:
    """Variance that all seconds share because the machine was busy: nothing on a quiet one.

    It has the spread of the machine's speed over the batches and what the correction itself may be wrong by.
    """
    speeds = np.array(list({(a.phase, a.batch): 1 / a.slowdown for a in answers}.values()))
    spread = float(speeds.std(ddof=1) / speeds.mean()) / len(speeds) ** 0.5 if len(speeds) > 1 else 0.0
    wrong = CORRECTION_ERROR * (1 / float(speeds.mean()) - 1)  # of the calibrated seconds
    seconds = np.array([mean if name.endswith("_s") else 0.0 for name, mean in zip(USAGE, means, strict=True)])
    return np.outer(seconds, seconds) * (spread**2 + wrong**2)


def _writing(details: Mapping[str, Any], training: Mapping[str, Any]) -> float:
    """Seconds in which was made what a training needs: questions, answers to general ones, what it was kept out of."""
    own = details.get("training") or {}
    parts = [details.get("study") or {}, details.get("rehearsal") or {}, own.get("spare") or {}]
    return float(training.get("writing_s", 0.0) + sum(p.get("calibrated_s", p.get("seconds", 0.0)) for p in parts))


def usage_of(
    answers: Sequence[Answer],
    details: Mapping[str, Any],
    shapes: Shapes | None,
    training: Mapping[str, Any],
    disk_bytes: int,
    fixed_error: float = 0.0,
) -> Usage:
    """Mean usage of a question, the covariance matrix of these means (in the order of `USAGE`), and the preparation.

    Seconds are calibrated: those of the clock, divided by how much longer work took than on a quiet machine.

    Args:
        details: what the method's preparation measured.
        shapes: of the model; None where it shows no weights, and operations are not known.
        training: what the run's record says of the training wordings.
        fixed_error: standard error of the seconds of the preparation, as a share of them.
    """
    rows = np.array([_row(answer, shapes) for answer in answers], dtype=float)
    covariance = np.cov(rows, rowvar=False) / len(rows) if len(rows) > 1 else np.zeros((len(USAGE),) * 2)
    covariance = covariance + _speed_variance(answers, rows.mean(axis=0).tolist())
    trained = details.get("training") or {}
    tokens = trained.get("tokens", 0)
    adapter = trained.get("trained_parameters", 0)
    means: dict[str, Any] = dict(zip(USAGE, rows.mean(axis=0).tolist(), strict=True))
    preparing = {
        "covariance": covariance.tolist(),
        "prefix_tokens": details.get("prefix_tokens", 0),
        "prefix_s": details.get("prefix_calibrated_s", details.get("prefix_s", 0.0)),
        "index_s": details.get("index_calibrated_s", details.get("index_s", 0.0)),
        "training_s": trained.get("calibrated_s", trained.get("seconds", 0.0)),
        "fixed_error": fixed_error,
        "training_tokens": tokens,
        "writing_s": _writing(details, training) if trained else 0.0,
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
