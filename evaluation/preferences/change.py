"""What a tuning changed: paired differences over held-out questions, and the sentence that sums them up."""

from collections.abc import Callable, Sequence

import numpy as np

from data.schema import Domain, Question
from evaluation.analysis.breakdown import SCORED
from evaluation.analysis.simultaneous import Pairs, simultaneous
from evaluation.analysis.statistics import mean_interval, rate_interval
from evaluation.grading.rules import GradeName, has_form
from evaluation.numbers import points_span, signed_points
from evaluation.preferences.asking import Answered
from evaluation.results.preference import OVERALL, Change, Mean, Preferred


def share_change(before: Sequence[bool], after: Sequence[bool], facts: Sequence[str], seed: int = 0) -> Change | None:
    """Of a yes or no; the interval allows for few answers that changed (evaluation/analysis/simultaneous.py)."""
    if not before:
        return None
    found = simultaneous([Pairs(after, before, facts)], seed)[0]
    n = len(before)
    return Change(
        n=n, before=sum(before) / n, after=sum(after) / n, difference=found.difference, ci_low=found.ci_low,
        ci_high=found.ci_high,
    )  # fmt: skip


def mean_change(before: Sequence[float], after: Sequence[float], facts: Sequence[str], seed: int = 0) -> Change:
    """Of a number."""
    n, moved = len(before), [late - early for early, late in zip(before, after, strict=True)]
    low, high = mean_interval(moved, facts, seed)
    return Change(
        n=n, before=sum(before) / n, after=sum(after) / n, difference=sum(moved) / n, ci_low=low, ci_high=high
    )


def mean_of(values: Sequence[float], facts: Sequence[str], seed: int = 0) -> Mean:
    low, high = mean_interval(values, facts, seed)
    return Mean(n=len(values), mean=sum(values) / len(values), ci_low=low, ci_high=high)


def share_of(values: Sequence[float], facts: Sequence[str]) -> Mean:
    """Of numbers from 0 to 1, a half where it is a tie: where all are alike, a bootstrap would claim certainty."""
    low, high = rate_interval(np.asarray(values), facts)
    return Mean(n=len(values), mean=sum(values) / len(values), ci_low=low, ci_high=high)


def rights(domain: Domain, questions: Sequence[Question], before: Answered, after: Answered) -> dict[str, Change]:
    """Right answers over all answerable questions that were graded both times, and by kind."""
    rows = [
        (question, early is GradeName.CORRECT, late is GradeName.CORRECT)
        for question, early, late in zip(questions, before.grades, after.grades, strict=True)
        if question.answerable and early in SCORED and late in SCORED
    ]
    kinds = [OVERALL, *dict.fromkeys(str(domain.category(question)) for question, _, _ in rows)]
    found = {}
    for kind in kinds:
        some = [row for row in rows if kind in (OVERALL, str(domain.category(row[0])))]
        change = share_change([row[1] for row in some], [row[2] for row in some], [row[0].fact_id for row in some])
        if change:
            found[kind] = change
    return found


def _each(texts: Sequence[str], what: Callable[[str], bool]) -> list[bool]:
    return [what(text) for text in texts]


def forms(domain: Domain, questions: Sequence[Question], before: Answered, after: Answered) -> Change | None:
    """Answers in the domain's house form; None where it has none."""
    pattern = domain.settings.style.get("pattern", "")
    if not pattern:
        return None
    early, late = (_each(one.texts, lambda text: has_form(pattern, text)) for one in (before, after))
    return share_change(early, late, [question.fact_id for question in questions])


def refusals(questions: Sequence[Question], before: Answered, after: Answered) -> Change:
    early, late = ([grade is GradeName.ABSTAINED for grade in one.grades] for one in (before, after))
    change = share_change(early, late, [question.fact_id for question in questions])
    assert change is not None, "there are held-out questions"
    return change


def lengths(questions: Sequence[Question], before: Answered, after: Answered) -> Change:
    early, late = ([float(len(text.split())) for text in one.texts] for one in (before, after))
    return mean_change(early, late, [question.fact_id for question in questions])


def generals(before: Answered, after: Answered) -> Change | None:
    if not before.general or not after.general:
        return None
    early, late = ([grade is GradeName.CORRECT for grade in one.general] for one in (before, after))
    return share_change(early, late, [str(place) for place in range(len(before.general))])


def in_points(change: Change) -> str:
    """A change of a share, for a person."""
    return f"{signed_points(change.difference)} points ({points_span(change.ci_low, change.ci_high)})"


def in_preference(preferred: Preferred) -> str:
    """What a reward model says of the change, with how far it can be believed."""
    share = preferred.share
    found = f"{share.mean:.0%} of {share.n} answers preferred to those from before by {preferred.judge}"
    if not preferred.tells:
        return f"n/a ({found}, which is no better than chance)"
    low, high = share.ci_low - 0.5, share.ci_high - 0.5
    return f"{signed_points(share.mean - 0.5)} points ({points_span(low, high)}) from even: {found}"


def sentence_of(
    form: Change | None, words: Change, right: Change | None, preferred: Preferred | None = None
) -> str:  # fmt: skip
    """What changed, behaviour beside knowledge; what people ranked is told by a reward model of their rankings."""
    behaviour = in_preference(preferred) if preferred else f"{in_points(form)} in house form" if form else (
        f"{words.difference:+.1f} words an answer ({words.ci_low:+.1f} to {words.ci_high:+.1f})"
    )  # fmt: skip
    knowledge = f"{in_points(right)} of right answers" if right else "n/a (no held-out question has an answer)"
    return f"Behaviour changed by {behaviour}, knowledge by {knowledge}."
