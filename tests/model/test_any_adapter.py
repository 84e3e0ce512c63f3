"""Whatever stands in the files of an adapter from elsewhere, it is added as a whole or refused in one sentence."""

import random
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from data.errors import TriviumError
from model.reader import ADAPTER, CONFIG, Reader

PUT_IN = (b"", b"\x00", b"\xff", b"{", b'"', b"null", b"[" * 3000, b"9" * 5000, b"NaN", b"1e999", b"-1", b"F16", b"I8")


def damaged(content: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, cut out or put in; in the names and shapes at the beginning more often than behind."""
    at = chance.randrange(chance.choice((9, 400, len(content))) % len(content) + 1)
    end = at + chance.choice((0, 1, 1, 3, 40, len(content)))
    return content[:at] + chance.choice((*PUT_IN, bytes([chance.randrange(256)]))) + content[end:]


def test_three_hundred_damaged_adapters(tiny_reader_folder: Path, tmp_path: Path) -> None:
    kept = {name: (tiny_reader_folder / name).read_bytes() for name in (CONFIG, ADAPTER)}
    ends = {"added": 0, "refused": 0}

    @seed(13)
    @settings(max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 2**32))
    def check(number: int) -> None:
        chance = random.Random(number)
        broken = chance.choice(sorted(kept))
        for name, content in kept.items():
            (tmp_path / name).write_bytes(damaged(content, chance) if name == broken else content)
        with suppress(TriviumError):
            changes = list(Reader(tmp_path).changes())
            assert all(torch.isfinite(change).all() for _, change in changes)
            ends["added"] += 1
            return
        ends["refused"] += 1

    check()
    assert ends["added"] > 10
    assert ends["refused"] > 100


@pytest.mark.parametrize("name", [CONFIG, ADAPTER])
def test_a_file_that_is_gone_is_named(tiny_reader_folder: Path, tmp_path: Path, name: str) -> None:
    for path in tiny_reader_folder.iterdir():
        if path.name != name:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    with pytest.raises(TriviumError, match=name):
        list(Reader(tmp_path).changes())
