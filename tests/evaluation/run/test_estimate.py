"""A prediction is made from what the run will really ask and train."""

from dataclasses import replace
from typing import Any

import pytest

from data.gold import GoldPassages
from data.schema import Domain
from evaluation.run.estimate import answers_of, estimate
from evaluation.run.plan import make_plan
from evaluation.run.registry import spec_of
from evaluation.run.settings import RunSettings
from finetune import rehearsal
from finetune.examples import training_examples
from finetune.settings import TrainingSettings
from model.sampling import Sampling
from rag.chunk import chunk


def settings(domain: Domain, **options: Any) -> RunSettings:
    fields = {"domain": domain.folder, "sampling": Sampling(max_new_tokens=4), "chunk_tokens": 60}
    return RunSettings(**fields | {"training": TrainingSettings(rank=4, rehearsal=0)} | options)


def seconds(domain: Domain, model: Any, monkeypatch: pytest.MonkeyPatch, **options: Any) -> dict[str, float]:
    """Seconds of preparation by method, a training step taking one."""
    monkeypatch.setattr("evaluation.run.estimate.measure_step", lambda *_: 1.0)
    chosen = settings(domain, **options)
    found = estimate(domain, make_plan(domain, chosen), model, chosen)
    return {name: method["prepare_s"] for name, method in found["methods"].items()}


def test_whichever_method_comes_first_pays_for_the_training(
    domain: Domain, tiny_model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = seconds(domain, tiny_model, monkeypatch, methods=("lora+rag",))
    both = seconds(domain, tiny_model, monkeypatch, methods=("lora", "lora+rag"))
    # 4 wordings and an unanswerable one fit one batch: 60 steps, the least that is trained.
    assert alone["lora+rag"] == both["lora"] == 60
    assert both["lora+rag"] == 0


def test_each_training_seed_is_a_training(domain: Domain, tiny_model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    three = seconds(domain, tiny_model, monkeypatch, methods=("lora",), training_seeds=3)
    assert three["lora"] == 180
    full = seconds(domain, tiny_model, monkeypatch, methods=("lora",), profile="full")
    assert full["lora"] == 180
    one = seconds(domain, tiny_model, monkeypatch, methods=("lora",), profile="full", training_seeds=1)
    assert one["lora"] == 60


def test_training_on_documents_counts_their_pieces(
    domain: Domain, tiny_model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = domain.settings.model_copy(update={"language": "de"})  # in which no questions are written
    bare = Domain(**dict(domain) | {"questions": tuple(domain.split("test")), "settings": other})
    long = replace_documents(bare)
    end = tiny_model.tokenizer.eos_token_id
    pieces = len(list(training_examples(long, (), tiny_model, end, chunk)[1]))
    assert pieces > 16 * 10, "with six passes that is more than the 60 steps of the shortest training"
    assert seconds(long, tiny_model, monkeypatch, methods=("lora",))["lora"] == -(-pieces // 16) * 6


def test_questions_that_are_still_to_be_written_are_paid_by_the_first_training(
    domain: Domain, tiny_model: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("TRIVIUM_CACHE", str(tmp_path))
    options: dict[str, Any] = {"methods": ("lora", "lora+rag", "lora-pairs")}
    pairs = seconds(domain, tiny_model, monkeypatch, **options)
    study = seconds(domain, tiny_model, monkeypatch, **options | {"train_on": "documents"})
    assert pairs["lora"] == pairs["lora-pairs"] == study["lora-pairs"] == 60
    assert study["lora"] > 60
    assert pairs["lora+rag"] == study["lora+rag"] == 0


def test_general_questions_are_paid_by_the_first_training(
    domain: Domain, tiny_model: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("TRIVIUM_CACHE", str(tmp_path))
    monkeypatch.setattr(rehearsal, "rehearsal_questions", lambda: ("Name a spice.", "Why is the sea salty?"))
    options: dict[str, Any] = {"methods": ("lora", "lora-pairs"), "training": TrainingSettings(rank=4, rehearsal=0.5)}
    found = seconds(domain, tiny_model, monkeypatch, **options)
    assert 60 < found["lora"] < 61, "some of a second for two questions"
    assert found["lora-pairs"] == 60


def test_a_prefix_is_trained_whatever_lies_in_the_cache_of_adapters(
    domain: Domain, tiny_model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evaluation.run.estimate.is_trained", lambda *_: True)
    found = seconds(domain, tiny_model, monkeypatch, methods=("lora", "prefix", "prefix+rag"))
    assert found == {"lora": 0, "prefix": 60, "prefix+rag": 0}


def replace_documents(domain: Domain) -> Domain:
    return domain.with_documents([
        document.model_copy(update={"text": f"{document.text} " * 160}) for document in domain.documents
    ])  # fmt: skip


def test_answers_are_counted_as_they_are_asked(domain: Domain) -> None:
    plan = make_plan(domain, settings(domain))
    gold = GoldPassages.of_documents(domain.documents)
    asked, answerable = len(plan.questions), sum(question.answerable for question in plan.questions)
    chosen = settings(domain, methods=("base", "rag", "lora", "lora+rag", "oracle"), training_seeds=2, general=0)

    def count(name: str, plain: bool = False) -> int:
        return answers_of(spec_of(name), plan, chosen, gold, plain)

    assert count("base") == asked + answerable
    assert count("rag") == asked
    assert count("rag", plain=True) == 2 * asked
    assert count("oracle") == answerable
    assert count("lora") == 2 * (asked + len(plan.convergence))
    assert count("lora+rag") == 2 * asked, "convergence is asked once, of the first adapted method"
    asks = chosen.model_copy(update={"general": 5})
    more = {name: answers_of(spec_of(name), plan, asks, gold, plain=False) - count(name) for name in asks.methods}
    assert more == {"base": 5, "rag": 0, "lora": 5, "lora+rag": 0, "oracle": 0}, "before and after the first training"
    twice = replace(plan, updated=plan.questions[:1])
    assert answers_of(spec_of("lora+rag"), twice, chosen, gold, plain=False) == 2 * (asked + 1)


def test_the_speed_of_reading_is_measured_within_the_window(domain: Domain, tiny_model: Any) -> None:
    """Fifteen hundred characters are more tokens than a small window has where a character is several tokens."""
    text = "港口的旗帜上画着一只水獭。来往的船只很多,游客喜欢这里。" * 60
    foreign = domain.with_documents([d.model_copy(update={"text": text}) for d in domain.documents])
    chosen = settings(foreign, methods=("base",))
    assert tiny_model.count_tokens(text[:1500]) > tiny_model.window
    found = estimate(foreign, make_plan(foreign, chosen), tiny_model, chosen)
    assert found["rates"]["read"] > 0
