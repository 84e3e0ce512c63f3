"""The part of the gate that needs the model: what it knows, what fits its window, what a run will take."""

import random
from collections.abc import Mapping
from typing import Any

from data.errors import TriviumError
from data.progress import Progress
from data.schema import Domain, Question
from evaluation.analysis.statistics import rate_interval
from evaluation.analysis.verdict import INFORMATIVE
from evaluation.cost.bill import tokens_usd
from evaluation.cost.prices import read_prices
from evaluation.grading.grader import Grader
from evaluation.grading.rules import GradeName
from evaluation.run.answerable import Means, count_answerable
from evaluation.run.estimate import estimate
from evaluation.run.fitting import fitted
from evaluation.run.memory_need import memory_need
from evaluation.run.plan import Plan
from evaluation.run.preparing import injection
from evaluation.run.registry import first_of, method_names, spec_of
from evaluation.run.settings import RunSettings
from model.language_model import LanguageModel, Served, offers, prefix_of
from model.registry import load_model
from model.sampling import Sampling

PROBED = 128  # questions asked closed book


def base_knowledge(domain: Domain, plan: Plan, model: LanguageModel, seed: int, progress: Progress) -> dict[str, Any]:
    """What the model answers without any document when it is told to guess; one question a fact, drawn by seed."""
    facts: dict[str, Question] = {question.fact_id: question for question in plan.questions if question.answerable}
    asked = random.Random(seed).sample(list(facts.values()), min(PROBED, len(facts)))
    if not asked:
        return {"n": 0, "correct": 0, "accuracy": None, "known": []}
    prompts = [model.render(domain.settings.guessing.messages(domain.settings.instruction, q.question)) for q in asked]
    answers: dict[int, str] = {}
    progress("what the model knows", 0, len(asked))
    for batch in model.generate(prompts, Sampling(), prefix_of(model, prompts)):
        answers |= {place: answer.text for place, answer in batch}
        progress("what the model knows", len(answers), len(asked))
    grades = Grader(language=domain.settings.language).grade(
        [(question, answers[place]) for place, question in enumerate(asked)]
    )
    right = [grade.grade is GradeName.CORRECT for grade in grades]
    known = [
        {"id": question.id, "question": question.question, "answer": answers[place]}
        for place, question in enumerate(asked)
        if right[place]
    ]
    low, high = rate_interval(right, [question.fact_id for question in asked])
    accuracy = len(known) / len(asked)
    return {
        "n": len(asked),
        "correct": len(known),
        "accuracy": accuracy,
        "ci_low": low,
        "ci_high": high,
        "known": known,
    }


def injectable(
    domain: Domain, plan: Plan, model: LanguageModel, settings: RunSettings, progress: Progress
) -> int | None:
    """Of the answerable questions those whose documents fit the window; None where no question names a document."""
    source = injection(domain, model, settings)
    source.prepare(domain, model, progress)
    given = {passage.document_id for passage in source.passages_}
    missing = {document.id for document in domain.documents} - given
    name = first_of(method_names(), "all")
    means = Means(frozenset(), has_gold=lambda question: False, injected=given, left_out=bool(missing))
    return count_answerable(spec_of(str(name)), plan.questions, means)


def check_with_model(domain: Domain, plan: Plan, settings: RunSettings, progress: Progress) -> dict[str, Any]:
    """Memory, then knowledge, window and estimate, for which the model is loaded, unless its weights do not fit."""
    progress("predicting the memory that this takes")
    memory = _memory(domain, plan, settings)
    if memory.get("weights_fit", True):
        return {"memory": memory} | _with_loaded(domain, plan, settings, progress)
    return {"model": settings.model, "memory": memory}


def _memory(domain: Domain, plan: Plan, settings: RunSettings) -> dict[str, Any]:
    """What a run needs of the device's memory; why that is n/a where it cannot be known."""
    try:
        need = memory_need(domain, plan, settings)
    except TriviumError as error:
        return {"unknown": str(error)}
    return need.as_dict() if need else {"unknown": "the weights do not lie on this machine"}


def _with_loaded(domain: Domain, plan: Plan, settings: RunSettings, progress: Progress) -> dict[str, Any]:
    """Knowledge, window and estimate; loads the model."""
    model = load_model(settings.model, settings.model_options.told(progress))
    settings = fitted(settings, model)
    knowledge = base_knowledge(domain, plan, model, settings.seed, progress)
    fits = injectable(domain, plan, model, settings, progress)
    progress("measuring this machine")
    server = offers(model, Served)
    found: dict[str, Any] = {
        "model": settings.model,
        "server": dict(server.abilities()) if server else {},
        "base_knowledge": knowledge,
        "answerable_by_inject": fits,
        "estimate": estimate(domain, plan, model, settings) | {"profile": settings.profile},
        "uninformative": knowledge["accuracy"] is not None and knowledge["accuracy"] > INFORMATIVE,
    }
    if server:
        name, written = str(server.identity().get("answers_as", "")), settings.sampling.max_new_tokens / 2
        found["estimate"]["usd"] = _by_tokens(found["estimate"], name, written)
    return found


def _by_tokens(estimate: Mapping[str, Any], name: str, written: float) -> float | None:
    """Dollars of a run on a model whose tokens are paid; None where its prices or its tokens are not known.

    Args:
        written: tokens of an answer.
    """
    read, answers = estimate["prompt_tokens"], sum(one["answers"] for one in estimate["methods"].values())
    return None if read is None else tokens_usd(read, 0, answers * written, read_prices(model=name))
