"""Figures of the kinds of question that need more than right or wrong: house form, changed facts, two documents."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from data.schema import Category
from evaluation.analysis.breakdown import SCORED, Graded, cell
from evaluation.analysis.statistics import rate_interval
from evaluation.grading.rules import GradeName

Scores = Mapping[tuple[str, int, str, str], Mapping[str, Any]]  # scores.jsonl by method, seed, phase, question


def _form_and_content(rows: Sequence[tuple[bool, bool]]) -> dict[str, Any]:
    n = len(rows)
    return {
        "n": n,
        "form": sum(form for form, _ in rows) / n,
        "content": sum(content for _, content in rows) / n,
        "both": sum(form and content for form, content in rows) / n,
    }


def style_figures(graded: Graded, scores: Scores, styled_facts: Collection[str]) -> dict[str, Any] | None:
    """Rates of form, content and both, of all answers asked for in the house form and by whether it was trained."""
    rows = []
    for question, answer, grade in graded:
        score = scores[answer.method, answer.seed, answer.phase, answer.question_id]
        if question.category is Category.STYLE and grade in SCORED and "form" in score:
            rows.append((question.fact_id in styled_facts, bool(score["form"]), grade is GradeName.CORRECT))
    if not rows:
        return None
    out = _form_and_content([(form, content) for _, form, content in rows])
    for name, wanted in (("styled_training", True), ("no_styled_training", False)):
        if group := [(form, content) for styled, form, content in rows if styled is wanted]:
            out[name] = _form_and_content(group)
    return out


def stale_figures(updated: Graded, scores: Scores) -> dict[str, Any] | None:
    """How many answers of the second pass give what was right before the documents changed."""
    if not updated:
        return None
    lines = (scores[answer.method, answer.seed, answer.phase, answer.question_id] for _, answer, _ in updated)
    flags = [bool(line["stale"]) for line in lines]
    stale = sum(flags)
    low, high = rate_interval(flags, [question.fact_id for question, _, _ in updated])
    return {"n": len(updated), "stale": stale, "rate": stale / len(updated), "ci_low": low, "ci_high": high}


def multi_hop_figures(graded: Graded, facts: Collection[str] | None) -> dict[str, Any] | None:
    """Cells of the questions over two documents: both facts trained, and the others."""
    rows = [row for row in graded if row[0].category is Category.MULTI_HOP]
    halves = {
        "trained": [row for row in rows if row[0].covered_by(facts)],
        "untrained": [row for row in rows if not row[0].covered_by(facts)],
    }
    return {name: cell(half) for name, half in halves.items() if half} or None


def refusal_figures(unanswerable: Graded, answerable: Graded) -> dict[str, Any]:
    """Shares of questions refused, with an interval for the unanswerable ones; None where none was asked."""
    refused = [grade is GradeName.ABSTAINED for _, _, grade in unanswerable]
    over = [grade is GradeName.ABSTAINED for _, _, grade in answerable]
    span = rate_interval(refused, [q.fact_id for q, _, _ in unanswerable]) if refused else (None, None)
    return {
        "unanswerable_refused": sum(refused) / len(refused) if refused else None,
        "ci_low": span[0],
        "ci_high": span[1],
        "n_unanswerable": len(refused),
        "answerable_refused": sum(over) / len(over) if over else None,
        "n_answerable": len(over),
    }
