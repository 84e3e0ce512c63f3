"""What the figures allow to say: sentences made by rules from results, never by hand."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from evaluation.analysis.statistics import RANKABLE, TOO_FEW
from evaluation.run.registry import adapted, candidates, first_of, spec_of

CONVERGED = 0.9  # accuracy on its own training wordings below which an adapter is not judged
INFORMATIVE = 0.2  # closed-book accuracy above which the documents tell the model little that is new
_CONTROL = "that it cannot know those is a control, no finding"
Rows = Sequence[Mapping[str, Any]]


def points(value: float) -> str:
    """A difference of rates in whole percentage points."""
    size = abs(round(value * 100))
    return f"{size} point" if size == 1 else f"{size} points"


def _span(row: Mapping[str, Any]) -> str:
    """The interval of a contrast, told for the one that is ahead."""
    low, high = round(row["ci_low"] * 100), round(row["ci_high"] * 100)
    return f"{low} to {high}" if row["difference"] >= 0 else f"{-high} to {-low}"


def _where(row: Mapping[str, Any]) -> str:
    return "overall" if row.get("category", "overall") == "overall" else f"on {row['category']}"


def facts_needed(row: Mapping[str, Any]) -> int | None:
    """Facts with which a run would find a difference as large as the one seen in 80 % of cases; None where it is 0.

    From the minimum detectable difference, which falls with the root of the number of facts.
    """
    if not round(row["difference"], 6):
        return None
    return ceil(int(row["n_facts"]) * (float(row["minimum_detectable"]) / float(row["difference"])) ** 2)


def describe(row: Mapping[str, Any]) -> str:
    """One sentence for a contrast."""
    a, b = row["a"], row["b"]
    if row["n_facts"] < RANKABLE:
        return f"{a} and {b}: {TOO_FEW} ({row['n_facts']}, {RANKABLE} are needed)."
    if row["verdict"] in ("a", "b"):
        ahead, behind = (a, b) if row["verdict"] == "a" else (b, a)
        size = points(row["difference"])
        return f"{ahead} beats {behind} {_where(row)} by {size} ({_span(row)}) over {row['n_facts']} facts."
    ahead = a if row["difference"] >= 0 else b
    needed = facts_needed(row)
    more = f"; {needed:,} facts would be needed for a difference of that size" if needed else ""
    return (
        f"{a} and {b} are too close to call {_where(row)}: {ahead} is {points(row['difference'])} ahead ({_span(row)}) "
        f"and with {row['n_facts']} facts this run could only have seen {points(row['minimum_detectable'])}{more}."
    )


def coverage_needed(methods: Mapping[str, Any], a: str, b: str) -> float | None:
    """Share of questions about trained facts from which on a answers more than b; None where no share decides.

    Solves c·a_trained + (1 - c)·a_held_out = c·b_trained + (1 - c)·b_held_out for c.
    """
    try:
        lead = [
            methods[a]["categories"][category]["accuracy"] - methods[b]["categories"][category]["accuracy"]
            for category in ("paraphrased", "held_out")
        ]
    except (KeyError, TypeError):
        return None
    return lead[1] / (lead[1] - lead[0]) if lead[0] > 0 > lead[1] else None


def _coverage_sentence(methods: Mapping[str, Any], contrasts: Rows, adapted: str, other: str) -> str | None:
    """What training coverage does to the comparison of an adapted method with another."""
    try:
        trained, rest = (methods[adapted]["categories"][name] for name in ("paraphrased", "held_out"))
        against = methods[other]["categories"]["paraphrased"]
    except KeyError:
        return None
    if trained["accuracy"] is None or rest["accuracy"] is None or against["accuracy"] is None:
        return None
    row = next((r for r in contrasts if {r["a"], r["b"]} == {adapted, other} and r["category"] == "paraphrased"), None)
    lead = trained["accuracy"] - against["accuracy"]
    span = ""
    if row:
        sign = (1 if row["a"] == adapted else -1) * (1 if lead > 0 else -1)
        low, high = sorted((sign * row["ci_low"], sign * row["ci_high"]))
        span = f" ({round(low * 100)} to {round(high * 100)})"
    control = f" ({_CONTROL})" if spec_of(adapted).closed_book else " (for which retrieval serves it as it serves rag)"
    text = (
        f"On what training covered {adapted} is {points(lead)} {'ahead of' if lead > 0 else 'behind'} {other}{span}, "
        f"with {trained['accuracy']:.0%} of {trained['n']}; about the other facts it answers {rest['accuracy']:.0%} of "
        f"{rest['n']}{control}"
    )
    share = coverage_needed(methods, adapted, other)
    if share is not None:
        return f"{text}: {adapted} wins overall only if training covers more than {share:.0%} of what your users ask."
    return f"{text}: no coverage would make it win." if lead <= 0 else f"{text}."


def _clearly_behind(methods: Mapping[str, Any], best: str, names: Sequence[str]) -> list[str]:
    """Categories in which another candidate is clearly better than the best one: the intervals do not meet."""

    def cells(name: str) -> dict[str, Mapping[str, Any]]:
        return {**methods[name].get("categories", {}), "refusing": methods[name].get("refusal", {})}

    return [
        "refusing the unanswerable" if kind == "refusing" else kind
        for kind, cell in cells(best).items()
        if cell.get("ci_high") is not None
        and any((cells(name).get(kind, {}).get("ci_low") or 0) > cell["ci_high"] for name in names)
    ]


def _weak(methods: Mapping[str, Any], best: str) -> list[str]:
    """Categories in which a method answers less than half of what it answers overall, and surely less than that."""
    overall = methods[best]["overall"]["accuracy"]
    return [
        f"{kind} ({cell['accuracy']:.0%} of {cell['n']})"
        for kind, cell in methods[best].get("categories", {}).items()
        if cell["accuracy"] is not None and cell["accuracy"] < overall / 2 and cell["ci_high"] < overall
    ]


def _reasons(methods: Mapping[str, Any], contrasts: Rows, audit: Mapping[str, Any], judged: Sequence[str]) -> list[str]:
    unsure = {name for name, method in methods.items() if method.get("converged") is False}
    reasons = [describe(row) for row in contrasts if row["family"] == "primary" and not unsure & {row["a"], row["b"]}]
    search = first_of(judged, "search")
    for name in adapted(judged):
        if search and (text := _coverage_sentence(methods, contrasts, name, search)):
            reasons.append(text)
    return reasons + list(audit["warnings"])


def make_verdict(
    methods: Mapping[str, Any], contrasts: list[dict[str, Any]], audit: Mapping[str, Any]
) -> dict[str, Any]:
    """Summary, recommendation and reasons.

    A method is recommended when it is the most accurate candidate and beats the next one after correction; adapters
    that did not converge are left out, and nothing is recommended from a run that fails its audit.
    """
    judged = {
        name: methods[name]["overall"]["accuracy"]
        for name in candidates(methods)
        if methods[name].get("converged") is not False and methods[name]["overall"]["accuracy"]
        is not None
    }  # fmt: skip
    trained, search = first_of(judged, "none", adapted=True), first_of(judged, "search")
    verdict: dict[str, Any] = {
        "recommended": None,
        "reasons": _reasons(methods, contrasts, audit, list(judged)),
        "coverage_needed": coverage_needed(methods, trained, search) if trained and search else None,
    }
    if failed := [check["name"] for check in audit.get("checks", []) if check["passed"] is False]:
        return verdict | {"summary": f"No verdict: this run fails its audit ({'; '.join(failed)})."}
    if len(judged) < 2:
        return verdict | {"summary": "There are fewer than two methods to compare."}
    ranking = sorted(judged, key=lambda name: judged[name], reverse=True)
    return verdict | _ranked(methods, contrasts, ranking)


def _ranked(methods: Mapping[str, Any], contrasts: Rows, ranking: Sequence[str]) -> dict[str, Any]:
    """Summary and recommendation for candidates in the order of their accuracy."""
    best, second = ranking[0], ranking[1]
    overall = methods[best]["overall"]
    accuracy = f"{overall['accuracy']:.0%} of {overall['n']} answerable questions"
    if overall["n_facts"] < RANKABLE:
        return {"summary": f"Too few facts to rank: {overall['n_facts']} were asked, {RANKABLE} are needed."}
    deciding = next(
        (row for row in contrasts if {row["a"], row["b"]} == {best, second} and row["category"] == "overall"), None
    )
    if not deciding or deciding["verdict"] not in ("a", "b"):
        close = f"Too close to call between {best} and {second}; {best} has {accuracy}"
        if deciding:
            seen, could = points(deciding["difference"]), points(deciding["minimum_detectable"])
            close += f", {seen} more, and this run could only have seen {could}"
        return {"summary": f"{close}."}
    lead = f"{points(deciding['difference'])} ({_span(deciding)}) ahead of {second}"
    if deciding["family"] == "secondary":
        lead += " (an exploratory comparison)"
    behind, weak = _clearly_behind(methods, best, ranking[1:]), _weak(methods, best)
    text = f"{best} answers best here: {accuracy}, {lead}"
    text += f", but another method is clearly better on {' and '.join(behind)}" if behind else ""
    text += f"; it is weak on {' and '.join(weak)}" if weak else ""
    return {"recommended": best, "summary": f"{text}."}
