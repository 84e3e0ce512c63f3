"""The naive side of the benchmark has our weights and gives our answers, so that only speed is compared."""

from pathlib import Path

import torch

from benchmarks.naive import Naive, Refusal, load_network, weights_digest
from data.prompt import PROMPT
from data.schema import Domain
from model.decoding.refusal import Refusal as Ours
from model.local import LocalModel
from model.sampling import Sampling


def test_the_same_weights_give_the_same_answers(tiny_reader_folder: Path, domain: Domain) -> None:
    ours, naive = LocalModel(str(tiny_reader_folder), device="cpu"), Naive(str(tiny_reader_folder))
    assert weights_digest(naive.network) == weights_digest(ours.network)
    prompts = [ours.render(PROMPT.messages("Answer.", question.question)) for question in domain.questions]
    batches = ours.generate(prompts, Sampling(max_new_tokens=8))
    expected = {i: answer.text for batch in batches for i, answer in batch}
    assert [naive.answer(prompt, 8) for prompt in prompts] == [expected[place] for place in range(len(prompts))]


def test_without_its_reader_a_model_is_another(tiny_reader_folder: Path, tiny_model_folder: Path) -> None:
    networks = [load_network(str(folder)) for folder in (tiny_reader_folder, tiny_model_folder)]
    assert len({weights_digest(network) for network in networks}) == 2


def test_it_refuses_where_ours_does() -> None:
    logits = torch.randn(50, 6, generator=torch.Generator().manual_seed(0))
    prompt = torch.zeros(50, 3, dtype=torch.long)
    for above in (0.0, 0.2, 1.0):
        expected = Ours([4], above).steer(logits, range(50), [[]] * 50)
        found = Refusal(4, above, start=3)(prompt, logits)
        assert torch.equal(found, expected)
    assert torch.equal(Refusal(4, 0.2, start=2)(prompt, logits), logits), "after the first token nothing is steered"
