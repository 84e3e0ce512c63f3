"""A disk that is full and one that cannot be written: a sentence, and the same results once there is room."""

import shutil
import subprocess
from pathlib import Path
from random import Random
from typing import Any

from chaos.outcome import of_folder, of_run
from chaos.rows import MENDED, NAMED, ROOM, UNTRIED, Row
from chaos.sandbox import Done, Sandbox
from chaos.work import WORKS, Work

ROOM_OF_A_RUN = (100, 400, 1600)  # KiB that are free
ROOM_OF_A_COMMAND = (0, 12)
LARGE = "size=64m"


def _mount(*options: str) -> bool:
    return subprocess.run(["mount", *options], capture_output=True, check=False).returncode == 0


def _a_run(sandbox: Sandbox) -> Work:
    def before(copy: Sandbox) -> None:
        for name in ("run", "cache"):
            shutil.rmtree(copy.root / name)

    return Work("run", sandbox.run_command(), before, lambda root: of_run(root / "run"))


class Disks:
    """Every command that writes, on full disks of several sizes and on a read-only one. Needs the right to mount.

    Args:
        sandbox: with a finished, undisturbed run in `run`, which is left as it is.
    """

    name = "disk"

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        run = _a_run(sandbox)
        self.cases: list[tuple[Work, int | None]] = [(run, room) for room in ROOM_OF_A_RUN]
        self.cases += [(work, room) for work in WORKS for room in ROOM_OF_A_COMMAND]
        self.cases += [(work, None) for work in (run, *WORKS)]  # read-only
        self.expected: dict[str, Any] = {}

    @property
    def count(self) -> int:
        return len(self.cases)

    def disturb(self, number: int, random: Random, scratch: Path) -> list[Row]:
        work, room = self.cases[number]
        what = work.name, "read-only" if room is None else f"{room} KiB free"
        place = scratch / "disk"
        place.mkdir()
        if not _mount("-t", "tmpfs", "-o", LARGE, "tmpfs", str(place)):
            return [Row(self.name, number, *what, f"{UNTRIED}: mounting a small disk needs root")]
        try:
            copy = work.begin(self.sandbox, place / "sandbox")
            outcome = self._read_only(copy, work, place) if room is None else self._full(copy, work, place, room)
        finally:
            subprocess.run(["umount", str(place)], check=True)
        return [Row(self.name, number, *what, outcome)]

    def _full(self, copy: Sandbox, work: Work, place: Path, room: int) -> str:
        before = of_folder(copy.root)
        used = sum(path.stat().st_blocks * 512 for path in place.rglob("*") if path.is_file())
        _mount("-o", f"remount,size={used // 1024 + room}k", str(place))
        done = copy.elsewhere(*work.arguments, stdin=work.stdin(copy))
        _mount("-o", f"remount,{LARGE}", str(place))
        if done.code == 0:
            return ROOM if work.found(copy) == self._expected(work) else "OTHER results on a full disk"
        if done.code != 2 or "disk is full" not in done.sentence:
            return f"UNCLEAR, code {done.code}: {done.err[-500:]}"
        if lost := [name for name in before if not (copy.root / name).exists()]:
            return f"LOST {', '.join(lost)}"
        again = copy.trivium(*work.arguments, stdin=work.stdin(copy))
        return MENDED if again.code == 0 and work.found(copy) == self._expected(work) else f"OTHER: {again.err[-500:]}"

    def _read_only(self, copy: Sandbox, work: Work, place: Path) -> str:
        _mount("-o", "remount,ro", str(place))
        done = copy.elsewhere(*work.arguments, stdin=work.stdin(copy))
        _mount("-o", "remount,rw", str(place))
        named = done.code == 2 and "read-only" in done.sentence
        return NAMED if named else f"UNCLEAR, code {done.code}: {done.err[-500:]}"

    def _expected(self, work: Work) -> Any:
        if work.name == "run":
            return work.found(self.sandbox)
        if work.name not in self.expected:
            copy = work.begin(self.sandbox, self.sandbox.root.with_name(f"undisturbed {work.name}"))
            done: Done = copy.trivium(*work.arguments, stdin=work.stdin(copy))
            if done.code:
                raise RuntimeError(f"trivium {work.name} failed undisturbed: {done.err[-800:]}")
            self.expected[work.name] = work.found(copy)
            shutil.rmtree(copy.root)
        return self.expected[work.name]
