"""Tables as spreadsheets, databases and people write them; each row that does not fit is named with its line."""

import csv
import io
from pathlib import Path

import pytest

from data.errors import TriviumError
from data.questions.source import Material
from data.questions.tables import read_table

HEADER, FIRST = ["question", "answer", "split"], ['What is the "ebb", and when?', "low; 6, or 7 | 8", "test"]
SECOND = ["Who, if anyone,\nsteers?", "", "dev"]


def rows(text: str) -> list[dict[str, object]]:
    return [dict(row.fields) for row in read_table(Path("t.csv"), text, Material())]


def written(delimiter: str, quoting: int, end: str) -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows([HEADER, FIRST, SECOND])  # type: ignore[call-overload]
    return file.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~", ":", "\x1f"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_any_delimiter_quoting_and_line_end(delimiter: str, quoting: int, end: str) -> None:
    assert [list(row.values()) for row in rows(written(delimiter, quoting, end))] == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("sep=;\nquestion;answer\nWhen?;at 7\n", "at 7"),
        ('"question","answer"\n"When?","say \\"aye\\""\n', 'say "aye"'),
        ('"question","answer"\n"When?","say ""aye"""\n', 'say "aye"'),
        ("'question','answer'\n'When?','at 7, or 8'\n", "at 7, or 8"),
        ("\n\nquestion,answer\n\nWhen?,at 7\n,\n\n", "at 7"),
        ("question, answer\nWhen?, at 7\n", "at 7"),
        ("Question;Answer;\nWhen?;at 7;\n", "at 7"),
        (",question,answer\n0,When?,at 7\n", "at 7"),
        ("Unnamed: 0,question,answer\n0,When?,at 7\n", "at 7"),
        ("question\tanswer\nWhen?\tat 7; or 8, or 9\n", "at 7; or 8, or 9"),
        ("question,answer\rWhen?,at 7\r", "at 7"),
    ],
)
def test_habits_of_programs(text: str, answer: str) -> None:
    (row,) = rows(text)
    assert (row["question"], row["answer"]) == ("When?", answer)
    assert set(row) <= {"question", "answer"}


def test_rows_that_are_short_or_long_are_named_with_their_line() -> None:
    material = Material()
    text = 'question,answer\n"When\nnot?",7\nWhat colours?,blue, white\nOnly this?\nWho?,Maren,,\n'
    found = list(read_table(Path("t.csv"), text, material))
    assert [row.place for row in found] == ["line 2", "line 6"]
    assert [(f.place, "cells" in f.sentence) for f in material.left_out] == [
        ("t.csv, line 4", True),
        ("t.csv, line 5", True),
    ]


def test_a_quote_that_is_never_closed_is_named() -> None:
    with pytest.raises(TriviumError, match=r"t\.csv, line 3: a quotation mark opens"):
        rows('question,answer\nWhen?,7\n"Who?,Maren\nWhat?,blue\n')


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(TriviumError, match="two columns 'answer'"):
        rows("question,answer,Answer\nWhen?,7,8\n")


def test_a_table_of_something_else_gives_nothing_and_no_complaint() -> None:
    material = Material()
    assert list(read_table(Path("t.csv"), "name,size\na,1,2\n", material)) == []
    assert material.left_out == []


def test_a_huge_header_is_refused() -> None:
    with pytest.raises(TriviumError, match="at most 1,000 are read"):
        rows(",".join(["question", *map(str, range(5000))]))
