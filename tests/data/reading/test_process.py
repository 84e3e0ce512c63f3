"""Files are read within limits, in a process that imports nothing from the current folder."""

import os
from pathlib import Path

import pytest

from data.reading import process
from data.reading.file import read_file, regular_bytes
from data.reading.process import Reader


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A current folder whose modules would be taken for ours and for the standard library's."""
    for name in ("data.py", "zipfile.py", "html.py", "json.py"):
        (tmp_path / name).write_text(f"open({str(tmp_path / 'RAN')!r}, 'w')", encoding="utf-8")
    (tmp_path / "a.html").write_text("<p>An otter.", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_no_code_of_the_current_folder_runs(hostile: Path) -> None:
    with Reader() as reader:
        assert reader.read(Path("a.html")).text == "An otter."
    assert not (hostile / "RAN").exists()


def test_a_reader_goes_on_after_a_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("Ein Otter für dich.", encoding="cp1252")
    command = process._COMMAND
    with Reader() as reader:
        monkeypatch.setattr(process, "_COMMAND", ("-c", "import os; os._exit(3)"))
        with pytest.raises(ValueError, match="its reader crashed"):
            reader.read(tmp_path / "a.txt")
        monkeypatch.setattr(process, "_COMMAND", command)
        assert reader.read(tmp_path / "a.txt").text == "Ein Otter für dich."


def test_a_reader_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "SECONDS", 0.3)
    monkeypatch.setattr(process, "_COMMAND", ("-c", "import time; time.sleep(600)"))
    with Reader() as reader, pytest.raises(ValueError, match=r"more than 0\.3 seconds"):
        reader.read(tmp_path / "a.txt")


def test_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = process._COMMAND[2].replace("serve()", "")
    limited = (
        f"{start}import data.reading.process as p; p.MEMORY = 2**28; p.read_file = lambda _: 'x' * 2**29; p.serve()"
    )
    monkeypatch.setattr(process, "_COMMAND", ("-P", "-c", limited))
    with Reader() as reader, pytest.raises(ValueError, match="too much memory"):
        reader.read(tmp_path / "a.txt")


def test_what_a_reader_finds_out_comes_back(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<title>Pets \ufb01rst</title><p>Dogs <s>4</s> 5.", encoding="utf-8")
    with Reader() as reader:
        reading = reader.read(tmp_path / "a.html")
    assert (reading.text, reading.title) == ("Dogs 5.", "Pets first")
    assert reading.notes == ("left out: 1 passage, struck through",)


def test_only_regular_files_of_bounded_size(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "big").write_bytes(b"x" * 11)
    for path, reason in (
        (tmp_path / "pipe", "not a regular"),
        (Path("/dev/zero"), "not a regular"),
        (tmp_path / "big", "at most"),
    ):
        with pytest.raises(ValueError, match=reason):
            regular_bytes(path, 10)
    with pytest.raises(OSError, match="directory"):
        read_file(tmp_path)


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b\u200b", "--- *** ---"])
def test_a_file_without_a_word_holds_no_text(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="holds no text"):
        read_file(tmp_path / "a.txt")
