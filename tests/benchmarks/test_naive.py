"""The naive side of the benchmark has our weights and gives our answers, so that only speed is compared."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.naive import Naive, load_network, weights_digest
from data.prompt import PROMPT
from data.schema import Domain
from model.local import LocalModel
from model.sampling import Sampling


@pytest.mark.parametrize("refuse_above", [None, 0.0, 0.003, 1.0])
def test_the_same_weights_give_the_same_answers(
    tiny_reader_folder: Path, domain: Domain, monkeypatch: pytest.MonkeyPatch, refuse_above: float | None
) -> None:
    ours = LocalModel(str(tiny_reader_folder), device="cpu")
    naive = Naive(str(tiny_reader_folder))
    naive.refuse_above = refuse_above
    assert weights_digest(naive.network) == weights_digest(ours.network)
    prompts = [ours.render(PROMPT.messages("Answer.", question.question)) for question in domain.questions]
    sampling = Sampling(max_new_tokens=8, refuse_above=refuse_above)
    expected: dict[int, str] = {i: answer.text for batch in ours.generate(prompts, sampling) for i, answer in batch}
    assert [naive.answer(prompt, 8) for prompt in prompts] == [expected[place] for place in range(len(prompts))]


def test_without_its_reader_a_model_is_another(tiny_reader_folder: Path, tiny_model_folder: Any) -> None:
    networks = [load_network(str(folder)) for folder in (tiny_reader_folder, tiny_model_folder)]
    assert len({weights_digest(network) for network in networks}) == 2
