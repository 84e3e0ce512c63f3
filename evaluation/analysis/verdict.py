"""What the figures allow to say: a decision made by rules from results, never by hand."""

from collections.abc import Iterator, Sequence

from evaluation.analysis.certainty import badge, coverage_sentence, detectable, how_it_ended, how_sure
from evaluation.analysis.choice import Case, choose
from evaluation.analysis.coverage import coverage_needed
from evaluation.analysis.headline import headline
from evaluation.analysis.reasons import caveats, why
from evaluation.analysis.statistics import RANKABLE, TOO_FEW
from evaluation.analysis.turning import next_run, turns
from evaluation.numbers import percent, points, points_span, share
from evaluation.results.costs import CostPage
from evaluation.results.schema import Results
from evaluation.results.verdict import Contrast, Verdict
from evaluation.words import kind_words

CONVERGED = 0.9  # accuracy on its own training wordings below which an adapter is not judged
INFORMATIVE = 0.2  # closed-book accuracy above which the documents tell the model little that is new
_CONTROL = "failing on those is expected: a control, not a finding"


def make_verdict(case: Case, facts: int) -> Verdict:
    """The decision, how sure it is, why, what would turn it, and what to run next.

    Adapters that did not converge are left out, and nothing is recommended from a run that fails its audit. `facts` are
    those that the domain has.
    """
    choice = choose(case)
    trained, search = _first(case, "none", adapted=True), _first(case, "search")
    noted = [*caveats(case, choice), *case.audit.warnings]
    return Verdict(
        summary=headline(case, choice),
        recommended=choice.recommended,
        decided_by=choice.by,
        badge=badge(case, choice),
        how_sure=" ".join(filter(None, (how_sure(case, choice), how_it_ended(case.ending)))),
        coverage=coverage_sentence(case.coverage) if any(case.methods[name].adapted for name in case.ranking) else "",
        why=why(case, choice),
        turns=turns(case, choice),
        next_run=next_run(case, choice, facts),
        caveats=noted,
        ranking=case.ranking,
        reasons=[*_comparisons(case), *noted],
        coverage_needed=coverage_needed(case.methods, trained, search) if trained and search else None,
    )


def verdict_under(results: Results, costs: CostPage) -> Verdict:
    """The decision of a finished run at another volume, other prices, or with prices for errors.

    A run of an earlier version, whose wrong answers were not tested, keeps the one that it has.
    """
    if not all(row.simultaneous for row in results.contrasts):
        return results.verdict
    known = results.contrasts, results.audit, costs, results.coverage
    return make_verdict(
        Case(results.methods, *known, weighted=results.domain.weighted, ending=results.run.ending),
        results.domain.n_facts,
    )


def _first(case: Case, context: str, adapted: bool = False) -> str | None:
    """The first of the judged methods with this context, trained or not; None if there is none."""
    wanted, methods = (context, adapted), case.methods
    ranked = [name for name in methods if name in case.ranking]
    return next((name for name in ranked if (methods[name].context, methods[name].adapted) == wanted), None)


def _comparisons(case: Case) -> Iterator[str]:
    """Each comparison named before the run, then what coverage does to trained methods."""
    unsure = {name for name, method in case.methods.items() if method.converged is False}
    for row in case.contrasts:
        if row.family == "primary" and not unsure & {row.a, row.b}:
            yield describe(row)
    search = _first(case, "search")
    for name in case.methods:
        judged = name in case.ranking and case.methods[name].adapted
        if judged and search and (text := _coverage_sentence(case, name, search)):
            yield text


def describe(row: Contrast) -> str:
    """One sentence for a contrast."""
    a, b = row.a, row.b
    if row.n_facts < RANKABLE:
        return f"{a} and {b}: {TOO_FEW} ({row.n_facts}, {RANKABLE} are needed)."
    where = "overall" if row.category == "overall" else f"on “{kind_words(row.category)}” questions"
    first, second = (a, b) if row.difference >= 0 else (b, a)
    ends = (row.ci_low, row.ci_high) if row.difference >= 0 else (-row.ci_high, -row.ci_low)
    size, span = points(row.difference), points_span(*ends)
    if row.verdict in ("a", "b"):
        if row.outcome == "wrong":
            return f"{second} gives fewer wrong answers than {first} {where}: {size} ({span}) over {row.n_facts} facts."
        return f"{first} beats {second} {where} by {size} ({span}) over {row.n_facts} facts."
    if row.outcome == "wrong":
        return f"{a} and {b} are too close to call {where} in wrong answers: {first} gives {size} more ({span})."
    seen = detectable(row)
    return f"{a} and {b} are too close to call {where}: {first} is {size} ahead ({span}). {seen}"


def _coverage_sentence(case: Case, adapted: str, other: str) -> str | None:
    """What training coverage does to the comparison of an adapted method with another."""
    methods = case.methods
    own, against = methods[adapted].categories, methods[other].categories.get("paraphrased")
    trained, rest = own.get("paraphrased"), own.get("held_out")
    if trained is None or rest is None or against is None:
        return None
    if trained.accuracy is None or rest.accuracy is None or against.accuracy is None:
        return None
    lead = trained.accuracy - against.accuracy
    control = _CONTROL if methods[adapted].context == "none" else "retrieval serves it there as it serves rag"
    text = (
        f"On facts that training covered, {adapted} is {points(lead)} {'ahead of' if lead > 0 else 'behind'} {other}"
        f"{_trained_span(case.contrasts, adapted, other, lead)}, with {share(trained.accuracy, trained.n)} right; of "
        f"the other {rest.n} questions it answers {percent(rest.accuracy)} ({control})"
    )
    needed = coverage_needed(methods, adapted, other)
    if needed is not None:
        return f"{text}: {adapted} wins overall only if training covers more than {needed:.0%} of what your users ask."
    return f"{text}: no coverage would make it win." if lead <= 0 else f"{text}."


def _trained_span(contrasts: Sequence[Contrast], adapted: str, other: str, lead: float) -> str:
    """The interval of the difference on trained facts, told for the one that is ahead; nothing where none was made."""
    wanted = ({adapted, other}, "paraphrased", "right")
    row = next((r for r in contrasts if ({r.a, r.b}, r.category, r.outcome) == wanted), None)
    if row is None:
        return ""
    sign = (1 if row.a == adapted else -1) * (1 if lead > 0 else -1)
    return f" ({points_span(*sorted((sign * row.ci_low, sign * row.ci_high)))})"
