"""Memory is asked for before it is needed; where it runs out all the same, fewer prompts are taken at once."""

from typing import Any

import pytest
import torch

from data.errors import TriviumError
from model import room
from model.decoding.rows import Rows
from model.language_model import Prompt
from model.local import LocalModel
from model.memory import is_out_of_memory
from model.sampling import Sampling

SAMPLING = Sampling(max_new_tokens=4, stop=())
PROMPTS = [Prompt(("<|user|>", f"Which flag{'?' * n}", "<|end|><|assistant|>")) for n in range(7)]


def _texts(model: LocalModel) -> list[str]:
    found = {i: g.text for batch in model.generate(PROMPTS, SAMPLING) for i, g in batch}
    return [found[i] for i in range(len(PROMPTS))]


def test_what_torch_says_when_memory_runs_out_is_known() -> None:
    with pytest.raises(RuntimeError) as error:
        torch.empty(2**60)
    assert is_out_of_memory(error.value)
    assert not is_out_of_memory(RuntimeError("shapes do not match"))


def _limited(monkeypatch: pytest.MonkeyPatch, most: int) -> list[int]:
    """Let the allocation of more than `most` rows fail; returns the row numbers that were tried."""
    tried: list[int] = []
    real = Rows.answer

    def answer(self: Rows, *args: Any) -> Any:
        tried.append(len(self.own))
        if len(self.own) > most:
            torch.empty(2**60)
        return real(self, *args)

    monkeypatch.setattr(Rows, "answer", answer)
    return tried


def test_it_halves_says_so_and_gives_the_same_answers(tiny_model: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = _texts(tiny_model)
    tried, said = _limited(monkeypatch, 2), []
    tiny_model.tell = said.append
    assert _texts(tiny_model) == expected
    assert tried == [7, 3, 1, 1, 1, 1, 1, 1, 1]
    assert said == [
        "memory ran out with 7 prompts at once; going on with 3",
        "memory ran out with 3 prompts at once; going on with 1",
    ]


def test_not_even_one_prompt_is_one_sentence(tiny_model: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    _limited(monkeypatch, 0)
    tiny_model.tell = lambda text: None
    with pytest.raises(TriviumError, match="not enough memory for a single prompt"):
        _texts(tiny_model)


def test_little_free_memory_means_few_prompts_at_once(tiny_model: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = _texts(tiny_model)
    tried = _limited(monkeypatch, 99)
    monkeypatch.setattr(room, "free_bytes", lambda device: 1)
    assert _texts(tiny_model) == expected
    assert tried == [1] * 7
