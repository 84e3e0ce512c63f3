"""The table of methods that terminal, reports and app show."""

from collections.abc import Mapping
from typing import Any

COLUMNS = ("method", "right", "95 % interval", "trained facts", "held out", "unknown refused", "s each", "prepared",
           "$ per 1,000 (assumed)")  # fmt: skip


def percent(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.0%}"


def table_row(name: str, results: Mapping[str, Any]) -> list[str]:
    """The row of one method in the table of the terminal and of the reports (`COLUMNS`)."""
    if name not in results["methods"]:  # the oracle, where the domain does not say where answers stand
        return [name, *["n/a"] * (len(COLUMNS) - 1)]
    method = results["methods"][name]
    overall, categories, refusal = method["overall"], method["categories"], method["refusal"]

    def of(category: str) -> str:
        found = categories.get(category)
        return f"{percent(found['accuracy'])} of {found['n']}" if found else "n/a"

    refused = refusal["unanswerable_refused"]
    return [
        name,
        f"{percent(overall['accuracy'])} of {overall['n']}",
        f"{percent(overall['ci_low'])} to {percent(overall['ci_high'])}",
        of("paraphrased"),
        of("held_out"),
        "n/a" if refused is None else f"{percent(refused)} of {refusal['n_unanswerable']}",
        f"{method['cost']['per_query_s']:.2f}",
        f"{method['cost']['prepare_s']:.0f} s",
        f"{method['cost']['per_query_usd'] * 1000:.4f}",
    ]
