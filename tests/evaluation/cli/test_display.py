"""What is shown while work goes on, where there is no terminal."""

import io
import re
import time

import pytest
from rich.console import Console

from evaluation.cli import display as progress
from evaluation.cli.display import Display


def shown(width: int = 200) -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, width=width, force_terminal=False), out


def test_each_step_is_said_once_and_a_long_one_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_HEARTBEAT", 0.3)
    console, out = shown()
    with Display(console) as display:
        display.scope = "rag"
        for done in range(3):
            display("answering", done, 10)
        time.sleep(1.8)
    lines = out.getvalue().splitlines()
    assert lines[0] == "  rag: answering 0/10"
    beats = [line for line in lines[1:] if re.fullmatch(r"  rag: answering 2/10(, \d+ s, about \d+ s left)?", line)]
    assert len(beats) == len(lines) - 1 >= 2


def test_a_changing_loss_is_one_step() -> None:
    console, out = shown()
    with Display(console) as display:
        for step in range(5):
            display(f"training, loss {step}.0", step, 5)
    assert out.getvalue().splitlines() == ["  training, loss 0.0 0/5"]


def test_rows_fill_a_table() -> None:
    console, out = shown()
    with Display(console, ("method", "right")) as display:
        display.row(["rag", "5 [of] 6"])
    assert "method: rag | right: 5 [of] 6" in out.getvalue()
    assert "5 [of] 6" in out.getvalue().partition("─")[2], "what looks like markup is text"


def test_on_a_terminal_it_is_drawn_live() -> None:
    out = io.StringIO()
    console = Console(file=out, width=100, force_terminal=True)
    with Display(console, ("method", "right")) as display:
        display("answering", 1, 2)
        display.row(["rag", "50%"])
        time.sleep(0.6)
    assert "answering" in out.getvalue()
    assert "rag" in out.getvalue()


def test_between_two_batches_the_time_left_goes_down(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    console, out = shown()
    display = Display(console)
    display("answering", 0, 40)
    now = 10.0
    display("answering", 10, 40)  # a second each
    for now in (11.0, 20.0, 50.0):  # noqa: B007  (the clock above reads it)
        display._say()
    left = [int(re.search(r"about (\d+) s left", line)[1]) for line in out.getvalue().splitlines()[1:]]  # type: ignore[index]
    assert left == [29, 20, 0]
