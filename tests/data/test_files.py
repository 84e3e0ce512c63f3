"""Every write is whole or absent, follows no link and leaves nothing behind."""

import errno
import json
import os
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from data import files
from data.errors import TriviumError

ROOT = Path(__file__).parent.parent.parent
_IN_PLACE = re.compile(
    r"""\.write_(?:text|bytes)\(|open\([^)\n]*["'](?:w|a|r\+|x)b?\+?["']|NamedTemporary|json\.dump\("""
)
_ELSEWHERE = {
    "data/files.py",
    "data/storage.py",  # files of an object storage, which has no other way
    "model/memory.py",  # a switch of the kernel, no file
    "evaluation/cli/terminal.py",  # nowhere, for an output that is closed
    "evaluation/jobs/worker.py",  # a lock, and the output of a process that is read while it is written
}


def test_nothing_else_opens_a_file_for_writing() -> None:
    found = []
    for folder in ("data", "model", "rag", "finetune", "evaluation", "ui"):
        for path in (ROOT / folder).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            text = path.read_text(encoding="utf-8").replace("files.write_", "")
            if name not in _ELSEWHERE and _IN_PLACE.search(text):
                found.append(name)
    assert found == []


_READ = re.compile(r"""\.read_bytes\(\)|\.read_text\((?:encoding|"utf|\))|open\("rb"\)""")
_REGULAR = {  # where it is known to be a regular file
    "data/files.py", "data/jsonl.py", "data/cache_entry.py", "rag/index.py", "model/gguf/header.py",  # seen just before
    "data/storage.py",  # likewise: hashed before it is sent
    "evaluation/contest/address.py", "model/gguf/rope.py", "rag/kept_vectors.py", "data/import_source.py",
    "data/import_documents.py",
    "ui/run/so_far.py",
    "model/gguf/convert.py", "model/gguf/pre_tokenizer.py",  # written by the same process, or by the one it started
    "evaluation/jobs/job.py", "evaluation/jobs/worker.py",  # likewise
    "model/memory.py",  # of the kernel
    "evaluation/grading/grader.py", "evaluation/grading/identity.py", "evaluation/grading/values/units.py",
    "evaluation/grading/languages/__init__.py", "evaluation/report/templating.py",  # of Trivium itself
}  # fmt: skip


def test_a_file_that_others_can_have_put_there_is_read_as_a_regular_one() -> None:
    """A pipe in its place would be waited for, and a device read for ever: `data.files.read_bytes` refuses both."""
    found = set()
    for folder in ("data", "model", "rag", "finetune", "evaluation", "ui"):
        for path in (ROOT / folder).rglob("*.py"):
            if _READ.search(path.read_text(encoding="utf-8")):
                found.add(path.relative_to(ROOT).as_posix())
    assert found == _REGULAR


def test_nothing_cuts_json_lines_by_itself() -> None:
    for folder in ("data", "model", "rag", "finetune", "evaluation", "ui", "benchmarks"):
        for path in (ROOT / folder).rglob("*.py"):
            if path.name == "clients.py" and folder == "benchmarks":
                continue  # runs where Trivium is not installed
            assert not re.search(r"json\.loads\(\w+\) for \w+ in", path.read_text(encoding="utf-8")), path


def test_a_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    files.write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="not JSON compliant"):
        files.write_json(path, {"a": float("nan")})
    with suppress(RuntimeError), files.replacing(path) as file:
        file.write(b"half")
        raise RuntimeError
    assert path.read_text(encoding="utf-8") == '{\n "a": 1\n}\n'
    assert list(tmp_path.iterdir()) == [path]


def test_half_a_surrogate_pair_is_written_as_its_escape(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    files.write_json(path, {"a": "\ud83d!"})
    assert json.loads(path.read_text(encoding="utf-8")) == {"a": "\ud83d!"}


def test_the_rights_of_a_file_stay(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)
    files.write_text(path, "new")
    assert (path.read_text(encoding="utf-8"), path.stat().st_mode & 0o777) == ("new", 0o640)


@pytest.mark.parametrize("write", [files.write_text, files.append])
def test_nothing_is_written_through_a_link(tmp_path: Path, write: Callable[[Path, str], None]) -> None:
    outside, link = tmp_path / "outside", tmp_path / "link"
    outside.write_text("mine", encoding="utf-8")
    link.symlink_to(outside)
    with suppress(TriviumError):  # or the link itself is replaced by a file
        write(link, "theirs")
    assert outside.read_text(encoding="utf-8") == "mine"


def test_a_pipe_is_neither_read_nor_appended_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(TriviumError, match="not a regular file"):
        files.read_bytes(pipe, 100)
    with pytest.raises((TriviumError, OSError)):
        files.append(pipe, "text")


def test_a_large_file_is_refused_with_both_sizes(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b" " * (2**20 + 2**19))
    with pytest.raises(TriviumError, match=r"has 1\.5 MiB; at most 1\.0"):
        files.read_bytes(tmp_path / "x", 2**20)
    assert len(files.read_bytes(tmp_path / "x", 2**21)) == 2**20 + 2**19


@pytest.mark.parametrize("many", [3, 60])
def test_files_change_together_or_not_at_all(tmp_path: Path, many: int) -> None:
    (tmp_path / "0").write_text("old", encoding="utf-8")
    with suppress(RuntimeError), files.together() as new:
        for number in range(many):
            new.write_text(tmp_path / "deep" / str(number), "x")
        new.write_text(tmp_path / "0", "new")
        raise RuntimeError
    assert [p.name for p in tmp_path.rglob("*")] == ["0"]
    assert (tmp_path / "0").read_text(encoding="utf-8") == "old"
    with files.together() as new:
        for number in range(many):
            new.write_text(tmp_path / "deep" / str(number), "x")
        new.write_text(tmp_path / "0", "new")
    assert (tmp_path / "0").read_text(encoding="utf-8") == "new"
    assert len(list((tmp_path / "deep").iterdir())) == many


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    place = tmp_path / "kept"
    with files.whole_folder(place) as scratch:
        files.write_text(scratch / "a", "1")
    with suppress(RuntimeError), files.whole_folder(place) as scratch:
        files.write_text(scratch / "b", "2")
        raise RuntimeError
    assert [p.name for p in place.iterdir()] == ["a"]
    with files.whole_folder(place) as scratch:
        files.write_text(scratch / "b", "2")
    assert [p.name for p in place.iterdir()] == ["b"]
    assert list(tmp_path.iterdir()) == [place]


def test_what_a_kill_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    left = files.scratch_name(tmp_path / "run.json")
    left.write_text("half", encoding="utf-8")
    (files.scratch_name(tmp_path / "adapter")).mkdir()
    for name in (".keep.new", "mine.new", ".run.json"):
        (tmp_path / name).write_text("", encoding="utf-8")
    files.sweep(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == [".keep.new", ".run.json", "mine.new"]


def test_a_full_disk_is_told_alike_whatever_the_library_says(tmp_path: Path) -> None:
    """As faiss and safetensors put it, in errors of their own."""
    with pytest.raises(OSError, match="No space left") as told, files.replacing(tmp_path / "index"):
        raise RuntimeError("Error in write_index: write error: 4051 != 18432 (No space left on device)")
    assert (told.value.errno, told.value.filename) == (errno.ENOSPC, str(tmp_path / "index"))
    with pytest.raises(RuntimeError, match="something else"), files.replacing(tmp_path / "index"):
        raise RuntimeError("something else")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_created_once_and_never_seen_in_part(tmp_path: Path) -> None:
    path = tmp_path / "folder/list"
    seen: list[bytes] = []
    content = b"x" * 2_000_000
    made: list[bool] = []
    start = threading.Barrier(5)

    def create() -> None:
        start.wait()
        made.append(files.create_bytes(path, content))

    def look() -> None:
        start.wait()
        while not seen:
            with suppress(FileNotFoundError):
                seen.append(path.read_bytes())

    threads = [threading.Thread(target=work) for work in (create, create, create, create, look)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False, False, False, True]
    assert seen == [content]
    assert [one.name for one in path.parent.iterdir()] == ["list"]
