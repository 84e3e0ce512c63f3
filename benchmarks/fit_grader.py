"""Fit the second stage of grading on answers that people judged, and measure it on questions it never saw.

    python -m benchmarks.fit_grader judgements.jsonl            # writes evaluation/grading/grader.json
    python -m benchmarks.fit_grader judgements.jsonl --dry-run  # only prints

A line is {"id", "question", "answers", "candidate", "correct"[, "system"]}. Half of the questions, chosen by a hash of
their text, are fitted; the others are for measuring. Labels used so far: EVOUNA, Natural Questions part (Wang et al.
2023, Apache-2.0).
"""

import argparse
import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from data import jsonl
from data.files import write_json
from evaluation.grading.agreement import Agreement, agreement
from evaluation.grading.answer_file import SubmittedAnswer, read_submitted
from evaluation.grading.grader import COEFFICIENTS, features
from evaluation.grading.rules import GradeName, cut, grade_by_rules
from evaluation.grading.text_similarity import FEATURES, SIGNS
from rag.embed import SentenceEmbedder

LONG = 15  # words: longer answers are measured apart
PENALTY = 3.0  # on half the squared length of the standardised coefficients


def in_fitted_half(question: str) -> bool:
    return hashlib.sha256(question.encode()).digest()[0] % 2 == 0


def _progress(step: str, done: int = 0, total: int = 0) -> None:
    if done == total or done % 2048 == 0:
        print(f"{step} {done}/{total}", flush=True)


def _fit(rows: Any, labels: Any) -> dict[str, Any]:
    """Penalised logistic regression in which no coefficient has the wrong sign.

    Collinear likenesses would otherwise get opposite signs, which fits these systems' answers and no others.
    """
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    standard, target = (rows - mean) / scale, np.where(labels, 1.0, -1.0)

    def loss(weights: Any) -> tuple[float, Any]:
        margin = target * (weights[0] + standard @ weights[1:])
        pull = -target / (1 + np.exp(margin))
        slope = np.concatenate([[pull.sum()], standard.T @ pull + PENALTY * weights[1:]])
        return float(np.logaddexp(0, -margin).sum() + PENALTY / 2 * (weights[1:] ** 2).sum()), slope

    bounds = [(None, None)] + [(0, None) if sign > 0 else (None, 0) for sign in SIGNS.values()]
    found = minimize(loss, np.zeros(len(FEATURES) + 1), jac=True, bounds=bounds, method="L-BFGS-B").x
    return {
        "intercept": round(float(found[0]), 6),
        "features": {
            name: {"coefficient": round(float(w), 6), "mean": round(float(m), 6), "scale": round(float(s), 6)}
            for name, w, m, s in zip(FEATURES, found[1:], mean, scale, strict=True)
        },
    }


def _predicted(content: dict[str, Any], rows: Any) -> Any:
    weights = content["features"].values()
    score = content["intercept"] + sum(
        weight["coefficient"] * (rows[:, place] - weight["mean"]) / weight["scale"]
        for place, weight in enumerate(weights)
    )
    return score >= 0


def _line(name: str, found: Agreement) -> str:
    return f"{name}: kappa {found.kappa:.3f} ({found.ci_low:.3f} to {found.ci_high:.3f}), {found.n} answers"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--limit", type=int, default=100, help="words of a reply that are read")
    parser.add_argument("--dry-run", action="store_true")
    given = parser.parse_args()
    lines: list[SubmittedAnswer] = [row for row in read_submitted(given.labels) if row.correct is not None]
    settled = [grade_by_rules(row.asked(), row.candidate or "", given.limit) for row in lines]
    label = np.array([bool(row.correct) for row in lines])
    fitted = np.array([in_fitted_half(row.question) for row in lines])
    is_open = np.array([grade is None for grade in settled])
    ruled_right = np.array([grade is not None and grade.grade is GradeName.CORRECT for grade in settled])
    pairs = [(row.asked(), cut(row.candidate or "", given.limit)) for row in lines]
    rows = np.zeros((len(lines), len(FEATURES)))
    rows[is_open] = features(
        [pair for pair, left in zip(pairs, is_open, strict=True) if left], SentenceEmbedder(), _progress
    )
    content = _fit(rows[fitted & is_open], label[fitted & is_open])
    right = np.where(is_open, _predicted(content, rows), ruled_right)

    def measure(chosen: Any, graded: Any) -> Agreement:
        places = np.flatnonzero(chosen)
        return agreement(graded[places], label[places], [lines[place].question for place in places])

    tested = measure(~fitted, right)
    print(f"{is_open.mean():.0%} of {len(lines)} answers are not settled by rules")
    print(_line("fitted half", measure(fitted, right)))
    print(_line("other half", tested))
    words = np.array([len((row.candidate or "").split()) for row in lines])
    longer = measure(~fitted & (words > LONG), right)
    print(_line(f"other half, answers of more than {LONG} words", longer))
    print(_line("other half, rules alone", measure(~fitted, ruled_right)))
    systems = [row.get("system", "") for row in jsonl.read(given.labels)]
    for name in sorted(set(filter(None, systems))) if len(systems) == len(lines) else []:
        print(_line(f"  {name}", measure(~fitted & (np.array(systems) == name), right)))
    counts = Counter(
        (str(g.grade), bool(row.correct)) for g, row, f in zip(settled, lines, fitted, strict=True) if g and f
    )
    content["rules"] = {
        name: round(counts[name, True] / max(1, counts[name, True] + counts[name, False]), 4)
        for name in ("correct", "wrong", "abstained")
    }
    keys = ("kappa", "ci_low", "ci_high", "precision", "recall", "n", "n_questions")
    content["made_from"] = {
        "labels": "EVOUNA, Natural Questions part (Wang et al. 2023), Apache-2.0",
        "sha256": hashlib.sha256(given.labels.read_bytes()).hexdigest(),
        "embedder": "all-minilm-l6-v2",
        "word_limit": given.limit,
        "on_the_other_half": {key: getattr(tested, key) for key in keys},
        f"on_its_answers_of_more_than_{LONG}_words": {key: getattr(longer, key) for key in keys},
    }
    if not given.dry_run:
        write_json(COEFFICIENTS, content)


if __name__ == "__main__":
    main()
