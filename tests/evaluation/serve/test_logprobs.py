"""Log probabilities in OpenAI's form, beside an independent computation: one token after the other, without a cache."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from openai import BadRequestError, OpenAI

from data.schema import Question
from evaluation.serve.answering import Answering

QUESTION = "Which animal is on the flag of Harbour1?"


def _step_by_step(answering: Answering, method: str, many: int) -> list[tuple[int, torch.Tensor]]:
    """The tokens of a greedy answer, each with the log probabilities of all in its place."""
    model: Any = answering.model
    one = answering.methods[method]
    answering.close()
    (prompt,) = one.trace([Question(id="asked", question=QUESTION, answers=())])
    found, ids = [], model.encode(prompt.text)
    with one.weights(), torch.inference_mode():
        for _ in range(many):
            before = model.virtual.as_cache(model.network) if model.virtual else None
            said = model.network(input_ids=torch.tensor([ids]), past_key_values=before).logits[0, -1]
            likely = torch.log_softmax(said.double(), dim=-1)
            found.append((int(likely.argmax()), likely))
            ids = [*ids, found[-1][0]]
    return found


@pytest.fixture
def client(serve: Callable[..., Any], client_of: Callable[..., OpenAI]) -> Any:
    with serve() as address:
        yield client_of(address)


@pytest.mark.parametrize("method", ["base", "inject", "rag", "lora", "lora+rag", "prefix"])
def test_they_are_those_of_the_method_own_model(client: OpenAI, answering: Answering, method: str) -> None:
    asked = [{"role": "user", "content": QUESTION}]
    reply: Any = client.chat.completions.create(
        model=method, messages=asked, logprobs=True, top_logprobs=5, extra_body={"seed": 1}
    )  # type: ignore[call-overload]
    choice = reply.choices[0]
    told = choice.logprobs.content
    wanted = _step_by_step(answering, method, len(told))
    model: Any = answering.model
    assert told
    assert model.decode([token for token, _ in wanted]).strip() == choice.message.content
    for one, (token, likely) in zip(told, wanted, strict=True):
        assert one.token == model.token_text(token)
        assert one.logprob == pytest.approx(float(likely[token]), abs=1e-4)
        part_of_a_character = "\ufffd" in one.token
        assert one.bytes == (None if part_of_a_character else list(one.token.encode()))
        values, tokens = likely.topk(5)
        assert [other.logprob for other in one.top_logprobs] == pytest.approx(values.tolist(), abs=1e-4)
        assert one.top_logprobs[0].token == model.token_text(int(tokens[0]))


def test_completions_word_them_in_their_own_way(client: OpenAI) -> None:
    asked = [{"role": "user", "content": QUESTION}]
    chat: Any = client.chat.completions.create(model="rag", messages=asked, logprobs=True)  # type: ignore[call-overload]
    wanted = [(one.token, one.logprob) for one in chat.choices[0].logprobs.content]
    assert [one.top_logprobs for one in chat.choices[0].logprobs.content] == [[]] * len(wanted)
    (choice,) = client.completions.create(model="rag", prompt=QUESTION, logprobs=2).choices
    told = choice.logprobs
    assert told is not None
    assert told.tokens == [token for token, _ in wanted]
    assert told.token_logprobs == pytest.approx([value for _, value in wanted], abs=1e-5)
    assert told.top_logprobs is not None
    assert all(len(one) == 2 for one in told.top_logprobs)
    for place, token in list(zip(told.text_offset or [], told.tokens or [], strict=True))[1:]:
        assert choice.text[place:].startswith(token.rstrip())


def test_a_stream_has_them_with_its_last_piece(client: OpenAI) -> None:
    asked: Any = {"model": "lora", "messages": [{"role": "user", "content": QUESTION}], "logprobs": True}
    whole = client.chat.completions.create(**asked).choices[0].logprobs.content
    chunks = list(client.chat.completions.create(**asked, stream=True))
    parts = [one for chunk in chunks if chunk.choices[0].logprobs for one in chunk.choices[0].logprobs.content]
    assert [one.token for one in parts] == [one.token for one in whole]
    assert [one.logprob for one in parts] == pytest.approx([one.logprob for one in whole], abs=1e-5)


def test_what_stands_after_a_stop_sequence_has_none(client: OpenAI) -> None:
    first = client.completions.create(model="base", prompt=QUESTION, logprobs=0).choices[0]
    assert first.logprobs is not None
    tokens = first.logprobs.tokens or []
    assert len(tokens) > 2
    cut = client.completions.create(model="base", prompt=QUESTION, logprobs=0, stop=tokens[-1]).choices[0]
    assert cut.logprobs is not None
    assert cut.logprobs.tokens is not None
    assert len(cut.logprobs.tokens) < len(tokens)
    assert cut.text.startswith("".join(cut.logprobs.tokens).strip())


@pytest.mark.parametrize("wrong", [{"top_logprobs": 3}, {"logprobs": True, "top_logprobs": 21}, {"logprobs": 2}])
def test_what_no_client_of_openai_sends_is_refused(client: OpenAI, wrong: dict[str, Any]) -> None:
    asked: Any = {"model": "rag", "messages": [{"role": "user", "content": QUESTION}]}
    with pytest.raises(BadRequestError):
        client.chat.completions.create(**asked, **wrong)
    with pytest.raises(BadRequestError, match="0 to 5"):
        client.completions.create(model="rag", prompt=QUESTION, logprobs=6)


def test_a_model_that_shows_none_is_said_to(
    serve: Callable[..., Any], slow: Any, client_of: Callable[..., OpenAI]
) -> None:
    slow.no_log_probabilities = "far gives no probabilities of the next token"
    asked: Any = {"model": "rag", "messages": [{"role": "user", "content": QUESTION}]}
    with serve(on=slow) as address:
        for stream in (False, True):
            with pytest.raises(BadRequestError, match="gives no probabilities") as told:
                client_of(address).chat.completions.create(**asked, logprobs=True, stream=stream)
            assert told.value.code == "logprobs_not_available"
        slow.go.set()
        assert client_of(address).chat.completions.create(**asked, logprobs=False).choices
