"""One conformance test over every method: same questions, same prompt, same weights."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from data.errors import TriviumError
from data.progress import silent
from data.prompt import PROMPT
from data.schema import Domain
from evaluation.run.methods import Method
from evaluation.run.records import Answer
from evaluation.run.registry import default_methods
from evaluation.run.settings import RunSettings
from finetune.settings import TrainingSettings
from model.local import LocalModel
from model.sampling import Sampling


@pytest.fixture
def settings(domain: Domain) -> RunSettings:
    return RunSettings(
        domain=domain.folder, sampling=Sampling(max_new_tokens=5, stop=()), batch_size=2, chunk_tokens=60, top_k=2,
        training=TrainingSettings(rank=4, epochs=8, learning_rate=1e-2, rehearsal=0),
    )  # fmt: skip


@pytest.fixture
def method(
    request: pytest.FixtureRequest,
    domain: Domain,
    settings: RunSettings,
    tiny_model: LocalModel,
    embedder: Any,
    tmp_path: Path,
) -> Method:
    made = Method(request.param, settings, tmp_path / "run", domain.split("train"), lambda: embedder, seed=0)
    made.prepare(domain, tiny_model, silent)
    return made


def _questions(method: Method) -> Any:
    test = method.domain_.split("test")
    return [q for q in test if q.answerable] if method.name == "oracle" else test


def _answers(method: Method, **options: Any) -> list[Answer]:
    return [answer for batch in method.answer(method.trace(_questions(method)), **options) for answer in batch]


@pytest.mark.parametrize("method", default_methods(), indirect=True)
def test_conformance(method: Method, tiny_model: LocalModel) -> None:
    questions = _questions(method)
    before = tiny_model.fingerprint()
    answers = _answers(method)
    assert sorted(a.question_id for a in answers) == sorted(q.id for q in questions), "each question is answered once"
    assert tiny_model.fingerprint() == before, "the base weights are frozen"
    texts = {a.question_id: a.answer for a in answers}
    assert {a.question_id: a.answer for a in _answers(method)} == texts, "the same settings give the same answers"
    for answer in answers:
        assert answer.method == method.name
        assert 0 < answer.completion_tokens <= 5
        assert answer.cached_tokens < answer.prompt_tokens


@pytest.mark.parametrize("method", default_methods(), indirect=True)
def test_the_prompt_minus_its_context_is_the_base_prompt(method: Method, tiny_model: LocalModel) -> None:
    questions = _questions(method)
    for question, prompt in zip(questions, method.trace(questions), strict=True):
        plain = tiny_model.render(PROMPT.messages("Answer briefly.", question.question))
        if not prompt.passages:
            assert prompt.text == plain
            continue
        blocks = "\n\n".join(PROMPT.passage.format(title=p.title, text=p.text) for p in prompt.passages)
        block = PROMPT.context.format(passages=blocks)
        assert prompt.text.count(block) == 1
        assert prompt.text.replace(block, "") == plain


@pytest.mark.parametrize("method", default_methods(), indirect=True)
def test_a_resumed_method_repeats_whole_batches(method: Method) -> None:
    whole = list(method.answer(method.trace(_questions(method))))
    rest = list(method.answer(method.trace(_questions(method)), done=frozenset({0})))
    assert [[(a.question_id, a.answer) for a in b] for b in rest] == [
        [(a.question_id, a.answer) for a in b] for b in whole[1:]
    ]
    assert all(answer.batch_rows == len(batch) for batch in whole for answer in batch)


@pytest.mark.parametrize("method", ["lora"], indirect=True)
def test_lora_reads_exactly_the_base_prompt_and_answers_otherwise(
    method: Method, domain: Domain, settings: RunSettings, tiny_model: LocalModel, embedder: Any, tmp_path: Path
) -> None:
    base = Method("base", settings, tmp_path / "run", (), lambda: embedder, seed=0)
    base.prepare(domain, tiny_model, silent)
    theirs, ours = _answers(base), _answers(method)
    assert {a.question_id: a.prompt_sha256 for a in theirs} == {a.question_id: a.prompt_sha256 for a in ours}
    assert {a.question_id: a.answer for a in theirs} != {a.question_id: a.answer for a in ours}
    assert [a.answer for a in _answers(base)] == [a.answer for a in theirs], "base after lora is base"


@pytest.mark.parametrize("method", ["lora"], indirect=True)
def test_lora_without_an_adapter_refuses(method: Method) -> None:
    method.trained_ = None
    with pytest.raises(TriviumError, match="has no adapter"):
        _answers(method)


@pytest.mark.parametrize("method", ["rag", "inject", "oracle"], indirect=True)
def test_every_prompt_can_be_put_together_again(method: Method, tiny_model: LocalModel) -> None:
    chunks = {p.chunk_id: p for p in method.prepare(method.domain_, tiny_model, silent).chunks}
    by_id = {question.id: question for question in method.domain_.questions}
    for answer in _answers(method):
        passages = [chunks[context.chunk_id] for context in answer.contexts]
        again = tiny_model.render(PROMPT.messages("Answer briefly.", by_id[answer.question_id].question, passages))
        assert hashlib.sha256(again.encode()).hexdigest() == answer.prompt_sha256


@pytest.mark.parametrize("method", ["rag"], indirect=True)
def test_a_prompt_that_is_too_long_loses_its_last_passages(method: Method, tiny_model: LocalModel) -> None:
    tiny_model.network.config.max_position_embeddings = 130
    (answer,) = [a for batch in method.answer(method.trace(_questions(method)[:1])) for a in batch]
    assert len(answer.contexts) < 2
    assert answer.prompt_tokens + 5 <= 130


@pytest.mark.parametrize("method", default_methods(), indirect=True)
def test_one_question_at_a_time(method: Method) -> None:
    question = _questions(method)[0]
    for cold in (True, False):
        answer, _, first, total = method.ask(question, cold)
        assert answer.question_id == question.id
        assert 0 < first < total
