"""How likely the model found each token that it wrote, read in one more pass over prompt and answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.run.methods import Method
from evaluation.run.traced import TracedPrompt
from model.language_model import Logits
from model.sampling import Sampling
from model.telling import Telling


@dataclass(frozen=True)
class Likely:
    """One token of an answer.

    Args:
        log_probability: the model's own, before temperature and top-p.
        others: the most likely tokens in its place with theirs, the most likely first.
    """

    text: str
    log_probability: float
    others: tuple[tuple[str, float], ...] = ()


def likelihoods(
    model: Logits, method: Method, prompt: TracedPrompt, ids: Sequence[int], others: int
) -> tuple[Likely, ...]:
    """Of each of these tokens, with the weights that are switched on.

    Args:
        ids: tokens of the answer.
        others: how many of the most likely tokens of each place are wanted.
    """
    if not ids:
        return ()
    rows = model.answer_logits(prompt.text, ids, method.prefix_)[:-1].log_softmax(dim=-1)
    found = []
    for row, token in zip(rows, ids, strict=True):
        values, tokens = row.topk(min(others, len(row)))
        most = zip(tokens.tolist(), values.tolist(), strict=True)
        own = tuple((model.token_text(other), value) for other, value in most)
        found.append(Likely(model.token_text(token), float(row[token]), own))
    return tuple(found)


def answer_tokens(model: Telling, ids: Sequence[int], sampling: Sampling) -> Sequence[int]:
    """The tokens that make up an answer's text: without its end, a stop sequence, and blanks after it."""
    text = model.answer_text(ids, sampling)
    return next(ids[:n] for n in range(len(ids) + 1) if model.answer_text(ids[:n], sampling) == text)
