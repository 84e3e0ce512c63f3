"""A packed sequence gives what its rows give one at a time."""

from typing import Any

import torch

from model.decoding.packed import PackedRows


def test_rows_see_the_prefix_and_themselves_and_nothing_else(tiny_model: Any) -> None:
    prefix, rows = [5, 6, 7], [[10, 11, 12], [20], [30, 31, 32, 33]]
    packed = PackedRows(prefix, rows, "cpu")
    with torch.inference_mode(), packed.attending():
        logits = tiny_model.network(
            packed.token_ids, position_ids=packed.position_ids, attention_mask=packed.unused_mask, use_cache=False
        ).logits[0]
    assert len(logits) == 3 + 3 + 1 + 4, "nothing is padded"
    end = 3
    for row in rows:
        with torch.inference_mode():
            alone = tiny_model.network(torch.tensor([prefix + row])).logits[0]
        torch.testing.assert_close(logits[:3], alone[:3], atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(logits[end : end + len(row)], alone[3:], atol=1e-5, rtol=1e-4)
        end += len(row)
