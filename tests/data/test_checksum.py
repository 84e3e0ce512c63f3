"""A line that was changed is told from one that was written."""

import json
import zlib
from pathlib import Path

import pytest

from data import jsonl
from data.checksum import has_checksum, with_checksum, without_checksum
from data.errors import TriviumError

ROW = {"answer": 'née "x" 🚢 }', "n": 1.5}


def test_a_line_ends_in_the_crc_of_what_stands_before() -> None:
    line = with_checksum(jsonl.dumps(ROW).encode())
    body, _, end = line.rpartition(b',"crc32":')
    assert end == b'"%08x"}\n' % zlib.crc32(body)
    assert json.loads(without_checksum(line[:-1])) == ROW


def test_every_flipped_bit_is_found() -> None:
    line = with_checksum(jsonl.dumps(ROW).encode())[:-1]
    for place in range(len(line) * 8):
        flipped = bytearray(line)
        flipped[place // 8] ^= 1 << place % 8
        with pytest.raises(ValueError, match="does not fit"):
            without_checksum(bytes(flipped))


def test_lines_of_earlier_versions_are_read_as_they_are() -> None:
    assert without_checksum(b'{"a": 1}') == b'{"a": 1}'
    assert not has_checksum(b'{"a": 1}')


def test_only_a_line_without_end_and_checksum_was_torn(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    jsonl.write(path, [ROW, ROW], checked=True)
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    assert [line.torn for line in jsonl.lines(path)] == [False, True]
    path.write_bytes(whole[:-1])
    assert [line.value() for line in jsonl.lines(path) if not line.torn] == [ROW, ROW]
    jsonl.append(path, [ROW], checked=True)
    assert jsonl.read(path) == [ROW] * 3
    path.write_bytes(whole[:-1] + b"\x0b")  # the line end itself was changed
    with pytest.raises(TriviumError, match="line 2"):
        jsonl.append(path, [ROW], checked=True)
    assert path.read_bytes() == whole[:-1] + b"\x0b"
