"""Many questions at once: patience where it helps, and nothing lost where it does not."""

import threading
from collections.abc import Callable, Sequence

import pytest

from evaluation.contest.asking import WAITS, ask_all, ask_patiently
from evaluation.contest.reply import Reply, reply_of
from evaluation.contest.system import Failure, Request


class Scripted:
    """Answers as a function of the question and of how often it was asked says."""

    def __init__(self, say: Callable[[str, int], str]) -> None:
        self.say, self.asked, self.lock = say, dict[str, int](), threading.Lock()

    def ready(self) -> None: ...

    def ask(self, request: Request) -> Reply:
        with self.lock:
            self.asked[request.id] = self.asked.get(request.id, 0) + 1
        return reply_of(self.say(request.id, self.asked[request.id]))

    def unanswered(self, requests: Sequence[Request]) -> list[Request]:
        return []

    def close(self) -> None: ...


def requests(n: int) -> list[Request]:
    return [Request(str(number), f"Question {number}?") for number in range(n)]


def fails(reason: str, **marks: bool) -> str:
    raise Failure(reason, **marks)


def test_asked_again_where_that_can_help() -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> bool:
        pauses.append(seconds)
        return False

    busy = Scripted(lambda _, time: "x" if time == 3 else fails("busy", again=True))
    assert ask_patiently(busy, requests(1)[0], pause)[0].answer == "x"
    assert pauses == list(WAITS)
    for marks, asked in (({"again": True}, 3), ({}, 1)):
        never = Scripted(lambda *_, marks=marks: fails("no", **marks))  # type: ignore[misc]
        with pytest.raises(Failure, match=r"^no$"):
            ask_patiently(never, requests(1)[0], lambda _: False)
        assert never.asked == {"0": asked}


def test_all_are_answered_several_at_once() -> None:
    together = threading.Barrier(4, timeout=10)  # passed only by four at once

    def say(question: str, _: int) -> str:
        together.wait()
        return f"to {question}"

    outcomes = sorted(ask_all(Scripted(say), requests(8), 4), key=lambda outcome: outcome.place)
    assert [outcome.reply.answer for outcome in outcomes if outcome.reply] == [f"to {n}" for n in range(8)]


def test_a_failure_ends_it_after_those_under_way() -> None:
    started = threading.Event()

    def say(question: str, _: int) -> str:
        if question == "1":
            started.wait(10)
            return fails("broken")
        if question == "2":
            started.set()
        return "x"

    system, got = Scripted(say), list[int]()
    outcomes = ask_all(system, requests(50), 3)
    with pytest.raises(Failure, match="broken") as failure:
        got.extend(outcome.place for outcome in outcomes)
    assert failure.value.place == 1
    assert {0, 2} <= set(got)
    assert set(got) == {int(name) for name in system.asked} - {1}, "what was answered was handed on"
    assert len(system.asked) < 50


def test_nothing_is_asked_again_when_all_is_over() -> None:
    """One fails for good while another waits to be asked again: that one is not waited for."""
    waiting = threading.Event()

    def say(question: str, _: int) -> str:
        if question == "0":
            waiting.set()
            return fails("busy", again=True)
        waiting.wait(10)
        return fails("broken")

    system = Scripted(say)
    with pytest.raises(Failure, match="broken"):
        list(ask_all(system, requests(2), 2))
    assert system.asked == {"0": 1, "1": 1}


def test_failures_may_be_passed_over_but_not_a_system_that_is_gone() -> None:
    odd = Scripted(lambda question, _: "x" if int(question) % 2 else fails("even"))
    outcomes = {outcome.place: outcome.reason for outcome in ask_all(odd, requests(4), 2, skip=True)}
    assert outcomes == {0: "even", 1: "", 2: "even", 3: ""}
    gone = Scripted(lambda *_: fails("away", gone=True))
    with pytest.raises(Failure, match="away"):
        list(ask_all(gone, requests(4), 1, skip=True))
    assert list(gone.asked) == ["0"]
