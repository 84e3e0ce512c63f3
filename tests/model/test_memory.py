"""What is left of a device's memory, and the peak since the reset."""

import sys
from pathlib import Path

import pytest

from model.memory import free_bytes, peak_bytes, reset_peak


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


def _group(folder: Path, limit: str, statistics: str) -> list[tuple[str, str, str]]:
    for name, text in (("max", limit), ("current", "600"), ("stat", statistics)):
        (folder / name).write_text(f"{text}\n", encoding="ascii")
    other = (str(folder / "none"), str(folder / "current"), str(folder / "stat"))
    return [(str(folder / "max"), str(folder / "current"), str(folder / "stat")), other]


@pytest.mark.parametrize(("limit", "expected"), [("1000", 400), ("500", 0)])
def test_a_container_is_asked_before_the_machine(limit: str, expected: int, tmp_path: Path) -> None:
    assert free_bytes("cpu", _group(tmp_path, limit, "anon 600")) == expected


def test_a_container_without_a_limit_has_the_machine(tmp_path: Path) -> None:
    assert free_bytes("cpu", _group(tmp_path, "max", "anon 600")) > 2**20


@pytest.mark.parametrize(
    "statistics",
    [
        "anon 250\nfile 350\nshmem 50\ninactive_file 200\nactive_file 100",  # version 2
        "inactive_file 7\nactive_file 7\ntotal_inactive_file 200\ntotal_active_file 100",  # version 1: own, then all
    ],
)
def test_files_that_the_kernel_keeps_are_free_memory_of_a_container(statistics: str, tmp_path: Path) -> None:
    assert free_bytes("cpu", _group(tmp_path, "1000", statistics)) == 1000 - 600 + 300


def test_the_peak_of_a_model_on_the_cpu_is_not_the_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda: None)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda: 5)
    reset_peak("cpu")
    assert peak_bytes("cpu") != 5
    assert peak_bytes("cuda") == 5
