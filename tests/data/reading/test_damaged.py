"""Damaged files of each form end in text or in a reason: 300 inputs a form from a fixed seed."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from data.reading.file import read_file
from data.reading.process import Reader
from tests.data.reading.samples import SAMPLES


def damaged(raw: bytes, chance: random.Random) -> bytes:
    """The same file with a few bytes changed, parts cut out, doubled, swapped or put in."""
    content = bytearray(raw)
    for _ in range(chance.choice((1, 1, 2, 8))):
        at = chance.randrange(len(content) or 1)
        end = min(len(content), at + chance.choice((1, 4, 60, 600)))
        kind = chance.randrange(5)
        if kind == 0 and content:
            content[at % len(content)] = chance.randrange(256)
        elif kind == 1:
            del content[at:end]
        elif kind == 2:
            content[at:at] = content[at:end] * chance.choice((1, 30))
        elif kind == 3:
            content[at:at] = chance.choice((b"<", b"\x00", b"\xff", b"<table><tr>", b"]]>", b"9" * 400, b"[" * 900))
        else:
            del content[at:]
    return bytes(content)


def _outcome(reader: Reader, path: Path) -> tuple[str, str]:
    try:
        return reader.read(path).text, ""
    except ValueError as error:
        return "", str(error)


@pytest.mark.parametrize("suffix", sorted(SAMPLES))
def test_damaged_files_end_in_text_or_a_reason(suffix: str, tmp_path: Path) -> None:
    raw, path = SAMPLES[suffix](), tmp_path / f"file{suffix}"
    outcomes = {"text": 0, "reason": 0}

    with Reader() as reader:

        @seed(7)
        @settings(max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(st.integers(0, 2**32))
        def check(number: int) -> None:
            path.write_bytes(damaged(raw, random.Random(number)))
            text, reason = _outcome(reader, path)
            outcomes["reason" if reason else "text"] += 1
            assert reason or any(character.isalnum() for character in text)
            for fault in ("crashed", "reader failed", "seconds"):
                assert fault not in reason, reason

        check()
    assert sum(outcomes.values()) >= 300
    path.write_bytes(raw)
    assert read_file(path).text, "the file as it was is read"
