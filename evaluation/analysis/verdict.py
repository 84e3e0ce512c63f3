"""What the figures allow to say: sentences made by rules from results, never by hand."""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil

from evaluation.analysis.statistics import RANKABLE, TOO_FEW
from evaluation.numbers import percent, points, share
from evaluation.results.method import MethodResults
from evaluation.results.rates import Cell, Refusal
from evaluation.results.schema import Audit, Contrast, Verdict

CONVERGED = 0.9  # accuracy on its own training wordings below which an adapter is not judged
INFORMATIVE = 0.2  # closed-book accuracy above which the documents tell the model little that is new
_CONTROL = "failing on those is expected: a control, not a finding"
Rows = Sequence[Contrast]
Methods = Mapping[str, MethodResults]


def _span(row: Contrast) -> str:
    """The interval of a contrast, told for the one that is ahead."""
    low, high = round(row.ci_low * 100), round(row.ci_high * 100)
    return f"{low} to {high}" if row.difference >= 0 else f"{-high} to {-low}"


def _where(row: Contrast) -> str:
    return "overall" if row.category == "overall" else f"on {row.category}"


def facts_needed(row: Contrast) -> int | None:
    """Facts with which a run would find a difference as large as the one seen in 80 % of cases; None where it is 0.

    From the minimum detectable difference, which falls with the root of the number of facts.
    """
    if not round(row.difference, 6):
        return None
    return ceil(row.n_facts * (row.minimum_detectable / row.difference) ** 2)


def describe(row: Contrast) -> str:
    """One sentence for a contrast."""
    a, b = row.a, row.b
    if row.n_facts < RANKABLE:
        return f"{a} and {b}: {TOO_FEW} ({row.n_facts}, {RANKABLE} are needed)."
    if row.verdict in ("a", "b"):
        ahead, behind = (a, b) if row.verdict == "a" else (b, a)
        size = points(row.difference)
        return f"{ahead} beats {behind} {_where(row)} by {size} ({_span(row)}) over {row.n_facts} facts."
    ahead = a if row.difference >= 0 else b
    needed = facts_needed(row)
    more = f"; detecting a gap of {points(row.difference)} would take {needed:,} facts" if needed else ""
    return (
        f"{a} and {b} are too close to call {_where(row)}: {ahead} is {points(row.difference)} ahead ({_span(row)}), "
        f"and with {row.n_facts} facts this run could only have detected {_detectable(row)}{more}."
    )


def _detectable(row: Contrast) -> str:
    return f"a gap of {points(row.minimum_detectable)} or more"


def coverage_needed(methods: Methods, a: str, b: str) -> float | None:
    """Share of questions about trained facts from which on a answers more than b; None where no share decides.

    Solves c·a_trained + (1 - c)·a_held_out = c·b_trained + (1 - c)·b_held_out for c.
    """
    lead = []
    for category in ("paraphrased", "held_out"):
        first, second = (methods[name].categories.get(category) for name in (a, b))
        if first is None or second is None or first.accuracy is None or second.accuracy is None:
            return None
        lead.append(first.accuracy - second.accuracy)
    return lead[1] / (lead[1] - lead[0]) if lead[0] > 0 > lead[1] else None


def _coverage_sentence(methods: Methods, contrasts: Rows, adapted: str, other: str) -> str | None:
    """What training coverage does to the comparison of an adapted method with another."""
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
        f"{_trained_span(contrasts, adapted, other, lead)}, with {share(trained.accuracy, trained.n)} right; of the "
        f"other {rest.n} questions it answers {percent(rest.accuracy)} ({control})"
    )
    coverage = coverage_needed(methods, adapted, other)
    if coverage is not None:
        return (
            f"{text}: {adapted} wins overall only if training covers more than {coverage:.0%} of what your users ask."
        )
    return f"{text}: no coverage would make it win." if lead <= 0 else f"{text}."


def _trained_span(contrasts: Rows, adapted: str, other: str, lead: float) -> str:
    """The interval of the difference on trained facts, told for the one that is ahead; nothing where none was made."""
    row = next((r for r in contrasts if {r.a, r.b} == {adapted, other} and r.category == "paraphrased"), None)
    if row is None:
        return ""
    sign = (1 if row.a == adapted else -1) * (1 if lead > 0 else -1)
    low, high = sorted((sign * row.ci_low, sign * row.ci_high))
    return f" ({round(low * 100)} to {round(high * 100)})"


def _clearly_behind(methods: Methods, best: str, names: Sequence[str]) -> list[str]:
    """Categories in which another candidate is clearly better than the best one: the intervals do not meet."""

    def cells(name: str) -> dict[str, Cell | Refusal]:
        return {**methods[name].categories, "refusing": methods[name].refusal}

    def ahead(name: str, kind: str, high: float) -> bool:
        cell = cells(name).get(kind)
        return cell is not None and (cell.ci_low or 0) > high

    return [
        "refusing the unanswerable" if kind == "refusing" else kind
        for kind, cell in cells(best).items()
        if cell.ci_high is not None and any(ahead(name, kind, cell.ci_high) for name in names)
    ]


def _weak(methods: Methods, best: str) -> list[str]:
    """Categories in which a method answers less than half of what it answers overall, and surely less than that."""
    overall = methods[best].overall.accuracy or 0.0
    return [
        f"{kind} ({share(cell.accuracy, cell.n)})"
        for kind, cell in methods[best].categories.items()
        if cell.accuracy is not None and cell.accuracy < overall / 2 and (cell.ci_high or 0) < overall
    ]


def _first(methods: Methods, names: Iterable[str], context: str, adapted: bool = False) -> str | None:
    """The first of these methods with this context, trained or not; None if there is none."""
    return next((n for n in names if (methods[n].context, methods[n].adapted) == (context, adapted)), None)


def _reasons(methods: Methods, contrasts: Rows, audit: Audit, judged: Sequence[str]) -> list[str]:
    unsure = {name for name, method in methods.items() if method.converged is False}
    reasons = [describe(row) for row in contrasts if row.family == "primary" and not unsure & {row.a, row.b}]
    search = _first(methods, judged, "search")
    for name in judged:
        if methods[name].adapted and search and (text := _coverage_sentence(methods, contrasts, name, search)):
            reasons.append(text)
    return reasons + audit.warnings


def make_verdict(methods: Methods, contrasts: Rows, audit: Audit) -> Verdict:
    """Summary, recommendation and reasons.

    A method is recommended when it is the most accurate candidate and beats the next one after correction; adapters
    that did not converge are left out, and nothing is recommended from a run that fails its audit.
    """
    judged = {
        name: accuracy
        for name, method in methods.items()
        if method.kind != "yardstick" and method.converged is not False
        and (accuracy := method.overall.accuracy) is not None
    }  # fmt: skip
    trained, search = _first(methods, judged, "none", adapted=True), _first(methods, judged, "search")
    recommended, summary = _conclusion(methods, contrasts, audit, judged)
    return Verdict(
        summary=summary,
        recommended=recommended,
        reasons=_reasons(methods, contrasts, audit, list(judged)),
        coverage_needed=coverage_needed(methods, trained, search) if trained and search else None,
    )


def _conclusion(methods: Methods, contrasts: Rows, audit: Audit, judged: Mapping[str, float]) -> tuple[str | None, str]:
    """The recommended method and the summary."""
    if failed := [check.name for check in audit.checks if check.passed is False]:
        return None, f"No verdict: this run fails its audit ({'; '.join(failed)})."
    if len(judged) < 2:
        return None, "There are fewer than two methods to compare."
    return _ranked(methods, contrasts, sorted(judged, key=lambda name: judged[name], reverse=True))


def _ranked(methods: Methods, contrasts: Rows, ranking: Sequence[str]) -> tuple[str | None, str]:
    """Recommendation and summary for candidates in the order of their accuracy."""
    best, second = ranking[0], ranking[1]
    overall = methods[best].overall
    accuracy = f"{share(overall.accuracy, overall.n)} answerable questions"
    if overall.n_facts < RANKABLE:
        return None, f"Too few facts to rank: {overall.n_facts} were asked, {RANKABLE} are needed."
    deciding = next((row for row in contrasts if {row.a, row.b} == {best, second} and row.category == "overall"), None)
    if not deciding or deciding.verdict not in ("a", "b"):
        close = f"Too close to call between {best} and {second}: {best} answers {accuracy}"
        if deciding:
            close += (
                f", {points(deciding.difference)} more, and this run could only have detected {_detectable(deciding)}"
            )
        return None, f"{close}."
    lead = f"{points(deciding.difference)} ({_span(deciding)}) ahead of {second}"
    if deciding.family == "secondary":
        lead += " (an exploratory comparison)"
    behind, weak = _clearly_behind(methods, best, ranking[1:]), _weak(methods, best)
    text = f"{best} answers best here: {accuracy}, {lead}"
    text += f", but another method is clearly better on {' and '.join(behind)}" if behind else ""
    text += f"; it is weak on {' and '.join(weak)}" if weak else ""
    return best, f"{text}."
