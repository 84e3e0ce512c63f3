"""What a run needs is predicted from the domain and the model's configuration, and told where memory lacks."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data.schema import Domain
from evaluation.drafting.check_domain import describe_check
from evaluation.drafting.check_model import check_with_model
from evaluation.run import memory_need as needs
from evaluation.run.memory_need import MemoryNeed, memory_findings, memory_need
from evaluation.run.plan import Plan, make_plan
from evaluation.run.settings import RunSettings
from model.footprint import Footprint
from model.registry import load_model
from model.sizes import sizes_of

METHODS = ("base", "inject", "rag", "lora", "lora+rag", "prefix", "oracle")


@pytest.fixture
def settings(domain: Domain, tiny_model_folder: Path) -> RunSettings:
    return RunSettings(domain=domain.folder, model=str(tiny_model_folder), methods=METHODS)


@pytest.fixture
def plan(domain: Domain, settings: RunSettings) -> Plan:
    return make_plan(domain, settings)


def _free(monkeypatch: pytest.MonkeyPatch, amount: int) -> None:
    monkeypatch.setattr(needs, "free_bytes", lambda device: amount)


def _need(domain: Domain, plan: Plan, settings: RunSettings) -> MemoryNeed:
    found = memory_need(domain, plan, settings)
    assert found is not None
    return found


def test_base_needs_weights_libraries_and_its_rows(domain: Domain, plan: Plan, settings: RunSettings) -> None:
    footprint = Footprint(sizes_of(settings.model), "cpu")
    longest = max(-(-len(question.question.encode()) // 4) for question in plan.questions)
    rows = footprint.answering(len(plan.questions), longest + settings.sampling.max_new_tokens)
    assert _need(domain, plan, settings).methods["base"] == footprint.weights + needs.PROGRAM["cpu"] + rows


def test_passages_training_and_virtual_tokens_come_on_top(domain: Domain, plan: Plan, settings: RunSettings) -> None:
    methods = _need(domain, plan, settings).methods
    assert list(methods) == list(METHODS)
    assert methods["lora+rag"] > methods["rag"] > methods["base"]
    assert methods["lora"] - methods["base"] > Footprint(sizes_of(settings.model), "cpu").merged()
    more = _need(domain, plan, settings.model_copy(update={"prefix_tokens": 1024})).methods
    assert more["prefix"] > methods["prefix"]
    assert more["lora"] == methods["lora"]


def test_a_smaller_batch_less_to_paste_and_fewer_bits_need_less(
    domain: Domain, plan: Plan, settings: RunSettings
) -> None:
    def of(**chosen: Any) -> dict[str, int]:
        alone = {"domain": domain.folder, "model": settings.model, "methods": ("inject", "lora")}
        return _need(domain, plan, RunSettings.model_validate(alone | chosen)).methods

    whole = of()
    assert of(training={"checkpointing": True})["lora"] < whole["lora"]
    alone = [of(training={"reading": 0, "batch_size": size})["lora"] for size in (1, 4)]
    assert alone[0] < alone[1]
    assert of(inject_tokens=16)["inject"] < whole["inject"]
    assert of(load_in="4bit")["lora"] < whole["lora"]


def test_what_is_pasted_is_forgotten_before_a_training(domain: Domain, plan: Plan, settings: RunSettings) -> None:
    alone, after = (
        _need(domain, plan, settings.model_copy(update={"methods": methods})).methods["lora"]
        for methods in (("lora",), ("inject", "lora"))
    )
    assert alone == after


def test_the_plain_model_beside_a_reader_counts_once(domain: Domain, plan: Plan, settings: RunSettings) -> None:
    def of(model: str) -> dict[str, int]:
        update = {"model": model, "methods": ("base", "oracle", "rag")}
        return _need(domain, plan, settings.model_copy(update=update)).methods

    reader, plain = of("smollm2-135m-reader"), of("smollm2-135m-q4")
    weights = Footprint(sizes_of("smollm2-135m-q4"), "cpu").weights
    assert {name: reader[name] - plain[name] for name in plain} == {"base": 0, "oracle": weights, "rag": weights}


def test_weights_that_do_not_fit_are_told_and_not_loaded(
    domain: Domain, plan: Plan, settings: RunSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _free(monkeypatch, 1000)
    monkeypatch.setattr("evaluation.drafting.check_model.load_model", None)
    found = check_with_model(domain, plan, settings, lambda *told: None)
    (told,) = found["memory"]["findings"]
    assert told == (
        "memory: the weights alone need about 0.0 GB, and 0.0 GB of cpu are free. Round them with --load-in 4bit, or "
        "use a smaller model."
    )
    assert json.loads(json.dumps(found))["memory"]["weights_fit"] is False


def test_a_training_that_does_not_fit_names_what_makes_it_smaller(
    domain: Domain, plan: Plan, settings: RunSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    need = _need(domain, plan, settings.model_copy(update={"methods": ("base", "lora")}))
    _free(monkeypatch, need.bytes - 1)
    (told,) = map(str, memory_findings(domain, plan, settings.model_copy(update={"methods": ("base", "lora")})))
    assert told.startswith("memory: lora needs about ")
    assert "--train-batch-size" in told
    assert list(replace(need, free=need.bytes).findings()) == []


def test_where_weights_lie_elsewhere_nothing_is_said(domain: Domain, plan: Plan, settings: RunSettings) -> None:
    assert memory_need(domain, plan, settings.model_copy(update={"model": "scripted:none.jsonl"})) is None
    assert memory_findings(domain, plan, settings.model_copy(update={"model": "no-such-model"})) == []


def test_the_check_says_it_in_one_line(domain: Domain, plan: Plan, settings: RunSettings) -> None:
    memory = {"memory": _need(domain, plan, settings).as_dict()}
    assert load_model(settings.model).window == sizes_of(settings.model).window
    known = {"characters": 1, "documents": 1, "questions": 1, "name": "n", "language": "en", "facts_tested": 1,
             "facts_trained": 1, "splits": {}, "categories": {}, "answerable_by": {"questions": 1}, "notes": [],
             "warnings": [], "leaks": [], "problems": []}  # fmt: skip
    (line,) = [line for line in describe_check(known | memory) if "memory" in line]
    assert line.startswith("  memory: base 0.2 GB, inject 0.2 GB, rag ")
    assert line.endswith("GB of cpu are free (predicted)")
