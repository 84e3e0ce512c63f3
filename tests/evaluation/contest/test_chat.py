"""A system of the user's that speaks OpenAI's protocol, and every way in which it may not answer."""

from collections.abc import Iterator

import pytest
from fake_server import FakeServer, serving

from evaluation.contest.chat import ChatSystem
from evaluation.contest.system import Failure, Limits, Request, open_system

ASKED = Request("q1", "Which animal?", "Answer briefly.", "en")


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with serving(FakeServer(lambda messages: f"otter, {messages[-1]['content']}", model="my-rag")) as made:
        yield made


@pytest.mark.parametrize("ending", ["", "/", "/chat/completions", "#my-rag", "/chat/completions#my-rag"])
def test_the_question_is_the_users_message(server: FakeServer, ending: str) -> None:
    system = open_system("own:mine", server.url + ending, Limits(5))
    assert isinstance(system, ChatSystem)
    system.ready()
    reply = system.ask(ASKED)
    system.close()
    assert reply.answer == "otter, Which animal?"
    assert (reply.passages, reply.usage.prompt_tokens, reply.usage.completion_tokens) == (None, 4, 3)
    [sent] = server.chats
    assert (sent["model"], sent["temperature"]) == ("my-rag", 0)
    assert [message["content"] for message in sent["messages"]] == ["Answer briefly.", "Which animal?"]


def test_what_it_does_not_count_or_take_is_no_failure(server: FakeServer) -> None:
    server.usage, server.refuses = False, {"max_tokens": "Unsupported parameter: use max_completion_tokens."}
    system = ChatSystem("own:mine", server.url, Limits(5))
    for _ in range(2):
        reply = system.ask(ASKED)
        assert (reply.answer, reply.usage.prompt_tokens) == ("otter, Which animal?", None)
    system.close()
    assert "max_completion_tokens" in server.chats[-1]


@pytest.mark.parametrize(
    ("fault", "reason", "gone"),
    [
        ("500", r"^the server fails, 3 times in a row \(500", False),
        ("429", "^the server's limit was met 3 times in a row", False),
        ("broken", "^its answers are not in the form of /chat/completions", False),
        ("hang", r"^no answer within 0\.2 seconds", False),
    ],
)
def test_what_may_go_wrong(fault: str, reason: str, gone: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.endpoint.chat._PAUSE", 0.01)
    with serving(FakeServer(lambda messages: "x", fault=lambda number, body: fault)) as server:
        system = ChatSystem("own:mine", server.url, Limits(0.2))
        with pytest.raises(Failure, match=reason) as failure:
            system.ask(ASKED)
        system.close()
    assert (failure.value.gone, failure.value.again) == (gone, False)
    assert "--" not in failure.value.reason, "no option of another model"


def test_keys_models_and_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(FakeServer(lambda messages: "x", model="a", key="secret")) as server:
        server.models = ["a", "b"]
        with pytest.raises(Failure, match=r"^the server asks for a key \(401\)$") as failure:
            ChatSystem("own:mine", server.url, Limits(5)).ready()
        assert failure.value.gone
        monkeypatch.setenv("TRIVIUM_KEY_MINE", "secret")
        with pytest.raises(Failure, match=f"^it serves a, b. Put the one to ask behind the address: {server.url}#NAME"):
            ChatSystem("own:mine", server.url, Limits(5)).ready()
        with pytest.raises(Failure, match=r"^it serves no 'c', but a, b"):
            ChatSystem("own:mine", f"{server.url}#c", Limits(5)).ready()
        ChatSystem("own:mine", f"{server.url}#b", Limits(5)).ready()
    with pytest.raises(Failure, match=r"^no server answers there") as failure:
        ChatSystem("own:mine", server.url, Limits(1)).ready()
    assert failure.value.gone
