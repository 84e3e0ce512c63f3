"""What the terminal shows while a run works: bars and a table that fills, or plain lines where there is no terminal."""

import threading
import time
from collections.abc import Sequence
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import TimeRemainingColumn as TimeLeftColumn
from rich.table import Table as RichTable

from evaluation.printable import printable
from evaluation.table import columns, make_table, terminal

_HEARTBEAT = 4.0  # seconds between two plain lines


class Display:
    """A `data.progress.Progress` with a table below it. Use as a context manager."""

    def __init__(self, console: Console, heads: Sequence[str] = ()) -> None:
        self.console, self.heads = console, tuple(heads)
        self.rows: list[Sequence[str]] = []
        self.bars = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            TimeLeftColumn(), console=console,
        )  # fmt: skip
        self.task = self.bars.add_task("starting", total=None)
        self.scope = ""
        self._step, self._done, self._total = "starting", 0, 0
        self._since = self._printed = self._moved = time.monotonic()
        self._ended = threading.Event()
        self._live = Live(console=console, get_renderable=self._render, refresh_per_second=4, transient=True)

    def _table(self) -> RichTable:
        return terminal(make_table("", columns(*self.heads), self.rows))

    def _render(self) -> Group:
        return Group(*([self._table()] if self.rows else []), self.bars)

    def __enter__(self) -> "Display":
        if self.console.is_terminal:
            self._live.start()
        else:
            threading.Thread(target=self._heartbeat, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self.console.is_terminal:
            self._live.stop()
        if self.rows and kind is None:
            self.console.print(self._table())

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        """Show what is running and how far it is."""
        text = printable(f"{self.scope}: {step}" if self.scope else step)
        kind = text.partition(", loss")[0]  # a changing loss is the same step
        if kind != self._step.partition(", loss")[0]:
            self._since = self._moved = time.monotonic()
            self.bars.reset(self.task, total=total or None, description=escape(text))
            self._step, self._done, self._total = text, done, total
            self._say()
        if done != self._done:
            self._moved = time.monotonic()
        self._step, self._done, self._total = text, done, total
        self.bars.update(self.task, completed=done, total=total or None, description=escape(text))

    def row(self, cells: Sequence[str]) -> None:
        """Add a finished row to the table."""
        self.rows.append(cells)
        if not self.console.is_terminal:
            pairs = zip(self.heads, cells, strict=True)
            self.console.print(
                " | ".join(f"{name}: {cell}" for name, cell in pairs), soft_wrap=True, highlight=False, markup=False
            )

    def note(self, text: str) -> None:
        """Say something that stays in sight."""
        self.console.print(f"  {text}", soft_wrap=True, highlight=False, markup=False)

    def _say(self) -> None:
        if self.console.is_terminal:
            return
        self._printed = now = time.monotonic()
        spent = now - self._since
        line = f"  {self._step}"
        if self._total:
            line += f" {self._done}/{self._total}"
        if spent >= 1:
            line += f", {spent:.0f} s"
        if self._done and self._total and spent >= 1:
            each = (self._moved - self._since) / self._done  # between two batches the time left goes down
            line += f", about {max(0.0, each * self._total - spent):.0f} s left"
        self.console.print(line, soft_wrap=True, highlight=False, markup=False)

    def _heartbeat(self) -> None:
        while not self._ended.wait(0.5):
            if time.monotonic() - self._printed >= _HEARTBEAT:
                self._say()
