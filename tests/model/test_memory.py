"""The peak that is reported is the peak since the reset."""

import sys

import pytest

from model.memory import peak_bytes, reset_peak


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a peak that can be reset")
def test_a_large_block_is_seen_and_forgotten() -> None:
    reset_peak()
    before = peak_bytes()
    block = bytearray(200 * 2**20)
    during = peak_bytes()
    del block
    reset_peak()
    after = peak_bytes()
    assert before is not None
    assert during is not None
    assert after is not None
    assert during - before > 150 * 2**20
    assert during - after > 150 * 2**20
