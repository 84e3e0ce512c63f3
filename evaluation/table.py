"""The table of methods that terminal, reports and app show."""

from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Table:
    """A table about one kind of question, for reports and app."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: list[list[str]]


def _share(cell: Mapping[str, Any] | None) -> str:
    return f"{percent(cell['accuracy'])} of {cell['n']}" if cell else "n/a"


def _updated(results: Mapping[str, Any]) -> Table | None:
    rows = []
    for name, method in results["methods"].items():
        if stale := method["stale"]:
            refresh, training = method["refresh"], method["training"]
            taken_in = refresh["by"] if refresh["seconds"] is None else f"{refresh['by']}, {refresh['seconds']:.2f} s"
            if training:
                taken_in += f" (adapter: not; a training took {training['seconds']:.0f} s)"
            old = (
                f"{percent(stale['rate'])} of {stale['n']} ({percent(stale['ci_low'])} to {percent(stale['ci_high'])})"
            )
            rows.append([name, _share(method["categories"].get("updated")), old, taken_in])
    note = (
        f"{results['domain']['n_updates']} sentences were changed in the documents, index and prompt; adapters stayed "
        "as they were. Seconds are measured for one changed document. These questions do not count in the overall "
        "accuracy."
    )
    columns = ("method", "new answer", "still the old answer", "one changed document is taken in by")
    return Table("When documents change", note, columns, rows) if rows else None


def _style(results: Mapping[str, Any]) -> Table | None:
    rows = []
    for name, method in results["methods"].items():
        if style := method["style"]:
            parts = [style.get(key) for key in ("styled_training", "no_styled_training")]
            forms = ["n/a" if part is None else f"{percent(part['form'])} of {part['n']}" for part in parts]
            both = [f"{percent(style[key])} of {style['n']}" for key in ("form", "content", "both")]
            rows.append([name, *both, *forms])
    note = (
        "The question spells the form out, the same for every method. Form is a pattern of the domain; content is "
        "graded apart."
    )
    columns = ("method", "form", "content", "both", "form, fact trained in it", "form, fact not trained in it")
    return Table("Asked for the house form", note, columns, rows) if rows else None


def _multi_hop(results: Mapping[str, Any]) -> Table | None:
    rows = []
    for name, method in results["methods"].items():
        if halves := method["multi_hop"]:
            recall = (method["retrieval"] or {}).get("multi_hop")
            found = [f"{percent(recall[f'both_at_{k}'])} of {recall['n']}" if recall else "n/a" for k in (1, 3, 5, 10)]
            rows.append([name, _share(halves.get("trained")), _share(halves.get("untrained")), *found[1:]])
    columns = ("method", "both facts trained", "others", "both passages among 3", "among 5", "among 10")
    return Table("Questions over two documents", "", columns, rows) if rows else None


def special_tables(results: Mapping[str, Any]) -> list[Table]:
    """Tables about what changed, the house form, and two documents, where the run asked for them."""
    return [table for table in (_updated(results), _style(results), _multi_hop(results)) if table]
