"""Many rows at once write what transformers writes for each alone, whenever the others finish."""

from typing import Any

import pytest
import torch

from model.decoding import rows as decoding
from model.decoding.prefix import SharedPrefix
from model.decoding.refusal import Refusal
from model.decoding.rows import Rows
from model.sampling import Sampling

GREEDY = Sampling(max_new_tokens=12, stop=())
PREFIX = [11, 12, 13, 14, 15, 16, 17, 18, 19, 20]
OWN = [[30], [31, 40], [33, 41, 50], [34, 42, 51, 60], [35, 43, 52, 61, 70, 80, 90]]


def _alone(model: Any, ids: list[int]) -> list[int]:
    """What transformers' own generation writes after one prompt."""
    inputs = torch.tensor([ids])
    output = model.network.generate(
        inputs, attention_mask=torch.ones_like(inputs), max_new_tokens=12, do_sample=False, eos_token_id=None
    )
    return list(output[0, len(ids) :].tolist())


# A prefix is shared only where every layer keeps all keys and values, and there rows can leave.
@pytest.mark.parametrize(("with_prefix", "can_leave"), [(True, True), (False, True), (False, False)])
@pytest.mark.parametrize("group_tokens", [1, 8, 1024])
def test_rows_that_finish_early_leave_and_the_others_go_on(
    tiny_model: Any, monkeypatch: pytest.MonkeyPatch, with_prefix: bool, can_leave: bool, group_tokens: int
) -> None:
    monkeypatch.setattr(decoding, "GROUP_TOKENS", {"cpu": group_tokens})
    alone = [_alone(tiny_model, PREFIX + own) for own in OWN]
    ends = {ids[3 * place] for place, ids in enumerate(alone[:4])}  # some row ends at its 1st, 4th, 7th, 10th token
    expected = [ids[: next((at + 1 for at, token in enumerate(ids) if token in ends), 12)] for ids in alone]
    assert len({len(ids) for ids in expected}) > 1
    seen: list[tuple[int, int]] = []
    with torch.inference_mode():
        prefix = SharedPrefix.read(tiny_model.network, PREFIX) if with_prefix else None
        rows = Rows(tiny_model.network, [PREFIX + own for own in OWN], prefix, can_leave, pad=0)
        found = rows.answer(GREEDY, range(5), lambda ids: ids[-1] in ends, lambda row, token: seen.append((row, token)))
    assert found == expected
    assert [[token for row, token in seen if row == place] for place in range(5)] == expected


def test_a_drawn_answer_does_not_depend_on_its_company(tiny_model: Any) -> None:
    hot = Sampling(max_new_tokens=6, temperature=1.5, top_p=0.9, stop=(), seed=3)

    def write(places: list[int]) -> list[list[int]]:
        with torch.inference_mode():
            rows = Rows(tiny_model.network, [PREFIX + OWN[place] for place in places], None, True, pad=0)
            return rows.answer(hot, places, lambda ids: False)

    assert [ids for place in range(5) for ids in write([place])] == write(list(range(5)))


def test_whether_to_answer_is_decided_at_the_first_token_alone(tiny_model: Any) -> None:
    first = [_alone(tiny_model, own)[0] for own in OWN]
    abstention = first[-1]

    def written(above: float) -> list[list[int]]:
        with torch.inference_mode():
            rows = Rows(tiny_model.network, OWN, None, True, pad=0)
            return rows.answer(GREEDY, range(len(OWN)), lambda ids: False, refusal=Refusal([abstention], above))

    refused, answered = written(0.0), written(1.0)
    assert [ids[0] for ids in refused] == [abstention] * len(OWN)
    assert all(ids[0] != abstention for ids in answered)
    assert [ids[0] for ids, own in zip(answered, first, strict=True) if own != abstention] == [
        own for own in first if own != abstention
    ]
    for own, ids in zip(OWN, refused, strict=True):
        assert ids[1:] == _alone(tiny_model, [*own, abstention])[:11], "from there on nothing is different"
