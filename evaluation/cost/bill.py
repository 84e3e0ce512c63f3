"""The bill of one method as it was measured, at the price of this machine's hour."""

from evaluation.results.method import Bill, Usage
from evaluation.results.rates import Cell


def measured_bill(
    usage: Usage, overall: Cell, prepare_s: float, usd_per_hour: float, clock_s: float | None = None,
    processor_s: float | None = None,
) -> Bill:  # fmt: skip
    """Seconds, dollars and operations of one method.

    Seconds are measured, in batches, on this machine; dollars follow from the assumed price of a machine-hour;
    operations are projected by formula (model/operations.py). A right answer's price is that of a question divided by
    the accuracy (Cost-of-Pass, Erol et al. 2025, arXiv 2504.13359); its interval is that of the accuracy.
    """
    seconds = usage.retrieval_s + usage.generation_s
    per_query = seconds / 3600 * usd_per_hour
    training, reading = usage.training_operations, usage.prefix_operations
    low, high = overall.ci_low, overall.ci_high
    return Bill(
        prepare_s=prepare_s,
        clock_s=clock_s,
        processor_s=processor_s,
        per_query_s=seconds,
        prepare_usd=prepare_s / 3600 * usd_per_hour,
        per_query_usd=per_query,
        per_correct_usd=per_query / overall.accuracy if overall.accuracy else None,
        per_correct_ci=(per_query / high, per_query / low if low else None) if overall.accuracy and high else None,
        prepare_flops=None if None in (training, reading) else (training or 0) + (reading or 0),
        per_query_flops=usage.operations,
    )
