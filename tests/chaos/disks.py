"""A disk that is full and one that cannot be written: a sentence, and the same results once there is room."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from chaos.outcome import of_run
from chaos.sandbox import Sandbox

Case = tuple[str, str]
ROOM = (100, 400, 1600)  # KiB that are free


def _mount(*options: str) -> bool:
    return subprocess.run(["mount", *options], capture_output=True, check=False).returncode == 0


def disk_series(sandbox: Sandbox, epochs: int, scratch: Path) -> Iterator[Case]:
    """Full disks of several sizes, then a read-only one. Needs the right to mount; says so where it is missing."""
    expected = of_run(sandbox.root / "run")
    place = scratch / "disk"
    place.mkdir()
    if not _mount("-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place)):
        yield "full and read-only disks", "not tried: mounting a small disk needs root"
        return
    try:
        for room in ROOM:
            yield f"{room} KiB free", _full(sandbox, epochs, place, room, expected)
        yield "read-only", _read_only(sandbox, epochs, place)
    finally:
        subprocess.run(["umount", str(place)], check=True)


def _small(sandbox: Sandbox, place: Path) -> Sandbox:
    small = Sandbox(place)
    for name in ("model", "domain"):
        shutil.rmtree(place / name, ignore_errors=True)
        shutil.copytree(sandbox.root / name, place / name)
    for name in ("run", "cache"):
        shutil.rmtree(place / name, ignore_errors=True)
    return small


def _full(sandbox: Sandbox, epochs: int, place: Path, room: int, expected: dict[str, object]) -> str:
    _mount("-o", "remount,rw,size=64m", str(place))
    small = _small(sandbox, place)
    used = sum(path.stat().st_blocks * 512 for path in place.rglob("*") if path.is_file())
    _mount("-o", f"remount,size={used // 1024 + room}k", str(place))
    done = small.trivium(*small.run_command(epochs))
    _mount("-o", "remount,size=64m", str(place))
    if done.code == 0:
        return "room enough"
    if done.code != 2 or "disk is full" not in done.sentence:
        return f"UNCLEAR, code {done.code}: {done.err[-300:]}"
    again = small.trivium(*small.run_command(epochs))
    return "named, then same" if again.code == 0 and of_run(place / "run") == expected else f"OTHER: {again.err[-300:]}"


def _read_only(sandbox: Sandbox, epochs: int, place: Path) -> str:
    small = _small(sandbox, place)
    for name in (".stdout", ".stderr"):
        (place / name).touch()
    outputs = {name: (sandbox.root / name) for name in (".stdout", ".stderr")}
    _mount("-o", "remount,ro", str(place))
    elsewhere = Sandbox(sandbox.root)
    for path in outputs.values():
        path.unlink(missing_ok=True)
    command = [str(place / part) if part in ("domain", "model") else part for part in small.run_command(epochs)]
    command[command.index("run", 1)] = str(place / "run")
    done = elsewhere.trivium(*command)
    _mount("-o", "remount,rw", str(place))
    return (
        "named" if done.code == 2 and "read-only" in done.sentence else f"UNCLEAR, code {done.code}: {done.err[-300:]}"
    )
