"""One conformance test over every method: same questions, same prompt, same weights."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from data.errors import TriviumError
from data.progress import silent
from data.prompt import PROMPT
from data.schema import Domain
from evaluation.run.methods import RECIPES, Road
from evaluation.run.records import Answer
from evaluation.run.settings import METHOD_NAMES, RunSettings
from finetune.settings import TrainingSettings
from model.base import BaseModel
from model.sampling import Sampling


@pytest.fixture
def settings(domain: Domain) -> RunSettings:
    return RunSettings(
        domain=domain.folder, sampling=Sampling(max_new_tokens=5, stop=()), batch_size=2, chunk_tokens=60, top_k=2,
        training=TrainingSettings(rank=4, epochs=8, learning_rate=1e-2),
    )  # fmt: skip


@pytest.fixture
def road(
    request: pytest.FixtureRequest,
    domain: Domain,
    settings: RunSettings,
    tiny_model: BaseModel,
    embedder: Any,
    tmp_path: Path,
) -> Road:
    made = Road(request.param, settings, tmp_path / "run", domain.split("train"), embedder, seed=0)
    made.prepare(domain, tiny_model, silent)
    return made


def _questions(road: Road) -> Any:
    test = road.domain_.split("test")
    return [q for q in test if q.answerable] if road.name == "oracle" else test


def _answers(road: Road, **options: Any) -> list[Answer]:
    return [answer for batch in road.answer(_questions(road), **options) for answer in batch]


def test_the_table_of_methods_is_complete() -> None:
    assert tuple(RECIPES) == METHOD_NAMES


@pytest.mark.parametrize("road", METHOD_NAMES, indirect=True)
def test_conformance(road: Road, tiny_model: BaseModel) -> None:
    questions = _questions(road)
    before = tiny_model.fingerprint()
    answers = _answers(road)
    assert sorted(a.question_id for a in answers) == sorted(q.id for q in questions), "each question is answered once"
    assert tiny_model.fingerprint() == before, "the base weights are frozen"
    assert _answers(road) != []
    texts = {a.question_id: a.answer for a in answers}
    assert {a.question_id: a.answer for a in _answers(road)} == texts, "the same settings give the same answers"
    for answer in answers:
        assert answer.method == road.name
        assert 0 < answer.completion_tokens <= 5
        assert answer.cached_tokens < answer.prompt_tokens


@pytest.mark.parametrize("road", METHOD_NAMES, indirect=True)
def test_the_prompt_minus_its_context_is_the_base_prompt(road: Road, tiny_model: BaseModel) -> None:
    questions = _questions(road)
    for question, (prompt, context) in zip(questions, road.prompts(questions), strict=True):
        plain = tiny_model.render(PROMPT.messages("Answer briefly.", question.question))
        if not context.passages:
            assert prompt == plain
            continue
        blocks = "\n\n".join(PROMPT.passage.format(title=p.title, text=p.text) for p in context.passages)
        block = PROMPT.context.format(passages=blocks)
        assert prompt.count(block) == 1
        assert prompt.replace(block, "") == plain


@pytest.mark.parametrize("road", METHOD_NAMES, indirect=True)
def test_a_resumed_method_repeats_whole_batches(road: Road) -> None:
    whole = list(road.answer(_questions(road)))
    rest = list(road.answer(_questions(road), done=frozenset({0})))
    assert [[(a.question_id, a.answer) for a in b] for b in rest] == [
        [(a.question_id, a.answer) for a in b] for b in whole[1:]
    ]
    assert all(answer.batch_rows == len(batch) for batch in whole for answer in batch)


@pytest.mark.parametrize("road", ["lora"], indirect=True)
def test_lora_reads_exactly_the_base_prompt_and_answers_otherwise(
    road: Road, domain: Domain, settings: RunSettings, tiny_model: BaseModel, embedder: Any, tmp_path: Path
) -> None:
    base = Road("base", settings, tmp_path / "run", (), embedder, seed=0)
    base.prepare(domain, tiny_model, silent)
    theirs, ours = _answers(base), _answers(road)
    assert {a.question_id: a.prompt_sha256 for a in theirs} == {a.question_id: a.prompt_sha256 for a in ours}
    assert {a.question_id: a.answer for a in theirs} != {a.question_id: a.answer for a in ours}
    assert [a.answer for a in _answers(base)] == [a.answer for a in theirs], "base after lora is base"


@pytest.mark.parametrize("road", ["lora"], indirect=True)
def test_lora_without_an_adapter_refuses(road: Road) -> None:
    road.adapter_ = None
    with pytest.raises(TriviumError, match="has no adapter"):
        _answers(road)


@pytest.mark.parametrize("road", ["rag", "inject", "oracle"], indirect=True)
def test_every_prompt_can_be_put_together_again(road: Road, tiny_model: BaseModel) -> None:
    chunks = {p.chunk_id: p for p in road.prepare(road.domain_, tiny_model, silent).chunks}
    by_id = {question.id: question for question in road.domain_.questions}
    for answer in _answers(road):
        passages = [chunks[context.chunk_id] for context in answer.contexts]
        again = tiny_model.render(PROMPT.messages("Answer briefly.", by_id[answer.question_id].question, passages))
        assert hashlib.sha256(again.encode()).hexdigest() == answer.prompt_sha256


@pytest.mark.parametrize("road", ["rag"], indirect=True)
def test_a_prompt_that_is_too_long_loses_its_last_passages(road: Road, tiny_model: BaseModel) -> None:
    tiny_model.network.config.max_position_embeddings = 130
    (answer,) = [a for batch in road.answer(_questions(road)[:1]) for a in batch]
    assert len(answer.contexts) < 2
    assert answer.prompt_tokens + 5 <= 130


@pytest.mark.parametrize("road", METHOD_NAMES, indirect=True)
def test_one_question_at_a_time(road: Road) -> None:
    question = _questions(road)[0]
    for cold in (True, False):
        answer, first, total = road.ask(question, cold)
        assert answer.question_id == question.id
        assert 0 < first < total
