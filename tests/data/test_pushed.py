"""A pushed run is whole or not there; what is pulled is what was pushed, and lies nowhere else than it should."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from data.errors import TriviumError
from data.lock import working_in
from data.progress import silent
from data.pushed import LIST, pull, push

OTHER = "another run lies there, or another state of this one, brought by process"


def _run(folder: Path, **files: str) -> Path:
    content = {"run.json": "{}", "answers.jsonl": "a\nb\n", "adapters/seed-0/weights": "w" * 5000, "empty": ""} | files
    for name, text in content.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / ".lock").touch()
    (folder / "adapters/.scratch.new").write_text("half")
    return folder


def _content(folder: Path) -> dict[str, bytes]:
    names = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in names.items() if "/." not in f"/{name}"}


@pytest.fixture(params=["memory", "file"])
def url(request: Any, tmp_path: Path) -> Iterator[str]:
    yield f"memory://bucket{tmp_path}" if request.param == "memory" else f"file://{tmp_path}/bucket/run"
    files = fsspec.filesystem("memory")
    if files.exists("/bucket"):
        files.rm("/bucket", recursive=True)


def _there(url: str) -> tuple[Any, str, list[str]]:
    files, root = fsspec.core.url_to_fs(url)
    return files, root, sorted(files.find(root)) if files.exists(root) else []


def test_what_is_pulled_is_what_was_pushed(url: str, tmp_path: Path) -> None:
    run = _run(tmp_path / "run")
    steps: list[tuple[str, int, int]] = []
    pushed = push(run, url + "/", lambda *step: steps.append(step))
    assert sorted(pushed.files) == ["adapters/seed-0/weights", "answers.jsonl", "empty", "run.json"]
    assert {step for step, _, _ in steps} == {"sending, MiB"}
    (tmp_path / "copy").mkdir()
    pulled = pull(url, tmp_path / "copy", silent)
    assert _content(tmp_path / "copy") == _content(run)
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == [
        "adapters",
        "answers.jsonl",
        "empty",
        "run.json",
    ]
    assert f"process {os.getpid()} on this machine (`trivium push" in str(pulled)
    assert push(run, url, silent).digest == pushed.digest, "the very same may be pushed again"


def test_another_run_is_never_put_over_one(url: str, tmp_path: Path) -> None:
    one, two = _run(tmp_path / "one"), _run(tmp_path / "two", **{"answers.jsonl": "c\n"})
    push(one, url, silent)
    before = _there(url)[2]
    with pytest.raises(TriviumError, match=f"{OTHER} {os.getpid()} on this machine"):
        push(two, url, silent)
    assert _there(url)[2] == before
    pull(url, tmp_path / "copy", silent)
    assert _content(tmp_path / "copy") == _content(one)


def test_of_two_pushes_at_once_the_second_is_told_and_nothing_mixes(url: str, tmp_path: Path) -> None:
    """The other one begins and ends while the first one sends: the worst place."""
    one, two = _run(tmp_path / "one"), _run(tmp_path / "two", **{"answers.jsonl": "c\n"})
    pushed = []

    def meanwhile(step: str, done: int = 0, total: int = 0) -> None:
        if not pushed:
            pushed.append(None)
            push(two, url, silent)

    with pytest.raises(TriviumError, match=OTHER):
        push(one, url, meanwhile)
    pull(url, tmp_path / "copy", silent)
    assert _content(tmp_path / "copy") == _content(two)
    assert len(_there(url)[2]) == len(_content(two)) + 1, "nothing of the first one stays"


def test_two_processes_push_to_one_address(tmp_path: Path) -> None:
    runs = [_run(tmp_path / str(n), **{"answers.jsonl": f"{n}\n", "weights": str(n) * 3_000_000}) for n in range(3)]
    url = f"file://{tmp_path}/bucket/run"
    code = (
        "import sys; from pathlib import Path; from data.errors import TriviumError; from data.progress import silent\n"
        "from data.pushed import push\n"
        "try: push(Path(sys.argv[1]), sys.argv[2], silent)\n"
        "except TriviumError as error: sys.exit(str(error))"
    )
    command = [sys.executable, "-P", "-c", code]
    started = [subprocess.Popen([*command, run, url], stderr=subprocess.PIPE, text=True) for run in runs]
    said = [process.communicate()[1] for process in started]
    won = [number for number, process in enumerate(started) if process.returncode == 0]
    assert len(won) == 1, said
    assert all(f"brought by process {started[won[0]].pid} on this" in text or "another process" in text
               for number, text in enumerate(said) if number != won[0])  # fmt: skip
    pull(url, tmp_path / "copy", silent)
    assert _content(tmp_path / "copy") == _content(runs[won[0]])


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_push_that_is_stopped_leaves_no_run_and_can_be_repeated(url: str, tmp_path: Path, after: int) -> None:
    run = _run(tmp_path / "run")
    seen: list[str] = []

    def stop(step: str, done: int = 0, total: int = 0) -> None:
        seen.append(step)
        if len(seen) > after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        push(run, url, stop)
    with pytest.raises(TriviumError, match="no run lies there, or its push has not ended"):
        pull(url, tmp_path / "copy", silent)
    push(run, url, silent)
    pull(url, tmp_path / "copy", silent)
    assert _content(tmp_path / "copy") == _content(run)


@pytest.mark.parametrize(
    ("damage", "said"),
    [("flipped", "not what was pushed"), ("shorter", "not what was pushed"), ("longer", "not what was pushed"),
     ("gone", "weights: this file of the run is gone")],
)  # fmt: skip
def test_a_damaged_copy_is_named_and_nothing_is_written_until_it_is_pushed_again(
    url: str, tmp_path: Path, damage: str, said: str
) -> None:
    run = _run(tmp_path / "run")
    push(run, url, silent)
    files, _, names = _there(url)
    (name,) = (name for name in names if name.endswith("weights"))
    content = files.cat_file(name)
    if damage == "gone":
        files.rm(name)
    else:
        files.pipe_file(name, {"flipped": b"v" + content[1:], "shorter": content[1:], "longer": content * 2}[damage])
    with pytest.raises(TriviumError, match=said):
        pull(url, tmp_path / "copy", silent)
    assert not (tmp_path / "copy").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".new")] == []
    push(run, url, silent)
    pull(url, tmp_path / "copy", silent)
    assert _content(tmp_path / "copy") == _content(run)


@pytest.mark.parametrize(
    "name",
    ["../run2.json", "/etc/passwd", "a/../../b", "a//b", "./a", ".ssh/keys", "a/.hidden", "C:\\x", "C:x", "a\\..\\b",
     "", "a\x1b[2J", "n" * 2000, "RUN.json", "/"],
)  # fmt: skip
def test_a_list_that_names_anything_outside_is_refused(url: str, tmp_path: Path, name: str) -> None:
    """The storage may belong to somebody else."""
    push(_run(tmp_path / "run"), url, silent)
    files, root, _ = _there(url)
    listed = json.loads(files.cat_file(f"{root}/{LIST}"))
    listed["files"][name] = listed["files"]["empty"]
    files.pipe_file(f"{root}/{LIST}", json.dumps(listed).encode())
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(TriviumError, match="names files that no run has") as caught:
        pull(url, tmp_path / "copy", silent)
    assert str(caught.value).isprintable()
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "change",
    [lambda listed: [], lambda listed: listed | {"version": 2}, lambda listed: listed | {"files": {"run.json": {}}},
     lambda listed: listed | {"files": {"run.json": {"bytes": -1, "sha256": "0" * 64}}}],
)  # fmt: skip
def test_a_list_in_another_form_is_named(url: str, tmp_path: Path, change: Any) -> None:
    push(_run(tmp_path / "run"), url, silent)
    files, root, _ = _there(url)
    listed = json.loads(files.cat_file(f"{root}/{LIST}"))
    files.pipe_file(f"{root}/{LIST}", json.dumps(change(listed)).encode())
    with pytest.raises(TriviumError, match=r"pushed\.json: damaged, or of another version"):
        pull(url, tmp_path / "copy", silent)
    files.pipe_file(f"{root}/{LIST}", b'{"version": 1, "fi')
    with pytest.raises(TriviumError, match=r"pushed\.json: damaged, or of another version"):
        push(tmp_path / "run", url, silent)


def test_who_pushed_is_text_of_others(tmp_path: Path) -> None:
    url = f"memory://bucket{tmp_path}"
    push(_run(tmp_path / "run"), url, silent)
    files, root, _ = _there(url)
    listed = json.loads(files.cat_file(f"{root}/{LIST}"))
    listed["by"]["command"] = "push \x1b[2J"
    files.pipe_file(f"{root}/{LIST}", json.dumps(listed).encode())
    assert str(pull(url, tmp_path / "copy", silent)) == "another process"


def test_only_a_run_that_nobody_works_on_is_pushed_and_no_link(url: str, tmp_path: Path) -> None:
    run = _run(tmp_path / "run")
    with working_in(run, "resume run"), pytest.raises(TriviumError, match="is working in this folder"):
        push(run, url, silent)
    (run / "notes").symlink_to("/etc/hostname")
    with pytest.raises(TriviumError, match=r"notes: a link"):
        push(run, url, silent)
    (run / "notes").unlink()
    (run / "a:b").touch()
    with pytest.raises(TriviumError, match="not a name that every system can have"):
        push(run, url, silent)
    (tmp_path / "empty").mkdir()
    with pytest.raises(TriviumError, match="no run here"):
        push(tmp_path / "empty", url, silent)
    assert _there(url)[2] == []


@pytest.mark.parametrize("kind", ["file", "used", "link"])
def test_nothing_that_is_there_is_replaced(tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    if kind == "file":
        out.write_text("mine")
    elif kind == "used":
        out.mkdir()
        (out / "mine").touch()
    else:
        out.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TriviumError, match="something is there already"):
        pull(f"memory://bucket{tmp_path}", out, silent)
    assert os.path.lexists(out)
