"""An entry of the cache is made once, by one process, and again when it was damaged."""

import multiprocessing
import shutil
import time
from pathlib import Path

import pytest

from data.cache_entry import SEAL, is_entry, is_whole, obtain


def _make(folder: Path) -> None:
    (folder / "inner").mkdir()
    (folder / "weights").write_bytes(b"12345")
    (folder / "inner" / "config").write_text("{}")


def _nothing(text: str) -> None:
    raise AssertionError(text)


def test_it_is_made_once(tmp_path: Path) -> None:
    assert obtain(tmp_path / "e", _make, "entry", _nothing) is False
    assert obtain(tmp_path / "e", lambda folder: pytest.fail("made twice"), "entry", _nothing) is True


@pytest.mark.parametrize("name", ["weights", "inner/config", SEAL])
@pytest.mark.parametrize("damage", [b"", b"12344", None])
def test_a_damaged_entry_is_set_aside_and_made_again(tmp_path: Path, name: str, damage: bytes | None) -> None:
    obtain(tmp_path / "e", _make, "entry", _nothing)
    path = tmp_path / "e" / name
    path.unlink() if damage is None else path.write_bytes(damage)
    said: list[str] = []
    assert obtain(tmp_path / "e", _make, "entry", said.append) is False
    assert said == [f"the entry in the cache was damaged; it lies in {tmp_path / 'e.damaged'} now and is made again"]
    assert is_whole(tmp_path / "e")
    assert (tmp_path / "e.damaged").is_dir()


def test_an_entry_copied_to_the_place_of_another_is_not_taken_for_it(tmp_path: Path) -> None:
    obtain(tmp_path / "a", _make, "entry", _nothing)
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    assert is_whole(tmp_path / "b")
    assert not is_entry(tmp_path / "b")
    said: list[str] = []
    assert obtain(tmp_path / "b", _make, "entry", said.append) is False
    assert said == [
        f"the entry in the cache is another one (a); it lies in {tmp_path / 'b.damaged'} now and is made again"
    ]
    assert obtain(tmp_path / "b", _make, "entry", _nothing) is True


def test_a_file_that_nobody_wrote_is_damage(tmp_path: Path) -> None:
    obtain(tmp_path / "e", _make, "entry", _nothing)
    (tmp_path / "e" / "adapter_config.json").write_text("{}")
    assert not is_whole(tmp_path / "e")


def test_an_entry_of_an_earlier_version_is_used_where_it_is_whole(tmp_path: Path) -> None:
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / "weights").write_bytes(b"old")
    old = obtain(tmp_path / "e", _make, "entry", _nothing, lambda folder: (folder / "weights").read_bytes() == b"old")
    assert old is True
    (tmp_path / "e" / "weights").write_bytes(b"odd")
    said: list[str] = []
    assert obtain(tmp_path / "e", _make, "entry", said.append, lambda folder: False) is False
    assert "damaged" in said[0]


def test_a_failure_leaves_no_entry(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        _make(folder)
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        obtain(tmp_path / "e", fail, "entry", _nothing)
    assert [path.name for path in tmp_path.iterdir()] == [".e.lock"]


def _in_a_process(folder: Path, log: Path) -> None:
    def make(scratch: Path) -> None:
        with log.open("a") as file:
            file.write("made\n")
        time.sleep(0.5)
        _make(scratch)

    def say(text: str) -> None:
        with log.open("a") as file:
            file.write(f"{text}\n")

    obtain(folder, make, "entry", say)
    assert is_whole(folder)


def test_two_processes_make_it_once(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("fork")
    both = [spawn.Process(target=_in_a_process, args=(tmp_path / "e", tmp_path / "log")) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    assert (tmp_path / "log").read_text().splitlines() == [
        "made", "another process is making the same entry; waiting for it"
    ]  # fmt: skip
