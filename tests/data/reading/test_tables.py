"""Rows become Markdown tables."""

from data.reading.tables import Cell, expanded, flat_table, markdown_table


def test_ragged_empty_and_piped_cells() -> None:
    rows = [["a", "", "b"], ["1"], ["", "", ""], ["x | y", "", "c|d\nnext"]]
    assert markdown_table(rows) == "| a | b |\n| --- | --- |\n| 1 |  |\n| x|y | c|d next |"
    assert markdown_table([]) == ""
    assert markdown_table([["", ""]]) == ""


def test_spans_that_overlap_and_exceed() -> None:
    rows = [[Cell("a", 3, 2), Cell("b")], [Cell("c")], [Cell("d"), Cell("e")]]
    assert expanded(rows) == [["a", "a", "b", ""], ["a", "a", "c", ""], ["a", "a", "d", "e"]]
    long = "word " * 60
    assert expanded([[Cell(long, 1, 2)]]) == [[long, ""]], "a long text is not said twice"


def test_in_one_line() -> None:
    assert flat_table([["a", "1"], ["", ""], ["b", ""]]) == "a, 1; b"
