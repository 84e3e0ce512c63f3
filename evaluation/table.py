"""The table of methods that terminal, reports and app show."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

COLUMNS = ("method", "right", "95 % interval", "trained facts", "held out", "unknown refused", "s each", "prepared",
           "$ per 1,000 (assumed)")  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A table with its title and a note, for terminal, reports and app."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: list[list[str]]


def percent(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.0%}"


def _share(cell: Mapping[str, Any] | None) -> str:
    return f"{percent(cell['accuracy'])} of {cell['n']}" if cell else "n/a"


def _measured(of: Mapping[str, Any]) -> list[str]:
    """The cells that say how well it answers."""
    overall, categories, refusal = of["overall"], of["categories"], of["refusal"]
    refused = refusal["unanswerable_refused"]
    return [
        _share(overall),
        f"{percent(overall['ci_low'])} to {percent(overall['ci_high'])}",
        _share(categories.get("paraphrased")),
        _share(categories.get("held_out")),
        "n/a" if refused is None else f"{percent(refused)} of {refusal['n_unanswerable']}",
    ]


def rows_of(name: str, results: Mapping[str, Any]) -> list[list[str]]:
    """The row of one method (`COLUMNS`), and one of the same prompts sent to the model without its trained reader."""
    if name not in results["methods"]:  # the oracle, where the domain does not say where answers stand
        return [[name, *["n/a"] * (len(COLUMNS) - 1)]]
    method = results["methods"][name]
    cost = method["cost"]
    costs = [f"{cost['per_query_s']:.2f}", f"{cost['prepare_s']:.0f} s", f"{cost['per_query_usd'] * 1000:.4f}"]
    rows = [[name, *_measured(method), *costs]]
    if plain := method.get("plain"):
        rows.append([f"{name}, {plain['model']}", *_measured(plain), "", "", ""])
    return rows


def table_rows(results: Mapping[str, Any]) -> list[list[str]]:
    """The rows of all methods."""
    return [row for name in results["methods"] for row in rows_of(name, results)]
