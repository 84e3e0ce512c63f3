"""Held-out questions asked before and after a tuning, and how far the tuned model drifted from its start."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from math import exp

from torch import Tensor

from data.progress import Progress
from data.schema import Question
from evaluation.grading.grader import Grader
from evaluation.grading.rules import GradeName
from evaluation.run.methods import Method
from evaluation.run.retention import TEMPLATE, general_questions, neutral_loss
from model.language_model import Inspectable, Prompt, prefix_of
from model.sampling import Sampling

Weights = Callable[[], AbstractContextManager[None]]  # switches on what answers
KL_QUESTIONS = 48  # answers that drift is measured on
_GENERAL = 60  # questions of general knowledge, where the run does not say how many
_AT_ONCE = 8  # of these whose logits are kept in memory


@dataclass(frozen=True)
class Answered:
    """What a model said with one set of weights."""

    texts: tuple[str, ...]
    grades: tuple[GradeName, ...]
    general: tuple[GradeName, ...]
    perplexity: float | None


def said_to(
    method: Method, prompts: Sequence[Prompt], prefix: Sequence[int], sampling: Sampling, step: str, progress: Progress
) -> list[str]:
    """Answers with the weights that are switched on, in the prompts' order."""
    found, done = [""] * len(prompts), 0
    for batch in method.model_.generate(prompts, sampling, prefix, method.settings.batch_size):
        for place, answer in batch:
            found[place] = answer.text.strip()
        done += len(batch)
        progress(step, done, len(prompts))
    return found


def answered(
    method: Method, weights: Weights, questions: Sequence[Question], grader: Grader, progress: Progress
) -> Answered:
    """The method's prompts answered with these weights, and general questions without its documents."""
    many = _GENERAL if method.settings.general is None else method.settings.general
    general = general_questions(method.settings.model_copy(update={"general": many}))
    prompts = [prompt.text for prompt in method.trace(questions)]
    plain = [prompt.text for prompt in method.trace(general, TEMPLATE, closed_book=True)]
    with weights():
        texts = said_to(method, prompts, method.prefix_, method.sampling_, "asking held-out questions", progress)
        shared = prefix_of(method.model_, plain) if plain else ()
        said = said_to(method, plain, shared, method.sampling_, "asking general questions", progress)
        loss = neutral_loss(method.model_)
    grades = [one.grade for one in grader.grade(list(zip(questions, texts, strict=True)), progress)]
    known = [one.grade for one in grader.grade(list(zip(general, said, strict=True)), progress)]
    return Answered(tuple(texts), tuple(grades), tuple(known), None if loss is None else exp(loss))


def drift(
    method: Method, model: Inspectable, start: Weights, tuned: Weights, questions: Sequence[Question],
    answers: Sequence[str], progress: Progress,
) -> list[float]:  # fmt: skip
    """Kullback-Leibler divergence of the tuned model from its start in nats a token, of each question.

    Exact over the vocabulary at each place of the tuned model's own answer, and a mean over places.
    """
    prompts = [prompt.text for prompt in method.trace(questions)]
    written = [model.encode(answer) for answer in answers]
    found: list[float] = []
    for first in range(0, len(prompts), _AT_ONCE):
        progress("measuring the drift", first, len(prompts))
        some = list(zip(prompts, written, strict=True))[first : first + _AT_ONCE]
        with tuned():
            after = [model.answer_logits(*one) for one in some]
        with start():
            found += [
                divergence(late, model.answer_logits(*one)) for late, one in zip(after, some, strict=True)
            ]  # fmt: skip
    return found


def divergence(p: Tensor, q: Tensor) -> float:
    """Mean over places of KL(p || q) in nats; both are logits (places, vocabulary)."""
    of_p, of_q = p.double().log_softmax(dim=-1), q.double().log_softmax(dim=-1)
    return float((of_p.exp() * (of_p - of_q)).sum(dim=-1).mean())
