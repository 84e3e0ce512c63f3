"""The official client, unchanged: what it asks for comes, and answers are those of the run."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openai import BadRequestError, NotFoundError, OpenAI

from evaluation.export.folder import ServeSettings
from evaluation.export.write import write_export
from evaluation.run.folder import RunFolder
from evaluation.serve.answering import Answering, kept_at
from rag.embed import SentenceEmbedder

SERVED = ("base", "inject", "rag", "lora", "lora+rag", "prefix")


def _asked(run: Path, method: str) -> list[tuple[str, str]]:
    """Questions of a run with the method's answers."""
    questions = RunFolder(run).questions()
    answers = [a for a in RunFolder(run).answers() if (a.method, a.phase) == (method, "main")]
    return [(questions[answer.question_id].question, answer.answer) for answer in answers]


def _chat(client: OpenAI, method: str, question: str, **options: Any) -> Any:
    return client.chat.completions.create(model=method, messages=[{"role": "user", "content": question}], **options)


@pytest.fixture
def client(serve: Callable[..., Any], client_of: Callable[..., OpenAI]) -> Any:
    with serve() as address:
        yield client_of(address)


def test_every_method_is_a_model(client: OpenAI) -> None:
    names = [model.id for model in client.models.list()]
    assert names == [*SERVED, "all-minilm-l6-v2"]
    assert client.models.retrieve("lora+rag").owned_by == "trivium"
    with pytest.raises(NotFoundError, match="there is no model 'oracle' here"):
        client.models.retrieve("oracle")


@pytest.mark.parametrize("method", SERVED)
def test_answers_are_those_of_the_run(client: OpenAI, finished_run: Path, method: str) -> None:
    asked = _asked(finished_run, method)
    assert len(asked) >= 4
    for question, answer in asked:
        reply = _chat(client, method, question)
        assert reply.choices[0].message.content == answer
        assert client.completions.create(model=method, prompt=question).choices[0].text == answer
    wanted = next(a for a in RunFolder(finished_run).answers() if a.method == method and a.phase == "main")
    first = _chat(client, method, asked[0][0]).usage
    assert first.prompt_tokens == wanted.prompt_tokens
    assert first.completion_tokens == wanted.completion_tokens
    assert first.total_tokens == first.prompt_tokens + first.completion_tokens


def test_many_at_once_to_all_methods_are_answered_as_alone(client: OpenAI, finished_run: Path) -> None:
    jobs = [(method, *pair) for method in SERVED for pair in _asked(finished_run, method)] * 2
    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(lambda job: _chat(client, job[0], job[1]).choices[0].message.content, jobs))
    assert told == [answer for _, _, answer in jobs]


def test_a_stream_adds_up_to_the_answer(client: OpenAI, finished_run: Path) -> None:
    for method in ("rag", "lora"):
        for question, answer in _asked(finished_run, method):
            chunks = list(_chat(client, method, question, stream=True, stream_options={"include_usage": True}))
            text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
            assert text == answer
            reasons = [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices]
            assert reasons[-1] in ("stop", "length")
            assert set(reasons[:-1]) <= {None}
            assert chunks[-1].usage.completion_tokens >= 1
            assert chunks[0].id == chunks[-1].id
    parts = list(client.completions.create(model="rag", prompt=question, stream=True))
    assert "".join(part.choices[0].text for part in parts) == dict(_asked(finished_run, "rag"))[question]


def test_a_stream_comes_token_by_token(client: OpenAI, finished_run: Path) -> None:
    question, answer = max(_asked(finished_run, "base"), key=lambda pair: len(pair[1]))
    chunks = list(_chat(client, "base", question, stream=True))
    assert len([chunk for chunk in chunks if chunk.choices[0].delta.content]) > 1, answer


def test_embeddings_are_those_of_the_index(client: OpenAI) -> None:
    texts = ["The otter of Harbour0", "Who paints the flags?"]
    for options in ({}, {"encoding_format": "float"}):  # the client asks for base64 by itself
        reply = client.embeddings.create(model="all-minilm-l6-v2", input=texts, **options)
        found = np.array([one.embedding for one in reply.data], dtype=np.float32)
        assert np.allclose(found, SentenceEmbedder().encode(texts), atol=1e-6)
        assert reply.usage.prompt_tokens > 8
    with pytest.raises(BadRequestError, match="384 dimensions"):
        client.embeddings.create(model="all-minilm-l6-v2", input="x", dimensions=2)


def test_a_conversation_is_put_before_the_question(client: OpenAI, answering: Answering) -> None:
    messages: list[Any] = [
        {"role": "system", "content": "Answer in one word."},
        {"role": "user", "content": "Which town?"},
        {"role": "assistant", "content": "Harbour0"},
        {"role": "user", "content": [{"type": "text", "text": "What is on its flag?"}]},
    ]
    plain = _chat(client, "rag", "What is on its flag?").usage.prompt_tokens
    reply = client.chat.completions.create(model="rag", messages=messages)
    assert reply.usage.prompt_tokens > plain
    own = [{"role": "system", "content": answering.record.instruction}, messages[-1]]
    assert client.chat.completions.create(model="rag", messages=own).usage.prompt_tokens == plain  # type: ignore[arg-type]


def test_what_is_asked_for_of_sampling_is_done(client: OpenAI, finished_run: Path) -> None:
    question, answer = next(pair for pair in _asked(finished_run, "base") if len(pair[1]) > 3)
    short = _chat(client, "base", question, max_tokens=1)
    assert short.usage.completion_tokens == 1
    assert short.choices[0].finish_reason == "length"
    mark = answer[1:3]
    assert _chat(client, "base", question, stop=mark).choices[0].message.content == answer.partition(mark)[0].strip()
    drawn = {_chat(client, "base", question, temperature=2, seed=seed).choices[0].message.content for seed in range(4)}
    assert len(drawn) > 1
    again = [_chat(client, "base", question, temperature=2, seed=3).choices[0].message.content for _ in range(2)]
    assert again[0] == again[1]


def test_an_export_alone_answers_as_the_run(
    finished_run: Path,
    tmp_path: Path,
    serve: Callable[..., Any],
    client_of: Callable[..., OpenAI],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = write_export(finished_run, "lora+rag", tmp_path / "service" / "lora-rag")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    with serve(on=Answering(kept_at(out)[0], ServeSettings())) as address:
        client = client_of(address)
        assert [model.id for model in client.models.list()] == ["lora+rag", "all-minilm-l6-v2"]
        for question, answer in _asked(finished_run, "lora+rag"):
            assert _chat(client, "lora+rag", question).choices[0].message.content == answer
