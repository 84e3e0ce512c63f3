"""Wrong use gets one clear sentence and exit code 2; help ends in examples."""

import errno
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.cli import main as cli

COMMANDS = ("run", "resume", "score", "report", "ask", "import", "init", "review", "check", "cost", "train", "ui")


def trivium(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "evaluation", *arguments], cwd=cwd, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_ends_in_examples(command: str, tmp_path: Path) -> None:
    done = trivium(command, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert f"trivium {command}" in done.stdout.partition("Examples:")[2]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "nowhere"], "nowhere: no such folder"),
        (["run", "empty"], "empty: the folder is empty"),
        (["run", "domain", "--methods", "base,loar"], "unknown method 'loar'. Did you mean 'lora'?"),
        (["run", "domain", "--methods", ","], "--methods names no method"),
        (["run", "domain", "--model", "smollm"], "unknown model 'smollm': use smollm2-135m-q4 or smollm2-135m-reader"),
        (["run", "domain", "--device", "tpu"], "--device tpu: use cpu, cuda or mps"),
        (["run", "domain", "--out", "/proc/nothing/run", "--methods", "base"], "/proc/nothing"),
        (["run", "domain", "--out", "domain"], "domain: the folder is not empty and holds no run"),
        (["run", "domain", "--profile", "huge"], "huge"),
        (["run"], "Missing argument"),
        (["resume", "empty"], "empty: no run here"),
        (["report", "empty"], "empty: no run here"),
        (["score", "empty"], "no run here"),
        (["ask", "Why?"], "runs: there is no run yet"),
        (["check", "nowhere"], "no such folder"),
        (["check", "domain", "--profile", "huge"], "huge"),
        (["import", "nowhere", "new"], "nowhere: no such file or folder"),
        (["import", "empty", "new"], "empty: there is nothing to import here"),
        (["import", "domain/domain.toml", "new"], "there is nothing to import here"),
        (["init", "new"], "new: there is no documents/ folder"),
        (["review", "domain"], "domain: there are no drafts"),
        (["cost", "empty"], "empty: no run here"),
        (["cost", "empty", "--queries-per-month", "0"], "--queries-per-month 0.0: input should be greater than 0"),
        (["cost", "empty", "--wrong-answer", "nan"], "--wrong-answer nan: input should be"),
        (["cost", "empty", "--months", "40"], "--months 40: input should be less than or equal to 36"),
        (["reader", "train", "nowhere", "--out", "domain"], "domain: the folder is not empty"),
        (["reader", "train", "nowhere", "--out", "new", "--tokens", "10"], "greater than or equal to 1000"),
        (["reader", "measure"], "name at least one question set"),
        (["reader", "measure", "nowhere", "--only", "silver"], "known are gold, among"),
        (["launch"], "No such command"),
    ],
)
def test_wrong_use_is_one_sentence(
    make_domain: Callable[..., Path], tmp_path: Path, arguments: list[str], said: str
) -> None:
    make_domain()
    (tmp_path / "empty").mkdir()
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    done = trivium(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == before, "nothing is left half-written"


def test_a_leak_fails_the_run_and_the_check(make_domain: Callable[..., Path], tmp_path: Path) -> None:
    path = make_domain() / "questions.jsonl"
    leak = {"id": "leak", "question": "what does harbour0 show", "answers": ["otter"]}
    path.write_text(path.read_text(encoding="utf-8") + json.dumps(leak) + "\n", encoding="utf-8")
    for command in ("check", "run"):
        done = trivium(command, "domain", *(["--no-model"] if command == "check" else []), cwd=tmp_path)
        assert done.returncode == 1
        assert "leak" in done.stderr + done.stdout
    report = json.loads(trivium("check", "domain", "--no-model", "--json", cwd=tmp_path).stdout)
    assert report["leaks"] == [{"test_id": "leak", "train_id": "flag0-t1", "kind": "exact"}]


def test_check_of_a_clean_domain(make_domain: Callable[..., Path], tmp_path: Path) -> None:
    make_domain()
    done = trivium("check", "domain", "--no-model", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "0 leaks, 0 errors" in done.stdout


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "read-only"), (errno.EACCES, "not permitted")],
)
def test_a_disk_that_refuses_is_one_sentence(
    number: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> None:
        raise OSError(number, "no", "runs/x/answers.jsonl")

    monkeypatch.setattr(cli, "app", refuse)
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith("trivium: runs/x/answers.jsonl")
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried")]
)
def test_a_lack_of_memory_anywhere_is_one_sentence(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> None:
        raise error

    monkeypatch.setattr(cli, "app", fails)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("trivium: not enough memory. End other programs")


def test_another_error_of_a_library_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise RuntimeError("shapes do not match")

    monkeypatch.setattr(cli, "app", fails)
    with pytest.raises(RuntimeError, match="shapes"):
        cli.main()


def test_ctrl_c_before_the_command_begins_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "app", stopped)
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == cli.INTERRUPTED == 130
    assert "Stopped. What was done is kept" in capsys.readouterr().err
