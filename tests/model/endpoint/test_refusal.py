"""Refusing above a threshold behind a server: by the chance of the word, as with weights on this machine."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from fake_server import FakeServer, be_impatient, serving

from data.errors import Incapable, ServerFailure
from data.prompt import PROMPT
from model.endpoint.opening import open_endpoint
from model.endpoint.remote import EndpointModel
from model.language_model import Generation
from model.options import ModelOptions
from model.sampling import Sampling

ABOVE = Sampling(refuse_above=0.4)


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., FakeServer]]:
    """Starts servers whose model says "seven"; it says "unknown" where that has a chance of one half or more."""
    be_impatient(monkeypatch)
    with ExitStack() as running:
        yield lambda **options: running.enter_context(
            serving(FakeServer(**({"answer": lambda messages: "seven"} | options)))
        )


def opened(server: FakeServer) -> EndpointModel:
    return open_endpoint("tiny", ModelOptions(base_url=server.url))


def answer(model: EndpointModel, sampling: Sampling) -> Generation:
    prompt = model.render(PROMPT.messages("Be brief.", "Which number?"))
    [[(_, said)]] = model.generate([prompt], sampling)
    return said


@pytest.mark.parametrize(
    ("chance", "above", "text"),
    [
        (0.3, None, "seven"),  # without a threshold the likeliest token
        (0.45, 0.4, "unknown"),  # not the likeliest, and above
        (0.3, 0.4, "seven"),
        (0.6, 0.4, "unknown"),
        (0.6, 0.7, "seven"),  # the likeliest, and below: kept out
        (0.6, None, "unknown"),
    ],
)
def test_an_answer_is_unknown_exactly_where_its_chance_is_above(
    start: Any, chance: float, above: float | None, text: str
) -> None:
    server = start()
    model = opened(server)
    server.unknown = chance
    assert answer(model, Sampling(refuse_above=above)).text == text
    prompt = model.render(PROMPT.messages("Be brief.", "Which number?"))
    assert model.generate_one(prompt, Sampling(refuse_above=above))[0].text == text


def test_what_a_second_request_used_is_counted(start: Any) -> None:
    server = start()
    model = opened(server)
    once = answer(model, ABOVE)
    server.unknown = 0.6
    twice = answer(model, Sampling(refuse_above=0.7))
    assert twice.prompt_tokens == 2 * once.prompt_tokens
    assert (once.completion_tokens, twice.completion_tokens) == (1, 2)
    assert server.chats[-1]["logit_bias"] == {"0": -100.0}


def test_a_server_that_keeps_no_token_out_is_found_out(start: Any) -> None:
    server = start()
    model = opened(server)
    server.unknown, server.keeps_out = 0.6, False
    with pytest.raises(ServerFailure, match=r"does not keep out a token \(logit_bias\)"):
        answer(model, Sampling(refuse_above=0.7))


@pytest.mark.parametrize(
    ("options", "above", "reason"),
    [
        ({"refuses": {'"logprobs"': "logprobs are not supported"}}, 0.4, "gives no log probabilities"),
        ({"owner": "somebody", "window": 8192}, 0.4, "does not tell the number of a token"),
        ({}, 0.01, "give a threshold from 0.05 on"),
    ],
)
def test_what_a_server_does_not_show_is_told(start: Any, options: dict[str, Any], above: float, reason: str) -> None:
    model = opened(start(**options))
    with pytest.raises(Incapable, match=f"^--refuse-above: n/a behind http.*{reason}"):
        model.check_threshold(above)


def test_a_word_of_several_tokens_is_told(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    model = opened(start())
    monkeypatch.setattr("model.endpoint.refusal.ABSTENTION", "un known")
    with pytest.raises(Incapable, match="several tokens"):
        model.check_threshold(0.4)


def test_a_server_that_shows_what_is_needed_passes(start: Any) -> None:
    opened(start()).check_threshold(0.4)
