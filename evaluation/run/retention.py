"""What a model knew before it was trained on a domain: general questions, and how well it foresees plain text."""

import random
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from data.files import read_text
from data.prompt import INSTRUCTION, NO_ABSTENTION
from data.schema import Question
from evaluation.run.registry import MethodSpec, trainers
from evaluation.run.settings import RunSettings
from model.language_model import LanguageModel, Logits, Prompt, offers

FILE = Path(__file__).with_name("general.toml")
TEMPLATE = replace(NO_ABSTENTION, system=NO_ABSTENTION.system.format(instruction=INSTRUCTION))  # of no domain
_BEGUN = 8  # tokens of the plain text that are given


@cache
def _content() -> dict[str, Any]:
    return tomllib.loads(read_text(FILE))


def general_questions(settings: RunSettings) -> list[Question]:
    """Questions that have nothing to do with any domain, in English; as many as a run wants, drawn always alike."""
    questions = [
        Question(id=f"general-{number}", question=question, answers=tuple(answers))
        for number, (question, *answers) in enumerate(_content()["questions"], 1)
    ]
    limit = settings.limits.general if settings.general is None else settings.general
    if limit is None or limit >= len(questions):
        return questions
    places = sorted(random.Random("general").sample(range(len(questions)), limit))
    return [questions[place] for place in places]


def asks_general(spec: MethodSpec, settings: RunSettings, seed: int) -> bool:
    """Whether a method of this training seed is asked them: the untrained model, and what is trained first."""
    told = spec.knows_nothing or spec.name in trainers(settings.methods)
    return told and seed == spec.seed(settings.seed) and bool(general_questions(settings))


def neutral_loss(model: LanguageModel) -> float | None:
    """Mean negative log-likelihood of a token of plain text, with the weights that are switched on.

    Returns:
        Nats a token, of which the perplexity is the exponential; None where a model shows no probabilities.
    """
    logits = offers(model, Logits)
    if logits is None:
        return None
    ids = logits.encode(_content()["neutral"].strip())
    begun, rest = Prompt.plain(logits.decode(ids[:_BEGUN])), ids[_BEGUN:]
    said = logits.answer_logits(begun, rest)[:-1].log_softmax(dim=-1)
    return float(-said[range(len(rest)), rest].mean())
