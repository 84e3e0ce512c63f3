"""A function of the user's: in a process of its own, which may print, crash or hang."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluation.contest.function import FunctionSystem
from evaluation.contest.system import Failure, Limits, Request

CODE = """
import os, time
import model  # the user's own, not Trivium's
print("reading the index")
os.system("echo from a child")

def answer(question):
    print("asked", question)
    if question == "crash": os._exit(3)
    if question == "hang": time.sleep(60)
    if question == "raise": return 1 / 0
    if question == "exit": raise SystemExit("enough")
    if question == "set": return {1, 2}
    if question == "nan": return {"answer": "x", "usage": {"usd": float("nan")}}
    if question == "long": return "x" * 5_000_000
    if question == "none": return None
    return {"answer": f"{model.NAME} says {question}", "passages": [{"document": "a.md", "text": question}]}

async def later(question):
    return "later"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rag.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "model.py").write_text('NAME = "mine"\n', encoding="utf-8")
    return tmp_path


@pytest.fixture
def system(folder: Path) -> Iterator[FunctionSystem]:
    made = FunctionSystem("own:mine", f"python:rag:answer@{folder}", Limits(20, 2))
    yield made
    made.close()


def test_what_it_returns_is_the_answer(system: FunctionSystem) -> None:
    system.ready()
    reply = system.ask(Request("q", "ä\u2028?"))
    assert reply.answer == "mine says ä\n?"
    assert reply.passages is not None
    assert reply.passages[0].document == "a.md"


@pytest.mark.parametrize(
    ("question", "reason", "again"),
    [
        ("raise", r"^it raised ZeroDivisionError: division by zero \(.*rag\.py, line 11\)$", False),
        ("exit", "^it raised SystemExit: enough", False),
        ("set", "^it returned what is no JSON", False),
        ("nan", "^it returned what is no JSON", False),
        ("none", "^it answered with null", False),
        ("long", "^its reply is larger than 4 MiB$", False),
        ("crash", "^its process ended$", True),
    ],
)
def test_what_may_go_wrong_and_then_it_goes_on(system: FunctionSystem, question: str, reason: str, again: bool) -> None:
    with pytest.raises(Failure, match=reason) as failure:
        system.ask(Request("q", question))
    assert failure.value.again is again
    assert not failure.value.gone
    assert system.ask(Request("q", "hello")).answer == "mine says hello"


def test_one_that_hangs_is_ended(folder: Path) -> None:
    system = FunctionSystem("own:mine", f"python:rag:answer@{folder}", Limits(0.5, 1))
    with pytest.raises(Failure, match=r"^no answer within 0\.5 seconds$"):
        system.ask(Request("q", "hang"))
    system.close()


def test_a_coroutine_is_awaited(folder: Path) -> None:
    system = FunctionSystem("own:mine", f"python:rag:later@{folder}", Limits(20, 1))
    assert system.ask(Request("q", "x")).answer == "later"
    system.close()


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("lost:answer", "ModuleNotFoundError: No module named 'lost'"),
        ("rag:nothing", "AttributeError: module 'rag' has no attribute 'nothing'"),
        ("rag:os", "TypeError: rag.os is no function"),
    ],
)
def test_what_cannot_be_loaded_is_told_before_anything_is_asked(folder: Path, place: str, reason: str) -> None:
    system = FunctionSystem("own:mine", f"python:{place}@{folder}", Limits())
    with pytest.raises(Failure, match=f"^it cannot be loaded: {reason}") as failure:
        system.ready()
    assert failure.value.gone
    system.close()
