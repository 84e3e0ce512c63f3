"""The bill of one method as it was measured, at the price of this machine's hour, or by the token."""

from collections.abc import Mapping

from evaluation.cost.prices import PriceBook, prices_for
from evaluation.results.method import Bill, Usage
from evaluation.results.rates import Cell
from evaluation.results.schema import ModelFacts
from evaluation.run.records import Answer
from evaluation.run.registry import spec_of


def per_right(usd: float | None, overall: Cell) -> tuple[float | None, tuple[float, float | None] | None]:
    """Dollars of a right answer with their interval, which is that of the accuracy; None where nothing is right.

    The price of a question divided by the accuracy (Cost-of-Pass, Erol et al. 2025, arXiv 2504.13359).
    """
    low, high = overall.ci_low, overall.ci_high
    if usd is None or not overall.accuracy:
        return None, None
    return usd / overall.accuracy, (usd / high, usd / low if low else None) if high else None


def tokens_usd(read: float, cached: float, written: float, book: PriceBook, tuned: bool = False) -> float | None:
    """Dollars of a question by its tokens; None where the book has no prices of the model."""
    if book.unpriced:
        return None
    into, out = ("tuned_token_in", "tuned_token_out") if tuned else ("token_in", "token_out")
    kept = into if tuned else "token_cached"
    return read * book.of(into) + cached * book.of(kept) + written * book.of(out)


def answer_usd(
    answer: Answer, seconds: float, model: ModelFacts, usd_per_hour: float, token_prices: Mapping[str, float]
) -> float | None:
    """What one answer cost: the machine's seconds, or tokens where the model is behind a server; None: no price known.

    Args:
        seconds: of the machine, for this answer.
        usd_per_hour: the assumed price of the machine.
    """
    if model.bill != "api":
        return seconds / 3600 * usd_per_hour
    book, kept = prices_for(model, usd_per_hour, dict(token_prices)), answer.cached_tokens
    return tokens_usd(answer.prompt_tokens - kept, kept, answer.completion_tokens, book, spec_of(answer.method).adapted)


def measured_bill(
    usage: Usage, overall: Cell, prepare_s: float, usd_per_hour: float, clock_s: float | None = None,
    processor_s: float | None = None, tokens_by: PriceBook | None = None, tuned: bool = False,
) -> Bill:  # fmt: skip
    """Seconds, dollars and operations of one method.

    Seconds are measured, in batches, on this machine; dollars follow from the assumed price of a machine-hour, or of
    tokens; operations are projected by formula (model/operations.py).

    Args:
        tokens_by: the book by which tokens are paid; None: the machine's seconds are.
        tuned: whether an adapter answers.
    """
    seconds = usage.retrieval_s + usage.generation_s
    per_query: float | None = seconds / 3600 * usd_per_hour
    if tokens_by:
        per_query = tokens_usd(usage.read, usage.cached, usage.written, tokens_by, tuned)
    training, reading = usage.training_operations, usage.prefix_operations
    right, interval = per_right(per_query, overall)
    return Bill(
        prepare_s=prepare_s,
        clock_s=clock_s,
        processor_s=processor_s,
        per_query_s=seconds,
        prepare_usd=prepare_s / 3600 * usd_per_hour,
        per_query_usd=per_query,
        per_correct_usd=right,
        per_correct_ci=interval,
        prepare_flops=None if None in (training, reading) else (training or 0) + (reading or 0),
        per_query_flops=usage.operations,
    )
