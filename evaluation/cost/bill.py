"""The bill of one method as it was measured, at the price of this machine's hour."""

from evaluation.results.method import Bill, Usage
from evaluation.results.rates import Cell


def per_right(usd: float | None, overall: Cell) -> tuple[float | None, tuple[float, float | None] | None]:
    """Dollars of a right answer with their interval, which is that of the accuracy; None where nothing is right.

    The price of a question divided by the accuracy (Cost-of-Pass, Erol et al. 2025, arXiv 2504.13359).
    """
    low, high = overall.ci_low, overall.ci_high
    if usd is None or not overall.accuracy:
        return None, None
    return usd / overall.accuracy, (usd / high, usd / low if low else None) if high else None


def measured_bill(
    usage: Usage, overall: Cell, prepare_s: float, usd_per_hour: float, clock_s: float | None = None,
    processor_s: float | None = None,
) -> Bill:  # fmt: skip
    """Seconds, dollars and operations of one method.

    Seconds are measured, in batches, on this machine; dollars follow from the assumed price of a machine-hour;
    operations are projected by formula (model/operations.py).
    """
    seconds = usage.retrieval_s + usage.generation_s
    per_query = seconds / 3600 * usd_per_hour
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
