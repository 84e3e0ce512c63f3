"""What the figures allow to say: sentences made by rules from results, never by hand."""

from collections.abc import Mapping
from typing import Any

from evaluation.statistics import RANKABLE

CANDIDATES = ("inject", "rag", "lora", "lora+rag")  # what a user can choose; base and oracle are yardsticks
CONVERGED = 0.9  # accuracy on its own training wordings below which an adapter is not judged
INFORMATIVE = 0.2  # closed-book accuracy above which the documents tell the model little that is new


def points(value: float) -> str:
    """A difference of rates in whole percentage points."""
    return f"{abs(round(value * 100))} points"


def describe(row: Mapping[str, Any]) -> str:
    """One sentence for a contrast."""
    a, b = row["a"], row["b"]
    span = f"{round(row['ci_low'] * 100)} to {round(row['ci_high'] * 100)}"
    if row["n_facts"] < RANKABLE:
        return f"{a} and {b}: too few facts to rank ({row['n_facts']}, {RANKABLE} are needed)."
    if row["verdict"] == "a" or row["verdict"] == "b":
        ahead, behind = (a, b) if row["verdict"] == "a" else (b, a)
        low, high = sorted((abs(round(row["ci_low"] * 100)), abs(round(row["ci_high"] * 100))))
        return f"{ahead} beats {behind} by {points(row['difference'])} ({low} to {high}) over {row['n_facts']} facts."
    return (
        f"{a} and {b} are too close to call: {round(row['difference'] * 100):+d} points ({span}); "
        f"with {row['n_facts']} facts this run could have seen {points(row['minimum_detectable'])}."
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


def _failing(methods: Mapping[str, Any], best: str, names: Mapping[str, Any]) -> list[str]:
    """Categories in which another candidate is clearly better: the intervals do not meet."""
    return [
        category
        for category, cell in methods[best].get("categories", {}).items()
        if any(
            other["ci_low"] is not None and cell["ci_high"] is not None and other["ci_low"] > cell["ci_high"]
            for name in names
            if (other := methods[name].get("categories", {}).get(category))
        )
    ]


def _coverage_sentence(methods: Mapping[str, Any], adapted: str, share: float) -> str:
    trained, others = (methods[adapted]["categories"][name] for name in ("paraphrased", "held_out"))
    return (
        f"{adapted} answers {trained['accuracy']:.0%} of {trained['n']} questions about trained facts and "
        f"{others['accuracy']:.0%} of {others['n']} about others (that it cannot know those is a control, no finding): "
        f"it is ahead of rag only if training covers more than {share:.0%} of what is asked."
    )


def make_verdict(
    methods: Mapping[str, Any], contrasts: list[dict[str, Any]], audit: Mapping[str, Any]
) -> dict[str, Any]:
    """Summary, recommendation and reasons.

    A method is recommended when it is the most accurate candidate and beats the next one after correction; adapters
    that did not converge are left out.
    """
    judged = {
        name: methods[name]["overall"]["accuracy"]
        for name in CANDIDATES
        if name in methods and methods[name].get("converged") is not False and methods[name]["overall"]["n"]
    }
    reasons = [describe(row) for row in contrasts if row["family"] == "primary"]
    reasons += list(audit["warnings"])
    coverage = coverage_needed(methods, "lora", "rag") if "lora" in judged and "rag" in judged else None
    if coverage is not None:
        reasons.append(_coverage_sentence(methods, "lora", coverage))
    verdict: dict[str, Any] = {"recommended": None, "reasons": reasons, "coverage_needed": coverage}
    if len(judged) < 2:
        return verdict | {"summary": "There are fewer than two methods to compare."}
    ranking = sorted(judged, key=lambda name: judged[name], reverse=True)
    best, second = ranking[0], ranking[1]
    facts = methods[best]["overall"]["n_facts"]
    accuracy = f"{judged[best]:.0%} of {methods[best]['overall']['n']} answerable questions"
    if facts < RANKABLE:
        return verdict | {"summary": f"Too few facts to rank: {facts} were asked, {RANKABLE} are needed."}
    deciding = next((row for row in contrasts if {row["a"], row["b"]} == {best, second}), None)
    if deciding and deciding["verdict"] in ("a", "b"):
        lead = f"{points(deciding['difference'])} ahead of {second}"
        if deciding["family"] == "secondary":
            lead += " (an exploratory comparison)"
        weak = _failing(methods, best, judged)
        but = f", but it fails on {' and '.join(weak)}; read the reasons before choosing it." if weak else "."
        return verdict | {"recommended": best, "summary": f"{best} answers best here: {accuracy}, {lead}{but}"}
    return verdict | {"summary": f"Too close to call between {best} and {second}; {best} has {accuracy}."}
