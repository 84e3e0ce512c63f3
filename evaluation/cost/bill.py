"""The bill of one method as it was measured, at the price of this machine's hour."""

from collections.abc import Mapping
from typing import Any


def method_cost(
    usage: Mapping[str, Any], overall: Mapping[str, Any], prepare_s: float, usd_per_hour: float
) -> dict[str, Any]:
    """Seconds, dollars and operations of one method.

    Seconds are measured, in batches, on this machine; dollars follow from the assumed price of a machine-hour;
    operations are projected by formula (model/operations.py). A right answer's price is that of a question divided by
    the accuracy (Cost-of-Pass, Erol et al. 2025, arXiv 2504.13359); its interval is that of the accuracy.
    """
    seconds = usage["retrieval_s"] + usage["generation_s"]
    per_query = seconds / 3600 * usd_per_hour
    accuracy, low, high = (overall[key] for key in ("accuracy", "ci_low", "ci_high"))
    return {
        "prepare_s": prepare_s,
        "per_query_s": seconds,
        "prepare_usd": prepare_s / 3600 * usd_per_hour,
        "per_query_usd": per_query,
        "per_correct_usd": per_query / accuracy if accuracy else None,
        "per_correct_ci": [per_query / high, per_query / low if low else None] if accuracy else None,
        "prepare_flops": usage["training_operations"] + usage["prefix_operations"],
        "per_query_flops": usage["operations"],
        "sources": {"seconds": "measured", "usd": "assumed", "flops": "projected"},
    }
