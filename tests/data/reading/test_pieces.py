"""Characters with places become words, lines and columns."""

from data.reading.pages.layout import columns, read_lines
from data.reading.pages.pieces import Character, Segment, lines_of, same_word, segment, segments


def _word(text: str, x: float, y: float = 700, size: float = 10) -> list[Character]:
    return [Character(c, x + 5 * n, y, x + 5 * n + 4.8, y + 7, size) for n, c in enumerate(text)]


def test_letters_of_a_ligature_stand_in_one_place() -> None:
    f, i, after = (
        Character("f", 60, 700, 66, 707, 10),
        Character("i", 60, 700, 66, 707, 10),
        Character("x", 66.2, 700, 70, 707, 10),
    )
    assert same_word(f, i)
    assert same_word(i, after)
    assert not same_word(after, Character("y", 74, 700, 78, 707, 10))


def test_words_of_a_line_are_joined_whatever_their_order_in_the_file() -> None:
    words = [_word("out", 108), _word("boats", 60), _word("go", 92)]
    assert [part.text for part in segments(words)] == ["boats go out"]


def test_words_far_apart_or_on_other_lines_are_not() -> None:
    words = [_word("left", 60), _word("right", 300), _word("below", 60, 687)]
    assert [part.text for part in segments(words)] == ["left", "right", "below"]
    assert [[part.text for part in line] for line in lines_of(segments(words))] == [["left", "right"], ["below"]]


def _line(text: str, x: float, y: float) -> Segment:
    return segment([c for c in _word(text, x, y)])


def test_a_heading_over_two_columns_comes_first() -> None:
    parts = [_line("A heading that runs over the two columns of the page and more than that one", 60, 780)]
    for number in range(6):
        parts.append(_line(f"left column, line number {number} of it", 60, 760 - 13 * number))
        parts.append(_line(f"right column, line number {number} of it", 290, 757 - 13 * number))
    regions = [[part.text.split(",")[0].split()[0] for part in region] for region in columns(parts)]
    assert regions == [["A"], ["left"] * 6, ["right"] * 6]


def test_three_columns() -> None:
    parts = []
    for number in range(6):
        for column, x in enumerate((60, 230, 400)):
            parts.append(_line(f"column {column}, its line number {number}", x, 760 - 13 * number - column))
    assert [region[0].text.split(",")[0] for region in columns(parts)] == ["column 0", "column 1", "column 2"]


def test_the_second_line_of_a_cell_belongs_to_it() -> None:
    rows = [
        (("Otter", 60), ("sails every day", 160), ("40", 300)),
        (("but Sundays", 160),),
        (("Heron", 60), ("rests", 160), ("12", 300)),
    ]
    parts = [_line(text, x, 700 - 13 * n) for n, row in enumerate(rows) for text, x in row]
    assert read_lines(parts)[0].table.splitlines() == [
        "| Otter | sails every day but Sundays | 40 |", "| --- | --- | --- |", "| Heron | rests | 12 |",
    ]  # fmt: skip


def test_short_cells_are_no_columns() -> None:
    parts = [_line(text, x, 700 - 13 * n) for n in range(8) for text, x in (("Otter", 60), ("40", 290))]
    assert len(list(columns(parts))) == 1
