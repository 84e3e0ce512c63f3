"""What training broke: general questions that the untrained model answers, asked again of the trained one."""

from math import exp
from typing import Any

from evaluation.analysis.breakdown import SCORED, Graded
from evaluation.analysis.run_figures import RunFigures
from evaluation.analysis.statistics import rate_interval
from evaluation.grading.rules import GradeName
from evaluation.results.method import Retention
from evaluation.results.rates import Rate
from evaluation.run.registry import spec_of, trainers

PHASE = "retention"


def retention(run: RunFigures, name: str) -> Retention | None:
    """Of a trained method, or of the one whose training it shares; None where nothing general was asked before it."""
    if not spec_of(name).adapted:
        return None
    trained = [one for one in trainers(run.names) if spec_of(one).training == spec_of(name).training]
    untrained = [one for one in run.names if spec_of(one).knows_nothing]
    before, after = _right(run, untrained), _right(run, trained)
    known = [question for question, grade in before.items() if grade is GradeName.CORRECT and question in after]
    if not known:
        return None
    still = [after[question] is GradeName.CORRECT for question in known]
    low, high = rate_interval(still, known)
    return Retention(
        asked=len(before),
        kept=Rate(n=len(known), rate=sum(still) / len(known), ci_low=low, ci_high=high),
        refused=sum(after[question] is GradeName.ABSTAINED for question in known),
        gained=sum(after[q] is GradeName.CORRECT for q, grade in before.items() if q in after and q not in known),
        perplexity_before=_perplexity(run, untrained),
        perplexity=_perplexity(run, trained),
    )


def _right(run: RunFigures, names: list[str]) -> dict[str, GradeName]:
    """Grades of general questions, by their ids."""
    graded: Graded = run.rows(names[0], PHASE) if names else []
    return {question.id: grade for question, _, grade in graded if grade in SCORED}


def _perplexity(run: RunFigures, names: list[str]) -> float | None:
    entries: dict[str, Any] = run.record["methods"].get(names[0], {}) if names else {}
    losses = (entry["details"].get("neutral_loss") for entry in entries.values())
    loss = next((loss for loss in losses if loss is not None), None)
    return None if loss is None else exp(loss)
