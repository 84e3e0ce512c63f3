"""Figures of the kinds of question that need more than right or wrong: house style, changed facts, two documents."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from data.schema import Category
from evaluation.analysis.breakdown import SCORED, Graded, cell
from evaluation.analysis.statistics import mean_interval, rate_interval
from evaluation.grading.rules import GradeName
from evaluation.results.method import FormRates, LongAnswers, MultiHop, Stale, Style
from evaluation.results.rates import Refusal

Scores = Mapping[tuple[str, int, str, str], Mapping[str, Any]]  # scores.jsonl by method, seed, phase, question


def _form_and_content(rows: Sequence[tuple[bool, bool]]) -> FormRates | None:
    n = len(rows)
    if not n:
        return None
    return FormRates(
        n=n,
        form=sum(form for form, _ in rows) / n,
        content=sum(content for _, content in rows) / n,
        both=sum(form and content for form, content in rows) / n,
    )


def style_figures(graded: Graded, scores: Scores, styled_facts: Collection[str]) -> Style | None:
    """Rates of form, content and both, of all answers asked for in the house style and by whether it was trained."""
    rows = []
    for question, answer, grade in graded:
        score = scores[answer.method, answer.seed, answer.phase, answer.question_id]
        if question.category is Category.STYLE and grade in SCORED and "form" in score:
            rows.append((question.fact_id in styled_facts, bool(score["form"]), grade is GradeName.CORRECT))
    whole = _form_and_content([(form, content) for _, form, content in rows])
    if whole is None:
        return None
    return Style(
        **dict(whole),
        styled_training=_form_and_content([(form, content) for styled, form, content in rows if styled]),
        no_styled_training=_form_and_content([(form, content) for styled, form, content in rows if not styled]),
    )


def stale_figures(updated: Graded, scores: Scores) -> Stale | None:
    """How many answers of the second pass give what was right before the documents changed."""
    if not updated:
        return None
    lines = (scores[answer.method, answer.seed, answer.phase, answer.question_id] for _, answer, _ in updated)
    flags = [bool(line["stale"]) for line in lines]
    stale = sum(flags)
    low, high = rate_interval(flags, [question.fact_id for question, _, _ in updated])
    return Stale(n=len(updated), stale=stale, rate=stale / len(updated), ci_low=low, ci_high=high)


def long_answer_figures(graded: Graded, scores: Scores) -> LongAnswers | None:
    """Mean score of the answers to questions with points; None where no question has any."""
    lines = [(q.fact_id, scores[a.method, a.seed, a.phase, a.question_id].get("score")) for q, a, _ in graded]
    known = [(fact, float(score)) for fact, score in lines if score is not None]
    if not known:
        return None
    values = [score for _, score in known]
    low, high = mean_interval(values, [fact for fact, _ in known])
    return LongAnswers(n=len(values), score=sum(values) / len(values), ci_low=low, ci_high=high)


def multi_hop_figures(graded: Graded, facts: Collection[str] | None) -> MultiHop | None:
    """Cells of the questions over two documents: both facts trained, and the others."""
    rows = [row for row in graded if row[0].category is Category.MULTI_HOP]
    trained = [row for row in rows if row[0].covered_by(facts)]
    untrained = [row for row in rows if not row[0].covered_by(facts)]
    if not rows:
        return None
    return MultiHop(trained=cell(trained) if trained else None, untrained=cell(untrained) if untrained else None)


def refusal_figures(unanswerable: Graded, answerable: Graded) -> Refusal:
    """Shares of questions refused, with an interval for the unanswerable ones; None where none was asked."""
    refused = [grade is GradeName.ABSTAINED for _, _, grade in unanswerable]
    over = [grade is GradeName.ABSTAINED for _, _, grade in answerable]
    span = rate_interval(refused, [q.fact_id for q, _, _ in unanswerable]) if refused else (None, None)
    return Refusal(
        unanswerable_refused=sum(refused) / len(refused) if refused else None,
        ci_low=span[0],
        ci_high=span[1],
        n_unanswerable=len(refused),
        answerable_refused=sum(over) / len(over) if over else None,
        n_answerable=len(over),
    )
