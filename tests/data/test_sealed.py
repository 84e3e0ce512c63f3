"""A sealed file is what was written, or nothing."""

from pathlib import Path

import pytest

from data.sealed import read_sealed, write_sealed

CONTENT = {"name": "Sørrel", "seconds": 0.1 + 0.2, "steps": [1, 2, {"a": None}], "big": 10**25}


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write_sealed(tmp_path / "f.json", CONTENT)
    assert read_sealed(tmp_path / "f.json") == CONTENT


def test_every_changed_byte_is_found_or_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    write_sealed(path, CONTENT)
    content = path.read_bytes()
    for place in range(len(content)):
        for bit in (1, 16, 32, 128):
            path.write_bytes(content[:place] + bytes([content[place] ^ bit]) + content[place + 1 :])
            try:
                assert read_sealed(path) == CONTENT  # white space, the case of an exponent
            except ValueError:
                continue


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{}", b'{"a": 1}', b"\xff"])
def test_what_has_no_seal_is_damaged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f.json").write_bytes(content)
    with pytest.raises(ValueError):  # noqa: PT011 - of JSON's own or ours
        read_sealed(tmp_path / "f.json")
