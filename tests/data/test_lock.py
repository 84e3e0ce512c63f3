"""One process a folder: a second one is told who has it, in every way in which one can end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.errors import TriviumError
from data.import_source import import_source
from data.lock import FILES, HOLDER, LOCK, changing_domain, holder_of, working_in
from data.progress import silent
from data.upload import change_question

WORKS = """
import sys, time
from pathlib import Path
from data.lock import working_in
with working_in(Path(sys.argv[1]), "run"):
    print("works", flush=True)
    time.sleep(99)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "run.json").write_text("{}", encoding="utf-8")
    return tmp_path / "mine"


@pytest.fixture
def other(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that works in the folder."""
    with subprocess.Popen([sys.executable, "-c", WORKS, str(folder)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "works\n"
        yield process
        process.kill()


def test_a_second_process_is_told_who_has_it(folder: Path, other: subprocess.Popen[str]) -> None:
    found = holder_of(folder)
    assert found is not None
    assert (found.pid, found.command) == (other.pid, "run")
    with pytest.raises(TriviumError, match=rf"process {other.pid} on this machine \(`trivium run`, since"), \
            working_in(folder, "resume"):  # fmt: skip
        raise AssertionError("two at once")


def test_one_that_is_stopped_by_ctrl_z_still_has_it(folder: Path, other: subprocess.Popen[str]) -> None:
    os.kill(other.pid, signal.SIGSTOP)
    with pytest.raises(TriviumError, match=f"process {other.pid} "), working_in(folder, "run"):
        raise AssertionError("two at once")
    assert holder_of(folder) is not None


def test_a_killed_process_leaves_the_folder_free(folder: Path, other: subprocess.Popen[str]) -> None:
    other.kill()
    other.wait()
    assert (folder / HOLDER).exists()
    assert holder_of(folder) is None
    with working_in(folder, "resume"):
        found = holder_of(folder)
        assert found is not None
        assert found.pid == os.getpid()
    assert holder_of(folder) is None
    assert not (folder / HOLDER).exists()


def test_a_number_that_another_process_got_since_does_not_count(folder: Path, other: subprocess.Popen[str]) -> None:
    content = json.loads((folder / HOLDER).read_text(encoding="utf-8"))
    (folder / HOLDER).write_text(json.dumps(content | {"started": 1.0}), encoding="utf-8")
    assert holder_of(folder) is None


def test_on_another_machine_the_lock_itself_is_asked(folder: Path, other: subprocess.Popen[str]) -> None:
    content = json.loads((folder / HOLDER).read_text(encoding="utf-8"))
    (folder / HOLDER).write_text(json.dumps(content | {"host": "elsewhere", "pid": 2**22 + 1}), encoding="utf-8")
    found = holder_of(folder)
    assert found is not None
    assert "on elsewhere" in str(found)
    other.kill()
    other.wait()
    assert holder_of(folder) is None


ESCAPE = '{"pid": 1, "host": "\\u001b[2J", "started": 1, "since": "", "command": ""}'


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", ESCAPE])
def test_a_damaged_name_of_the_holder_is_nobody(folder: Path, text: str) -> None:
    (folder / HOLDER).write_text(text, encoding="utf-8")
    assert holder_of(folder) is None
    with working_in(folder, "run"):
        assert holder_of(folder) is not None


def test_what_stays_without_a_run_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").touch()
    for folder in (tmp_path / "notes", tmp_path / "new" / "run"):
        with pytest.raises(ValueError, match="it failed"), working_in(folder, "run"):
            raise ValueError("it failed")
    assert [path.name for path in (tmp_path / "notes").iterdir()] == ["mine.txt"]
    assert not (tmp_path / "new" / "run").exists()


def test_a_link_in_the_place_of_the_lock_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine", encoding="utf-8")
    for name in FILES:
        (folder / name).symlink_to(tmp_path / "precious")
    with pytest.raises((OSError, TriviumError)), working_in(folder, "score"):
        raise AssertionError("followed")
    (folder / LOCK).unlink()
    with working_in(folder, "score"):
        assert (tmp_path / "precious").read_text(encoding="utf-8") == "mine"


def test_a_domain_is_changed_by_one_process_at_a_time(make_domain: Callable[..., Path], tmp_path: Path) -> None:
    """What the second one has read would be written over what the first one added."""
    folder = make_domain()
    (tmp_path / "more.csv").write_text("question,answer\nWho steers?,Maren\n", encoding="utf-8")
    before = (folder / "questions.jsonl").read_bytes()
    with changing_domain(folder, "import"):
        for act in (lambda: import_source(tmp_path / "more.csv", folder, silent),
                    lambda: change_question(folder, "flag0-q", "Which one?", ["otter"])):  # fmt: skip
            with pytest.raises(TriviumError, match="is working in this folder"):
                act()
    assert (folder / "questions.jsonl").read_bytes() == before
    assert not [path for path in folder.iterdir() if path.name.startswith(".")], "nothing of it stays"
    import_source(tmp_path / "more.csv", folder, silent)
    assert (folder / "questions.jsonl").read_bytes().startswith(before)


def test_a_run_is_no_domain(folder: Path, tmp_path: Path) -> None:
    """Its questions are those that were asked, and stay so."""
    (tmp_path / "more.csv").write_text("question,answer\nWho steers?,Maren\n", encoding="utf-8")
    (folder / "questions.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(TriviumError, match="this is the folder of a run, and no domain"):
        import_source(tmp_path / "more.csv", folder, silent)
    assert (folder / "questions.jsonl").read_text(encoding="utf-8") == ""


def test_what_a_kill_left_half_written_in_a_domain_goes(make_domain: Callable[..., Path]) -> None:
    domain = make_domain()
    (left := domain / "documents" / f".Harbour0.md.{'0' * 16}.new").write_text("half", encoding="utf-8")
    (own := domain / "documents" / ".mine.new").write_text("the user's", encoding="utf-8")
    with changing_domain(domain, "import"):
        assert not left.exists()
    assert own.exists()
