"""Links from figures and sentences to the answers behind them: addresses within the page, or on the page of answers."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from evaluation.analysis.causes import CAUSE_NAMES
from evaluation.report.methods_table import REST, TRAINED
from evaluation.results.schema import Results
from evaluation.results.verdict import Behind
from evaluation.table import Table

PLACE = "answers"  # the section, or the page, that holds them
_HEADS: Mapping[str, tuple[str, str]] = {  # of the main tables: kind and outcome that a count is of
    "right": ("", "right"), "unknown": ("", "unknown"), "wrong": ("", "wrong"),
    TRAINED: ("paraphrased", "right"), REST: ("held_out", "right"), "makes up": ("unanswerable", "wrong"),
}  # fmt: skip
Cells = Mapping[tuple[int, int], str]  # addresses by row and column


class AnswerLinks:
    """Makes addresses of answers, and remembers them: the page has a place for each, so none leads nowhere."""

    def __init__(self, page: str = "") -> None:
        self.page = page  # the file that holds the answers; empty: the same one
        self.made: dict[str, Behind] = {}

    def to(self, behind: Behind) -> str:
        """The address of the answers that a sentence or figure is about."""
        chosen = [("method", name) for name in behind.methods]
        rest = {"kind": behind.category, "outcome": behind.outcome, "cause": behind.cause}
        chosen += [(key, value) for key, value in rest.items() if value]
        name = f"{PLACE}?{urlencode(chosen)}"
        self.made[name] = behind
        return f"{self.page}#{name}"

    def cells(self, table: Table, results: Results) -> Cells:
        """Where the counts of a table lead; empty where its cells are no counts of answers."""
        makers = {"Methods": _outcomes, "Yardsticks": _outcomes, "By kind of question": _kinds,
                  "Why answers were not right": _causes}  # fmt: skip
        if table.title not in makers:
            return {}
        counted = makers[table.title](table, results)
        return {place: self.to(behind) for place, behind in counted if _counts(table, *place)}


def _counts(table: Table, row: int, column: int) -> bool:
    """Whether a cell holds a count other than 0."""
    text = table.rows[row][column] if column < len(table.rows[row]) else ""
    return text[:1].isdigit() and text.split(" ")[0] not in ("0", "0%")


def _outcomes(table: Table, results: Results) -> Iterator[tuple[tuple[int, int], Behind]]:
    for row, (name, *_) in enumerate(table.rows):
        for column, head in enumerate(table.heads):
            if found := _HEADS.get(head.partition(",")[0]):
                yield (row, column), Behind(methods=(name,), category=found[0], outcome=found[1])


def _kinds(table: Table, results: Results) -> Iterator[tuple[tuple[int, int], Behind]]:
    for row, (name, *_) in enumerate(table.rows):
        for column, kind in enumerate(results.categories, 1):
            yield (row, column), Behind(methods=(name,), category=kind, outcome="right")


def _causes(table: Table, results: Results) -> Iterator[tuple[tuple[int, int], Behind]]:
    named = {words: str(cause) for cause, words in CAUSE_NAMES.items()}
    for row, (words, *_) in enumerate(table.rows):
        for column, name in enumerate(results.methods, 1):
            yield (row, column), Behind(methods=(name,), cause=named[words])
