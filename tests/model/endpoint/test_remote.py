"""A model behind a server: what is sent, what is read, and each fault as one sentence with nothing lost."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from fake_server import FakeServer, be_impatient, from_, nth, serving

from data.errors import ServerFailure, TriviumError
from data.prompt import PROMPT, Message
from model.endpoint.opening import open_endpoint
from model.endpoint.remote import EndpointModel
from model.language_model import Logits, Prompt, Trainable, Weights
from model.options import ModelOptions
from model.sampling import Sampling

KEY = "sk-very-secret-key"


def echo(messages: Any) -> str:
    """The last word of the question."""
    return str(messages[-1]["content"].partition("\n")[0].split()[-1].strip("?"))


@pytest.fixture
def start() -> Iterator[Callable[..., FakeServer]]:
    """Starts servers that end with the test."""
    running: list[Any] = []

    def make(**options: Any) -> FakeServer:
        context = serving(FakeServer(**({"answer": echo} | options)))
        running.append(context)
        return context.__enter__()

    yield make
    for context in running:
        context.__exit__(None, None, None)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    be_impatient(monkeypatch)


def opened(server: FakeServer, **options: Any) -> EndpointModel:
    return open_endpoint("tiny", ModelOptions(base_url=server.url, **{"time_limit": 100.0} | options))


def questions(model: EndpointModel, count: int) -> list[Prompt]:
    return [model.render(PROMPT.messages("Be brief.", f"Which is number {n}?")) for n in range(count)]


def texts(model: EndpointModel, prompts: list[Prompt], **options: Any) -> dict[int, str]:
    return {place: said.text for batch in model.generate(prompts, Sampling(), **options) for place, said in batch}


def test_the_messages_of_the_one_prompt_builder_are_sent_greedily(start: Any) -> None:
    server = start()
    model = opened(server)
    messages: list[Message] = PROMPT.messages("Be brief.", "Which is number 7?")
    [[(place, said)]] = model.generate([model.render(messages)], Sampling(max_new_tokens=9))
    sent = server.chats[-1]
    assert (sent["messages"], sent["model"]) == (messages, "tiny")
    assert (sent["temperature"], sent["max_tokens"], sent["stop"]) == (0.0, 9, ["\n"])
    assert (sent["repetition_penalty"], sent["chat_template_kwargs"]) == (1.0, {"enable_thinking": False})
    assert (place, said.text, said.finish_reason) == (0, "7", "stop")


def test_a_text_to_go_on_with_is_sent_with_the_request_to_go_on(start: Any) -> None:
    server = start()
    model = opened(server)
    texts(model, [Prompt.plain("Text: 27 cars.\nQuestion: How many")])
    system, user = server.chats[-1]["messages"]
    assert system["content"].startswith("Go on with this text")
    assert user == {"role": "user", "content": "Text: 27 cars.\nQuestion: How many"}


def test_tokens_are_those_that_the_server_counts(start: Any) -> None:
    server = start()
    server.cached = 4
    model = opened(server)
    [[(_, said)]] = model.generate(questions(model, 1), Sampling())
    words = sum(len(message["content"].split()) for message in server.chats[-1]["messages"])
    assert (said.prompt_tokens, said.cached_tokens, said.completion_tokens) == (words, 4, 1)
    assert model.count_tokens("three words here") == 3
    assert model.window == 8192


def test_batches_are_a_function_of_the_list_and_those_done_are_not_asked(start: Any) -> None:
    server = start()
    model = opened(server)
    prompts = questions(model, 40)
    batches = [[place for place, _ in batch] for batch in model.generate(prompts, Sampling())]
    assert batches == [list(range(16)), list(range(16, 32)), list(range(32, 40))]
    server.chats.clear()
    assert texts(model, prompts, done=frozenset({0, 2})) == {n: str(n) for n in range(16, 32)}
    assert len(server.chats) == 16


def test_as_many_requests_are_under_way_as_asked_for(start: Any) -> None:
    """This server answers only when sixteen ask it at once; that one by one never two do is seen on another."""
    server = start()
    model = opened(server)
    server.meet = threading.Barrier(16)
    assert texts(model, questions(model, 32)) == {n: str(n) for n in range(32)}
    alone = start()
    texts(opened(alone, concurrency=1), questions(model, 20))
    assert (server.most_at_once, alone.most_at_once) == (16, 1)


@pytest.mark.parametrize("fault", ["429", "500", "503", "broken", "empty", "drop", "408"])
def test_a_passing_fault_is_asked_again(start: Any, fault: str) -> None:
    server = start(fault=nth(fault, 3, 7))
    model = opened(server)
    assert texts(model, questions(model, 20)) == {n: str(n) for n in range(20)}
    assert len(server.chats) == 1 + 20 + 2


SENTENCES = {
    "429": "the server's limit was met 6 times in a row, to be asked again after 0.01 s (429: said so)",
    "500": "the server fails, 6 times in a row (500: said so)",
    "broken": "its answers are not in the form of /chat/completions, 6 times in a row",
    "empty": "its answers are not in the form of /chat/completions, 6 times in a row (choices: list should have",
    "drop": "no server answers there (",
    "401": "the server asks for a key (401). Put the right one into TRIVIUM_API_KEY or OPENAI_API_KEY",
    "400": "the server refuses what it is asked (400: said so)",
}


@pytest.mark.parametrize("fault", SENTENCES)
def test_a_lasting_fault_is_one_sentence_and_whole_batches_are_kept(start: Any, fault: str) -> None:
    """The first 16 questions are answered one by one; then nothing is any more."""
    server = start(fault=from_(fault, 1 + 20))
    model = opened(server, concurrency=1)
    kept: dict[int, str] = {}

    def ask_all() -> None:
        for batch in model.generate(questions(model, 40), Sampling()):
            kept.update({place: said.text for place, said in batch})

    with pytest.raises(ServerFailure) as told:
        ask_all()
    assert kept == {n: str(n) for n in range(16)}
    assert SENTENCES[fault] in str(told.value)
    assert str(told.value).startswith(server.url)
    assert str(told.value).count(". ") <= 1
    server.fault = lambda number, body: ""
    rest = texts(model, questions(model, 40), done=frozenset({0}))
    assert kept | rest == {n: str(n) for n in range(40)}


def test_a_silent_server_is_one_sentence(start: Any) -> None:
    server = start(fault=from_("hang", 1))
    model = opened(server)
    model.chat.address = replace(model.chat.address, time_limit=0.2)
    with pytest.raises(
        ServerFailure, match=r"no answer within 0\.2 seconds, 6 times in a row\. Give it more with --time"
    ):
        texts(model, questions(model, 3))


def test_a_server_that_is_gone_is_one_sentence() -> None:
    with pytest.raises(ServerFailure, match=r"http://127.0.0.1:9/v1: no server answers there \(.*refused.*\)\. Start"):
        open_endpoint("tiny", ModelOptions(base_url="http://127.0.0.1:9/v1"))


def test_an_empty_answer_counts_where_the_server_ended_it(start: Any) -> None:
    model = opened(start(answer=lambda messages: ""))
    [[(_, said)]] = model.generate(questions(model, 1), Sampling())
    assert (said.text, said.finish_reason, said.completion_tokens) == ("", "stop", 0)


def test_a_key_is_sent_and_never_shown(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server = start(key=KEY)
    with pytest.raises(ServerFailure, match="the server asks for a key"):
        opened(server)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-another-secret")
    with pytest.raises(ServerFailure, match="does not accept the key") as told:
        opened(server)
    assert "secret" not in str(told.value)
    monkeypatch.setenv("TRIVIUM_API_KEY", KEY)
    model = opened(server)
    assert KEY not in repr(model.identity()) + repr(vars(model)) + repr(model.chat.address)
    server.refuses = {"number": f"odd request by {KEY}"}
    with pytest.raises(ServerFailure, match=r"odd request by \*\*\*"):
        texts(model, questions(model, 1))


@pytest.mark.parametrize("url", ["http://me:pw@host/v1", "https://host/v1?key=abc"])
def test_an_address_with_a_key_in_it_is_not_written_down(url: str) -> None:
    with pytest.raises(TriviumError, match="without a key") as told:
        open_endpoint("tiny", ModelOptions(base_url=url))
    assert "pw" not in str(told.value)
    assert "abc" not in str(told.value)


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://host/v1", "http://", "http://host:port/v1", "http://[::1"])
def test_what_is_no_address_is_told(url: str) -> None:
    with pytest.raises(TriviumError, match="give the address of a server"):
        open_endpoint("tiny", ModelOptions(base_url=url))


def test_a_model_that_is_not_there_is_told_with_those_that_are(start: Any) -> None:
    with pytest.raises(TriviumError, match=r"has no model 'other'\. It has: tiny\."):
        open_endpoint("other", ModelOptions(base_url=start().url))


def test_parameters_that_a_model_does_not_take_are_left_out(start: Any) -> None:
    refused = {
        '"max_tokens"': "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead.",
        '"temperature"': "Unsupported value: 'temperature' does not support 0 with this model.",
        '"stop"': "Unsupported parameter: 'stop' is not supported with this model.",
        '"system"': "System role not supported",
    }
    server = start(refuses=refused, owner="somebody", answer=lambda messages: "0\nand more")
    model = opened(server)
    [[(_, said)]] = model.generate(questions(model, 1), Sampling())
    assert (said.text, said.finish_reason) == ("0", "stop")
    assert set(server.chats[-1]) == {"model", "messages", "max_completion_tokens"}
    [message] = server.chats[-1]["messages"]
    assert message["role"] == "user"
    assert message["content"].startswith("Be brief.")
    assert any("takes no temperature" in note for note in model.notes)
    assert any("no system message" in note for note in model.notes)


def test_a_window_that_the_server_does_not_name_is_asked_for(start: Any) -> None:
    server = start(window=None)
    with pytest.raises(TriviumError, match="Give --window"):
        opened(server)
    assert opened(server, window=4096).window == 4096


def test_a_server_that_cuts_prompts_is_found_out(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    model = opened(start())
    monkeypatch.setattr("fake_server.words", lambda messages: 10)
    with pytest.raises(ServerFailure, match=r"read 10 tokens of a prompt of 4,\d+ characters.*--window"):
        texts(model, [model.render(PROMPT.messages("Be brief.", "x " * 2000))])


def test_counts_without_a_tokenizer_are_estimates_and_say_so(start: Any) -> None:
    model = opened(start(owner="somebody"))
    assert model.count_tokens("abcdefg") == 2
    assert model.count_tokens("abcdefgh") == 3
    assert any(re.search("token counts of documents are estimated", note) for note in model.notes)


def test_one_question_comes_as_a_stream(start: Any) -> None:
    server = start(answer=lambda messages: "three whole words")
    model = opened(server)
    said, first = model.generate_one(questions(model, 1)[0], Sampling())
    assert server.chats[-1]["stream"] is True
    assert (said.text, said.completion_tokens, said.finish_reason) == ("three whole words", 3, "stop")
    assert 0 < first <= said.seconds
    server.streams_usage = False
    said, _ = model.generate_one(questions(model, 1)[0], Sampling())
    assert (said.text, said.completion_tokens) == ("three whole words", 3)


def test_a_broken_stream_is_asked_for_again(start: Any) -> None:
    server = start(fault=nth("drop", 1))
    model = opened(server)
    assert model.generate_one(questions(model, 1)[0], Sampling())[0].text == "0"


def test_one_question_shows_what_a_server_can_do(start: Any) -> None:
    server = start()
    server.cached = 3
    assert opened(server).abilities() == {
        "server": "vLLM 0.11",
        "answers": "as tiny, fingerprint fp_1",
        "usage": "counted, cached tokens too",
        "probabilities of tokens": "shown",
        "tokenizer": "counts tokens",
        "adapters": "loads them by name while it runs (--train-with), if it was started for that",
        "models": "tiny",
    }
    plain = start(owner="somebody", refuses={"logprobs": "logprobs are not supported"})
    found = opened(plain).abilities()
    assert found["probabilities of tokens"] == "not shown"
    assert found["tokenizer"].startswith("none: ")
    assert found["adapters"] == "takes none, as far as is known"


def test_it_has_no_capability_that_needs_weights(start: Any) -> None:
    model = opened(start())
    assert [isinstance(model, kind) for kind in (Weights, Trainable, Logits)] == [False] * 3


def test_identity_is_what_the_server_reports_with_its_day(start: Any) -> None:
    server = start()
    identity = opened(server).identity()
    assert identity["served"] == {"id": "tiny", "owned_by": "vllm", "max_model_len": 8192}
    assert identity["base_url"] == server.url
    assert identity["reported"].keys() == {"day", "created", "server", "system_fingerprint"}
    assert (identity["reported"]["server"], identity["reported"]["system_fingerprint"]) == ("vLLM 0.11", "fp_1")


def test_a_run_that_goes_on_keeps_its_identity_and_tells_what_changed(start: Any) -> None:
    server = start()
    before = opened(server).identity()
    server.fingerprint = "fp_2"
    after = opened(server)
    told: list[str] = []
    after.tell = told.append
    after.go_on_as(before)
    assert after.identity() == before
    assert told == ["openai:tiny: system_fingerprint was fp_1 when the run began, and is fp_2"]
