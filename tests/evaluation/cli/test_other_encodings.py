"""Terminals, pipes and locales that are not UTF-8: what they cannot show is written out; names stay what they are.

What is closed, or full, ends nothing either.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.load import load_domain

NAME = "Häfen Ωμέγα 港"
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def _trivium(*arguments: str, cwd: Path, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "evaluation", *arguments]
    return subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, env=os.environ | environment)


@pytest.fixture
def folder(make_domain: Callable[..., Path], tmp_path: Path) -> Path:
    """With a domain whose name and one of whose files are not ASCII."""
    domain = make_domain(facts=2)
    settings = (domain / "domain.toml").read_text(encoding="utf-8").replace("Harbours", NAME)
    (domain / "domain.toml").write_text(settings, encoding="utf-8")
    (domain / "documents" / "Harbour1.md").rename(domain / "documents" / "Höhle1.md")
    (domain / "documents" / "Höhle2.md").write_text("A cave.", encoding="utf-8")
    questions = (domain / "questions.jsonl").read_text(encoding="utf-8").replace("Harbour1.md", "Höhle1.md")
    (domain / "questions.jsonl").write_text(questions, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "ascii"])
def test_a_report_for_a_pipe_of_another_encoding(folder: Path, make_run: Any, right: Any, encoding: str) -> None:
    make_run("made", load_domain(folder / "domain"), {"base": right, "rag": right})
    done = _trivium("report", "runs/made", cwd=folder, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    shown = NAME.encode(encoding, "backslashreplace")
    assert shown in done.stdout
    assert b"\\u03a9" in shown, "else this test shows nothing"


def test_a_file_name_is_what_its_bytes_say_whatever_the_locale(folder: Path) -> None:
    (folder / "script.jsonl").write_text('{"question": "Who?", "answer": "x"}', encoding="utf-8")
    checked = _trivium("check", "domain", "--no-model", cwd=folder, **ASCII)
    assert checked.returncode == 0, checked.stderr
    options = ("--model", "scripted:script.jsonl", "--methods", "rag", "--search-by", "words", "--device", "cpu")
    done = _trivium("run", "domain", "--out", "run", *options, cwd=folder, **ASCII)
    assert done.returncode == 0, done.stderr
    passages = (folder / "run" / "chunks.jsonl").read_text(encoding="utf-8")
    assert '"document_id": "Höhle1.md"' in passages
    assert '"title": "Höhle2"' in passages


def test_a_name_that_is_not_utf8_is_one_sentence(folder: Path) -> None:
    (folder / "domain" / "documents" / os.fsdecode(b"H\xf6hle3.md")).write_text("A cave.", encoding="utf-8")
    for environment in (ASCII, {"LC_ALL": "C.UTF-8"}):
        done = _trivium("check", "domain", "--no-model", cwd=folder, **environment)
        assert done.returncode == 2
        assert b"its name is not UTF-8. Rename the file." in done.stderr
        assert b"Traceback" not in done.stderr


def test_what_is_typed_in_another_encoding_is_asked_again(folder: Path, make_run: Any, right: Any) -> None:
    make_run("made", load_domain(folder / "domain"), {"base": right, "rag": right})
    done = _trivium("review", "runs/made", cwd=folder, stdin=b"\xe4\ny\nq\n", PYTHONIOENCODING="utf-8")
    assert done.returncode == 0, done.stderr
    assert b"1 labelled" in done.stdout


@pytest.mark.parametrize(
    ("closed", "code"), [(">&-", 0), ("2>&-", 0), ("<&-", 0), (">&- 2>&- <&-", 0), (">/dev/full", 2)]
)
def test_streams_that_are_closed_or_full(folder: Path, make_run: Any, right: Any, closed: str, code: int) -> None:
    make_run("made", load_domain(folder / "domain"), {"base": right, "rag": right})
    for arguments in (("report", "runs/made"), ("review", "runs/made")):
        command = ["sh", "-c", f'"$@" {closed}', "sh", sys.executable, "-m", "evaluation", *arguments]
        done = subprocess.run(command, cwd=folder, capture_output=True)
        assert done.returncode == code, done.stderr
        assert b"Traceback" not in done.stdout + done.stderr
        if code:
            assert b"trivium: the run folder, or the output: the disk is full" in done.stderr
