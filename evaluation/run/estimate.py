"""What a run will take on this machine: projected from a few seconds of measuring, before anything is computed."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import mean
from typing import Any

from data.prompt import PROMPT
from data.schema import Domain, Question
from evaluation.run.methods import PLAIN_TOO, RECIPES
from evaluation.run.plan import Plan
from evaluation.run.settings import RunSettings
from finetune.adapter import is_trained, measure_step
from finetune.examples import training_examples
from model.base import BaseModel
from model.sampling import Sampling
from rag.chunk import chunk

ROWS = 16  # prompts that the measurement reads together


@dataclass(frozen=True)
class Rates:
    """Measured seconds on this machine."""

    read: float  # for one prompt token, in batches
    answer: float  # for one question of this domain without context, in batches
    alone: float  # for one question without context, alone
    step: float  # for one training step; 0 where nothing is trained, or was by an earlier run


@dataclass(frozen=True)
class Projection:
    """What one method will take: seconds to prepare, seconds and tokens to answer all questions, dollars."""

    prepare_s: float
    answer_s: float
    prompt_tokens: int
    usd: float


def _seconds(model: BaseModel, prompts: Sequence[str], sampling: Sampling) -> float:
    started = time.perf_counter()
    list(model.generate(prompts, sampling, batch_size=ROWS))
    return time.perf_counter() - started


def measure(domain: Domain, plan: Plan, model: BaseModel, settings: RunSettings) -> Rates:
    """A few seconds of reading, answering and training."""
    questions = [plan.questions[i * len(plan.questions) // ROWS] for i in range(min(ROWS, len(plan.questions)))]
    prompts = [_prompt(domain, question, model) for question in questions]
    words = " ".join(document.text for document in domain.documents[:8])[:1500]
    long = [f"{number} {words}" for number in range(4)]
    model.generate_one(prompts[0], Sampling(max_new_tokens=1))  # the first call warms up
    reading = _seconds(model, long, Sampling(max_new_tokens=1)) / sum(map(model.count_tokens, long))
    answering = _seconds(model, prompts, settings.sampling) / len(prompts)
    started = time.perf_counter()
    model.generate_one(prompts[0], settings.sampling)
    alone, step = time.perf_counter() - started, 0.0
    if any(RECIPES[name].adapted for name in settings.methods):
        _, examples = training_examples(domain, plan.training, model, model.tokenizer.eos_token_id, chunk)
        taught = settings.training.model_copy(update={"seed": settings.seed})
        step = 0.0 if is_trained(model, examples, taught) else measure_step(model, examples, settings.training)
    return Rates(reading, answering, alone, step)


def _prompt(domain: Domain, question: Question, model: BaseModel) -> str:
    return model.render(PROMPT.messages(domain.settings.instruction, question.question))


def _context_tokens(domain: Domain, model: BaseModel, settings: RunSettings) -> dict[str, float]:
    """Tokens that each kind of context adds to a prompt."""
    corpus = sum(model.count_tokens(f"{d.title}\n{d.text}") for d in domain.documents[:2000])
    passages = [model.count_tokens(p.text) for p in chunk(domain.documents[:200], model, settings.chunk_tokens)]
    one = mean(passages) if passages else 0.0
    window = model.window - settings.sampling.max_new_tokens - 200
    return {"none": 0.0, "inject": float(min(corpus, window)), "rag": one * settings.top_k, "gold": one}


def project(domain: Domain, plan: Plan, model: BaseModel, settings: RunSettings, rates: Rates) -> dict[str, Projection]:
    """Seconds, tokens and dollars of each method.

    Reading n tokens takes n · read, and more for long contexts, because attention grows with their square: at hidden
    size h a token that sees c tokens costs 4 · layers · h · c operations beside 2 · weights.
    """
    context, limits, config = _context_tokens(domain, model, settings), settings.limits, model.network.config
    attention = 4 * config.num_hidden_layers * config.hidden_size / (2 * model.parameters) * rates.read
    count = len(plan.questions) + len(plan.updated)
    answerable = sum(question.answerable for question in plan.questions)
    own = mean(model.count_tokens(_prompt(domain, question, model)) for question in plan.questions[:50])
    written = settings.sampling.max_new_tokens / 2
    examples = max(1, len(plan.training))
    steps = -(-examples // settings.training.batch_size) * settings.training.passes(examples)
    out = {}
    for name in settings.methods:
        recipe, tokens = RECIPES[name], context[RECIPES[name].context]
        shared = recipe.context == "inject"
        whole = tokens * rates.read + attention * tokens**2 / 2  # reading the context once
        each = attention * tokens * (own + written) if shared else whole
        asked = {"base": count + answerable, "oracle": answerable + len(plan.updated)}.get(name, count)
        if model.plain_name and name in PLAIN_TOO:
            asked += answerable if name == "oracle" else len(plan.questions)
        if recipe.adapted:
            asked += len(plan.convergence)
        prepare = (whole if shared else 0.0) * (2 if plan.updated else 1)
        prepare += rates.step * steps * limits.training_seeds if recipe.adapted and name == "lora" else 0.0
        alone = limits.latency_warm * (rates.alone + each) + limits.latency_cold * (rates.alone + whole)
        seconds = asked * (rates.answer + each) + alone
        price = (prepare + seconds) / 3600 * settings.usd_per_hour
        out[name] = Projection(prepare, seconds, round(asked * (own + tokens)), price)
    return out


def estimate(domain: Domain, plan: Plan, model: BaseModel, settings: RunSettings) -> dict[str, Any]:
    """Measured rates, the projection of each method, and their sum; all but the rates is projected."""
    rates = measure(domain, plan, model, settings)
    methods = project(domain, plan, model, settings, rates)
    return {
        "rates": asdict(rates),
        "methods": {name: asdict(projection) for name, projection in methods.items()},
        "seconds": sum(projection.prepare_s + projection.answer_s for projection in methods.values()),
        "prompt_tokens": sum(projection.prompt_tokens for projection in methods.values()),
        "usd": sum(projection.usd for projection in methods.values()),
        "source": {"rates": "measured", "seconds": "projected", "usd": "assumed"},
    }
