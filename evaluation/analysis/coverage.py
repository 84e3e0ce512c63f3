"""What training was given of what is asked and of the documents, and what that does to the comparison."""

from collections.abc import Mapping
from typing import Any

from evaluation.analysis.run_figures import RunFigures
from evaluation.results.method import MethodResults
from evaluation.results.verdict import Coverage
from evaluation.run.registry import adapted
from evaluation.run.relevance import gold_groups

Methods = Mapping[str, MethodResults]


def coverage(run: RunFigures) -> Coverage | None:
    """Facts taught, only read and never seen, and passages seen; None where nothing was trained."""
    if not adapted(run.names):
        return None
    facts = run.trained_facts
    asked = {question.fact_id: question for question in run.asked if question.answerable}
    covered = sum(question.covered_by(facts) for question in asked.values())
    if facts is None and (seen := _of_self_study(run)):
        kinds = {kind: len({*names} & asked.keys()) for kind, names in seen["facts"].items()}
        return Coverage(
            asked=len(asked), taught=kinds["taught"], read=kinds["read"], facts=run.record["domain"]["n_facts"],
            facts_taught=len(seen["facts"]["taught"]), passages=seen["passages"], passages_seen=seen["passages_read"],
        )  # fmt: skip
    pieces = {name for name in run.chunks if not name.endswith("#all")}
    return Coverage(
        asked=len(asked),
        taught=0 if facts is None else covered,
        read=covered if facts is None else 0,
        facts=run.record["domain"]["n_facts"],
        facts_taught=None if facts is None else len(facts),
        passages=len(pieces) or None,
        passages_seen=len(pieces) if facts is None else _passages_taught(run, facts),
    )


def _of_self_study(run: RunFigures) -> Mapping[str, Any] | None:
    """What the first trained method recorded of its training, where questions were written for it."""
    entries = (run.record["methods"].get(name, {}).get(str(run.seed)) for name in adapted(run.names))
    details = (entry["details"] for entry in entries if entry)
    return next((one["coverage"] for one in details if one.get("study")), None)


def _passages_taught(run: RunFigures, facts: frozenset[str]) -> int | None:
    """Passages that state a taught fact; None where a fact's document is not named."""
    taught = {question.fact_id: question for question in run.questions.values() if question.fact_id in facts}
    if facts - taught.keys() or any(not question.document_ids for question in taught.values()):
        return None
    own = run.supply.pieces
    found: set[str] = set()
    for question in taught.values():
        found = found.union(*gold_groups(question, [p for name in question.document_ids for p in own.get(name, [])]))
    return len(found)


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
