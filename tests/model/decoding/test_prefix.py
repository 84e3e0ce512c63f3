"""Attention over a shared prefix equals attention over the whole sequence, in values and in gradients."""

from typing import Any

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from model.decoding.attention import shared_prefix_attention
from model.decoding.cache import RowsCache
from model.decoding.prefix import SharedPrefix, common_prefix


@pytest.mark.parametrize(
    ("sequences", "expected"),
    [([[1, 2, 3], [1, 2, 4]], 2), ([[1, 2], [1, 2, 3]], 1), ([[1], [2]], 0), ([[5, 6, 7]], 2), ([[1, 9], [1, 9]], 1)],
)
def test_common_prefix_leaves_each_a_token_of_its_own(sequences: list[list[int]], expected: int) -> None:
    assert common_prefix(sequences) == expected


class _Layer:
    layer_idx = 0


@pytest.mark.parametrize("score_bytes", [1, 2**28])
def test_one_copy_of_the_prefix_gives_what_expanded_copies_give(
    score_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model.decoding.attention.SCORE_BYTES", score_bytes)
    torch.manual_seed(0)
    rows, heads, groups, size, before, own = 3, 4, 2, 8, 11, 5
    query = torch.randn(rows, heads, own, size, requires_grad=True)
    keys, values = torch.randn(rows, groups, own, size), torch.randn(rows, groups, own, size)
    prefix_keys, prefix_values = torch.randn(1, groups, before, size), torch.randn(1, groups, before, size)
    padding = torch.tensor([0, 1, 3])  # of each row, between prefix and own tokens
    allowed = torch.ones(own, own, dtype=torch.bool).tril() & (torch.arange(own) >= padding[:, None, None])
    mask = torch.cat([torch.ones(rows, own, before, dtype=torch.bool), allowed], dim=-1).unsqueeze(1)

    expanded = scaled_dot_product_attention(
        query,
        torch.cat([prefix_keys.expand(rows, -1, -1, -1), keys], 2).repeat_interleave(2, 1),
        torch.cat([prefix_values.expand(rows, -1, -1, -1), values], 2).repeat_interleave(2, 1),
        attn_mask=mask,
    ).transpose(1, 2)
    (expected_gradient,) = torch.autograd.grad(expanded.square().sum(), query, retain_graph=True)
    with SharedPrefix(range(before), [prefix_keys], [prefix_values]).attending():
        shared, _ = shared_prefix_attention(_Layer(), query, keys, values, mask)
    (gradient,) = torch.autograd.grad(shared.square().sum(), query)
    torch.testing.assert_close(shared, expanded, atol=1e-5, rtol=1e-5)
    with torch.no_grad(), SharedPrefix(range(before), [prefix_keys], [prefix_values]).attending():
        fused, _ = shared_prefix_attention(_Layer(), query, keys, values, mask)
    torch.testing.assert_close(fused, expanded, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(gradient, expected_gradient, atol=1e-4, rtol=1e-4)


def test_a_prefix_is_seen_only_while_it_is_attended(tiny_model: Any) -> None:
    ids = torch.tensor([[7, 8, 9]])
    with torch.inference_mode():
        plain = tiny_model.network(ids).logits
        prefix = SharedPrefix.read(tiny_model.network, [5, 6])
        whole = tiny_model.network(torch.tensor([[5, 6, 7, 8, 9]])).logits[:, 2:]
        with prefix.attending():
            layers = tiny_model.network.config.num_hidden_layers
            cache = RowsCache(layers, prefix_length=2, rows=1, width=3, room=0)
            after = tiny_model.network(ids, past_key_values=cache).logits
        again = tiny_model.network(ids).logits
    torch.testing.assert_close(after, whole, atol=1e-5, rtol=1e-4)
    assert torch.equal(plain, again)


def test_the_beginning_of_a_known_prefix_is_not_read_again(tiny_model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tiny_model.read_prefix([5, 6, 7, 8])
    monkeypatch.setattr(SharedPrefix, "read", None)  # any reading would fail
    assert tiny_model.read_prefix([5, 6, 7, 8]) is whole
    shorter = tiny_model.read_prefix([5, 6, 7])
    assert shorter.token_ids == (5, 6, 7)
    monkeypatch.undo()
    tiny_model.forget_prefixes()
    again = tiny_model.read_prefix([5, 6, 7])
    for one, two in zip((*shorter.keys, *shorter.values), (*again.keys, *again.values), strict=True):
        torch.testing.assert_close(one, two)
