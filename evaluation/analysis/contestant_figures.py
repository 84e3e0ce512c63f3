"""What is known of a system of the user's beside its answers: passages, seconds and money as it told them.

Everything that only Trivium's own methods have (weights, memory, set-up) is None.
"""

import re
from collections import Counter
from collections.abc import Sequence
from statistics import fmean, stdev
from typing import Any

from evaluation.analysis.breakdown import Graded
from evaluation.analysis.ranking import retrieval_metrics
from evaluation.analysis.returned import judged
from evaluation.analysis.run_figures import RunFigures
from evaluation.contest.address import kind_of
from evaluation.cost.bill import per_right
from evaluation.cost.contestants import question_price
from evaluation.cost.prices import read_prices
from evaluation.results.method import (
    Bill,
    ContestantFacts,
    Preparation,
    Refresh,
    Retrieval,
    Tokens,
    Weights,
)
from evaluation.results.rates import Cell
from evaluation.run.records import NOT_ANSWERED, Answer


def contestant_figures(run: RunFigures, name: str, graded: Graded, overall: Cell) -> dict[str, Any]:
    """The fields of `MethodResults` that a contestant has in another way than a method of Trivium's own."""
    answers = [answer for _, answer, _ in graded]
    entry = run.record["methods"].get(name, {}).get(str(run.seed), {"details": {}})
    details = entry["details"]
    facts, tokens = _facts(run, name, answers), _tokens(answers)
    seconds = [answer.generation_s for answer in answers if answer.given is not None]
    each = fmean(seconds) if seconds and facts.asked_with != "file" else None
    return {
        "contestant": facts,
        "retrieval": _retrieval(run, graded),
        "tokens": tokens,
        "throughput_qps": 1 / each if each else None,
        "refresh": Refresh(by=details["refreshed_by"], seconds=None) if "refreshed_by" in details else None,
        "memory_peak_bytes": None,
        "disk_bytes": None,
        "usage": None,
        "cost": _bill(facts, tokens, overall, each, entry.get("wall_s")),
        "weights": Weights(fingerprint_before=None, fingerprint_after=None, trained_parameters=None,
                           adapter_sha256=None),
        "preparation": Preparation(),
        "training": None,
    }  # fmt: skip


def _facts(run: RunFigures, name: str, answers: Sequence[Answer]) -> ContestantFacts:
    details = run.record["methods"].get(name, {}).get(str(run.seed), {}).get("details", {})
    address = details.get("address") or run.settings.get("contestants", {}).get(name, "")
    failed = [answer.finish_reason.removeprefix(f"{NOT_ANSWERED}: ") for answer in answers if answer.given is None]
    told = [answer.usd for answer in answers if answer.usd is not None]
    return ContestantFacts(
        address=re.sub(r"[?#].*", "", address),
        asked_with=kind_of(address),
        asked=details.get("asked", ""),
        not_answered=len(failed),
        why_not=dict(Counter(failed).most_common(5)),
        returned_passages=any(answer.contexts for answer in answers),
        price=run.settings.get("prices", {}).get(name),
        told_n=len(told),
        told_usd=fmean(told) if told else None,
        told_usd_sd=stdev(told) if len(told) > 1 else None,
    )


def _tokens(answers: Sequence[Answer]) -> Tokens:
    """Mean tokens of the answers, where it told them of every one that it gave."""
    given = [answer for answer in answers if answer.given is not None]
    if not given or not all(answer.tokens_known for answer in given):
        return Tokens(prompt=None, cached=None, completion=None)
    return Tokens(
        prompt=fmean(answer.prompt_tokens for answer in given),
        cached=fmean(answer.cached_tokens for answer in given),
        completion=fmean(answer.completion_tokens for answer in given),
    )


def _retrieval(run: RunFigures, graded: Graded) -> Retrieval | None:
    """How its passages rank; None where it returned none or the domain does not say what is needed."""
    if not any(answer.contexts for _, answer, _ in graded):
        return None
    rows = [
        judged(question, [run.chunks[context.chunk_id] for context in answer.contexts])
        for question, answer, _ in graded
        if answer.given is not None
    ]
    return retrieval_metrics(row for row in rows if row)


def _bill(facts: ContestantFacts, tokens: Tokens, overall: Cell, each: float | None, clock: float | None) -> Bill:
    price = question_price(facts, tokens, read_prices())
    usd = price.usd if price else None
    right, interval = per_right(usd, overall)
    return Bill(
        prepare_s=None,
        per_query_s=each,
        prepare_usd=None,
        per_query_usd=usd,
        per_correct_usd=right,
        per_correct_ci=interval,
        clock_s=clock,
        prepare_flops=None,
        per_query_flops=None,
    )
