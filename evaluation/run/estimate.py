"""What a run will take on this machine: projected from a few seconds of measuring, before anything is computed."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import mean
from typing import Any

from data.gold import GoldPassages
from data.progress import silent
from data.schema import Domain, Question
from evaluation.run.material import Foreseen, Learner, source_of
from evaluation.run.plan import Plan
from evaluation.run.preparing import reserve
from evaluation.run.registry import Context, MethodSpec, adapted, spec_of, trainers
from evaluation.run.retention import asks_general, general_questions
from evaluation.run.settings import RunSettings
from finetune.examples import Example
from finetune.obtain import is_trained, measure_step
from finetune.steps import epochs_of
from model.language_model import LanguageModel, Prompt, Trainable, Weights, need, offers
from model.registry import SERVED, kind_of
from model.sampling import Sampling
from rag.chunk import chunk

ROWS = 16  # prompts that the measurement reads together
_WRITER_TOKENS = 75  # about as many are read to write a question, or to answer it behind its passage


@dataclass(frozen=True)
class Rates:
    """Measured seconds on this machine."""

    read: float  # for one prompt token, in batches
    answer: float  # for one question of this domain without context, in batches
    alone: float  # for one question without context, alone
    step: float  # for one training step; 0 where nothing is trained, or was by an earlier run
    trainings: int = 0  # with different seeds, those of earlier runs left out


@dataclass(frozen=True)
class Projection:
    """What one method will take: seconds to prepare, seconds and tokens to answer all questions, dollars, answers."""

    prepare_s: float
    answer_s: float
    prompt_tokens: int
    usd: float | None  # at the price of the machine's hour; None where tokens are paid
    answers: int


def _seconds(model: LanguageModel, prompts: Sequence[Prompt], sampling: Sampling) -> float:
    started = time.perf_counter()
    list(model.generate(prompts, sampling, batch_size=ROWS))
    return time.perf_counter() - started


def measure(
    domain: Domain, plan: Plan, model: LanguageModel, settings: RunSettings, examples: Sequence[Example] = ()
) -> Rates:
    """A few seconds of reading, answering and training.

    Args:
        examples: what the trained methods learn from; none where no method is trained.
    """
    questions = [plan.questions[i * len(plan.questions) // ROWS] for i in range(min(ROWS, len(plan.questions)))]
    prompts = [_prompt(domain, question, model) for question in questions]
    long = [Prompt.plain(f"{number} {_sample_text(domain, model)}") for number in range(4)]
    model.generate_one(prompts[0], Sampling(max_new_tokens=1))  # the first call warms up
    reading = _seconds(model, long, Sampling(max_new_tokens=1)) / sum(map(model.count_tokens, long))
    answering = _seconds(model, prompts, settings.sampling) / len(prompts)
    started = time.perf_counter()
    model.generate_one(prompts[0], settings.sampling)
    alone = time.perf_counter() - started
    if not examples:
        return Rates(reading, answering, alone, 0.0, 0)
    trainable = need(model, Trainable, "fine-tuning")
    taught = [settings.training.model_copy(update={"seed": seed}) for seed in settings.seeds]
    trainings = sum(not is_trained(trainable, examples, one) for one in taught)
    needed = trainings or any(map(_is_foreseen_anew, trainers(settings.methods)))
    step = measure_step(trainable, examples, settings.training) if needed else 0.0
    return Rates(reading, answering, alone, step, trainings)


def _is_foreseen_anew(name: str) -> bool:
    """Whether nothing tells yet that its training lies in the cache: a prefix learns from what a teacher is to say."""
    return spec_of(name).training == "prefix"


def _sample_text(domain: Domain, model: LanguageModel) -> str:
    """Some of the documents, at most half a window."""
    text = " ".join(document.text for document in domain.documents[:8])[:1500]
    while model.count_tokens(text) > model.window // 2:
        text = text[: len(text) // 2]
    return text


def _prompt(domain: Domain, question: Question, model: LanguageModel) -> Prompt:
    return model.render(domain.settings.prompt.messages(domain.settings.instruction, question.question))


def _context_tokens(domain: Domain, model: LanguageModel, settings: RunSettings) -> dict[Context, float]:
    """Tokens that each kind of context adds to a prompt."""
    corpus = sum(model.count_tokens(f"{d.title}\n{d.text}") for d in domain.documents[:2000])
    passages = [model.count_tokens(p.text) for p in chunk(domain.documents[:200], model, settings.chunk_tokens)]
    one = mean(passages) if passages else 0.0
    room = min(model.window - reserve(domain, model, settings), settings.inject_tokens or model.window)
    return {"none": 0.0, "all": float(min(corpus, room)), "search": one * settings.top_k, "gold": one}


def answers_of(spec: MethodSpec, plan: Plan, settings: RunSettings, gold: GoldPassages, plain: bool) -> int:
    """Answers that a run takes from a method, all passes and training seeds together.

    Args:
        gold: of the documents, before and after they change.
        plain: whether the model has a trained reader, so that there is a plain model to ask too.
    """

    def count(questions: Sequence[Question]) -> int:
        return sum(not spec.needs_gold or bool(gold.of(question)) for question in questions)

    own, seeds = count(plan.questions), len(settings.seeds_of(spec))
    asked = (own + count(plan.updated)) * seeds
    if spec.knows_nothing:
        asked += sum(question.answerable for question in plan.questions)
    if spec.name in trainers(settings.methods):
        asked += len(plan.convergence) * seeds
    if asks_general(spec, settings, spec.seed(settings.seed)):
        asked += len(general_questions(settings))
    return asked + (own if plain and spec.plain_too else 0)


def paid_by_token(settings: RunSettings) -> bool:
    """Whether answers are paid by the token and not by the machine's hour."""
    return kind_of(settings.model) in SERVED


def project(
    domain: Domain, plan: Plan, model: LanguageModel, settings: RunSettings, rates: Rates, foreseen: Foreseen
) -> dict[str, Projection]:
    """Seconds, tokens and dollars of each method but the contestants.

    Reading n tokens takes n · read, and more for long contexts, because attention grows with their square: at hidden
    size h a token that sees c tokens costs 4 · layers · h · c operations beside 2 · weights. Where the weights are not
    known, reading takes n · read.

    Args:
        foreseen: what training will see.
    """
    steps = len(epochs_of(foreseen.examples, settings.training))
    making = foreseen.written * (_WRITER_TOKENS * rates.read + rates.answer) + foreseen.rehearsed * rates.answer
    context, limits, weights = _context_tokens(domain, model, settings), settings.limits, offers(model, Weights)
    attention = 4 * weights.shapes().attention / (2 * weights.parameters) * rates.read if weights else 0.0
    own = mean(model.count_tokens(_prompt(domain, question, model)) for question in plan.questions[:50])
    written = settings.sampling.max_new_tokens / 2
    trained = trainers(settings.methods)  # the first trains, the others use its adapter
    gold = GoldPassages.of_documents((*domain.documents, *domain.updated().documents))
    out = {}
    for spec in map(spec_of, settings.methods):
        if spec.is_contestant or (spec.adapted and not offers(model, Trainable)):
            continue
        tokens, shared = context[spec.context], spec.context == "all"
        whole = tokens * rates.read + attention * tokens**2 / 2  # reading the context once
        each = attention * tokens * (own + written) if shared else whole
        asked = answers_of(spec, plan, settings, gold, bool(model.plain_name))
        prepare = (whole if shared else 0.0) * (2 if plan.updated else 1)
        if spec.name in trained:
            prepare += rates.step * steps * (len(settings.seeds) if _is_foreseen_anew(spec.name) else rates.trainings)
            prepare += making if spec.name == trained[0] else 0.0
        alone = limits.latency_warm * (rates.alone + each) + limits.latency_cold * (rates.alone + whole)
        seconds = asked * (rates.answer + each) + alone
        price = None if paid_by_token(settings) else (prepare + seconds) / 3600 * settings.usd_per_hour
        out[spec.name] = Projection(prepare, seconds, round(asked * (own + tokens)), price, asked)
    return out


def estimate(domain: Domain, plan: Plan, model: LanguageModel, settings: RunSettings) -> dict[str, Any]:
    """Measured rates, the projection of each method, and their sum; all but the rates is projected.

    How long a contestant takes cannot be known: with one of them there is no sum.
    """
    foreseen = Foreseen(())
    if adapted(settings.methods) and (trainable := offers(model, Trainable)):
        learner = Learner(domain, plan.training, trainable, settings, silent)
        foreseen = learner.foreseen(source_of(domain, plan.training, settings))
    rates = measure(domain, plan, model, settings, foreseen.examples)
    methods = project(domain, plan, model, settings, rates, foreseen)
    return {
        "rates": asdict(rates),
        "methods": {name: asdict(projection) for name, projection in methods.items()},
        "seconds": None if settings.contestants else sum(one.prepare_s + one.answer_s for one in methods.values()),
        "prompt_tokens": None if settings.contestants else sum(one.prompt_tokens for one in methods.values()),
        "usd": None if paid_by_token(settings) else sum(one.usd or 0.0 for one in methods.values()),
        "source": {"rates": "measured", "seconds": "projected", "usd": "assumed"},
    }
