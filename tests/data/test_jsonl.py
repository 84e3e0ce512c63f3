"""Lines end at a line feed alone; each damage is named with file and line."""

import gc
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from data import jsonl
from data.errors import TriviumError

SEPARATORS = ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\r"]


class Row(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    size: int = 0


@pytest.mark.parametrize("sign", SEPARATORS)
def test_what_other_readers_take_for_a_line_end_is_text(tmp_path: Path, sign: str) -> None:
    path, rows = tmp_path / "x.jsonl", [{"name": f"quay{sign}side"}, {"name": "slip"}]
    jsonl.write(path, rows)
    jsonl.append(path, [Row(name=f"a{sign}b", size=2)])
    assert jsonl.read(path) == [*rows, {"name": f"a{sign}b", "size": 2}]
    assert [row.size for row in jsonl.read_models(path, Row)] == [0, 0, 2]


def test_mark_blank_lines_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}\r\n\r\n  \n{"a": 2}')
    assert [(line.number, line.value()["a"]) for line in jsonl.lines(path)] == [(1, 1), (4, 2)]


@pytest.mark.parametrize(
    ("damaged", "said"),
    [
        (b'{"a": ', "not valid JSON"),
        (b"\xff{}", "not UTF-8"),
        (b'{"a": NaN}', "NaN is no value"),
        (b"[" * 200_000, "nested too deep"),
        (b"9" * 5000, "not valid JSON"),
    ],
)
def test_each_damage_names_file_and_line(tmp_path: Path, damaged: bytes, said: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"a": 1}\n' + damaged + b'\n{"a": 3}\n')
    with pytest.raises(TriviumError, match=rf"x\.jsonl, line 2: .*{said}.*Fix or delete the line"):
        jsonl.read(path)
    assert jsonl.read_whole(path) == [{"a": 1}]


def test_a_field_that_is_wrong_is_named(tmp_path: Path) -> None:
    jsonl.write(tmp_path / "x.jsonl", [{"name": "a", "size": 1}, {"name": "b", "size": "large"}])
    with pytest.raises(TriviumError, match="line 2: 'size': "):
        jsonl.read_models(tmp_path / "x.jsonl", Row)


@pytest.mark.parametrize("sign", ["\n", "\r", "\u2028", "\x1b[31m"])
def test_a_name_with_a_line_break_stays_on_one_line(sign: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Row.model_validate({"name": "a", "size": 1, f"n{sign}eeds": 1})
    for said in (jsonl.problem(caught.value), jsonl.field(caught.value)):
        assert said.isprintable()
        assert "eeds" in said


def test_only_a_last_line_without_its_end_is_torn(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"name": "a"}\n{"name": "b"}\n{"name": "c"')
    assert [row.name for row in jsonl.read_models(path, Row, torn=True)] == ["a", "b"]
    with pytest.raises(TriviumError, match="line 3"):
        jsonl.read_models(path, Row)
    path.write_bytes(b'{"name": "a"}\n{"name": "b"\n')
    with pytest.raises(TriviumError, match="line 2"):
        jsonl.read_models(path, Row, torn=True)


def test_adding_to_a_torn_file_cuts_the_torn_line_only(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"name": "a"}\n{"name": "tor')
    jsonl.append(path, [Row(name="b")])
    path.write_bytes(path.read_bytes().rstrip(b"\n"))  # as an editor leaves it
    jsonl.append(path, [Row(name="c")])
    assert [row["name"] for row in jsonl.read(path)] == ["a", "b", "c"]


def test_half_a_surrogate_pair_becomes_the_sign_for_it(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"name": "\\ud83d\\ude00 and \\ud83d"}\n', encoding="utf-8")
    assert jsonl.read(path) == [{"name": "\U0001f600 and \ufffd"}]
    assert jsonl.read_models(path, Row)[0].name == "\U0001f600 and \ufffd"


def test_no_file_is_no_rows_and_a_folder_is_said(tmp_path: Path) -> None:
    assert jsonl.read(tmp_path / "none.jsonl") == []
    with pytest.raises(TriviumError, match="not a regular file"):
        jsonl.read(tmp_path)


class Watching(BaseModel):
    """Says of each of its lines whether Python collected garbage meanwhile."""

    collected: bool

    @field_validator("collected", mode="after")
    @classmethod
    def look(cls, value: bool) -> bool:
        return gc.isenabled()


def test_no_garbage_is_looked_for_among_records_that_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"collected": true}\n' * 2)
    assert [row.collected for row in jsonl.read_models(path, Watching)] == [False, False]
    assert gc.isenabled()
    path.write_bytes(b'{"collected": true}\nno\n')
    with pytest.raises(TriviumError, match="line 2"):
        jsonl.read_models(path, Watching)
    assert gc.isenabled(), "also after an error"
    gc.disable()
    try:
        jsonl.read_models(tmp_path / "none.jsonl", Watching)
        assert not gc.isenabled(), "what was off stays off"
    finally:
        gc.enable()
