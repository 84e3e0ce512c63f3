"""Sampling settings are checked and reach the generation."""

from typing import Any

import pytest
from pydantic import ValidationError

from model.language_model import Prompt
from model.sampling import Sampling

PROMPT = Prompt(("<|user|>", "Which animal?", "<|end|><|assistant|>"))


def _texts(model: Any, sampling: Sampling, n: int = 4) -> list[str]:
    found = {i: g.text for batch in model.generate([PROMPT] * n, sampling) for i, g in batch}
    return [found[i] for i in range(n)]


@pytest.mark.parametrize("bad", [{"temperature": -1}, {"top_p": 0}, {"max_new_tokens": 0}, {"heat": 1}])
def test_nonsense_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Sampling.model_validate(bad)


def test_greedy_gives_every_row_the_same(tiny_model: Any) -> None:
    assert len(set(_texts(tiny_model, Sampling(max_new_tokens=8, stop=())))) == 1


def test_temperature_varies_rows_and_its_seed_repeats_them(tiny_model: Any) -> None:
    hot = Sampling(max_new_tokens=8, temperature=2.0, stop=(), seed=1)
    first = _texts(tiny_model, hot)
    assert len(set(first)) > 1
    assert _texts(tiny_model, hot) == first
    assert _texts(tiny_model, hot.model_copy(update={"seed": 2})) != first


def test_top_k_of_one_is_greedy(tiny_model: Any) -> None:
    greedy = _texts(tiny_model, Sampling(max_new_tokens=8, stop=()))
    assert _texts(tiny_model, Sampling(max_new_tokens=8, temperature=2.0, top_k=1, stop=())) == greedy


def test_repetition_penalty_changes_a_repeating_answer(tiny_model: Any) -> None:
    plain = _texts(tiny_model, Sampling(max_new_tokens=24, stop=()), 1)
    assert _texts(tiny_model, Sampling(max_new_tokens=24, repetition_penalty=5.0, stop=()), 1) != plain


def test_an_answer_ends_before_its_stop_sequence(tiny_model: Any) -> None:
    text = _texts(tiny_model, Sampling(max_new_tokens=8, stop=()), 1)[0]
    stop = text[2:4]
    (generation,) = [
        g for batch in tiny_model.generate([PROMPT], Sampling(max_new_tokens=8, stop=(stop,))) for _, g in batch
    ]
    assert generation.text == text.partition(stop)[0].strip()
    assert generation.finish_reason == "stop"
    assert generation.completion_tokens < 8
