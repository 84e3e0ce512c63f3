"""Which processors take products in bfloat16, and what is rounded."""

import pytest
import torch

from finetune.half_precision import half_precision, has_bfloat16


@pytest.mark.parametrize(("able", "expected"), [({"avx512_bf16": True}, True), ({"amx_bf16": True}, True),
                                                ({"avx512_bf16": False, "avx2": True}, False)])  # fmt: skip
def test_only_a_cpu_with_the_instructions(
    able: dict[str, bool], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    assert has_bfloat16("cpu") is expected
    assert not has_bfloat16("cuda")


def test_products_are_rounded_and_weights_are_not() -> None:
    layer = torch.nn.Linear(2, 1, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0, 2.0**-10]]))  # 1 + 2 to the -10 is no bfloat16
    with half_precision():
        assert layer(torch.ones(1, 2)).item() == 1.0
    assert layer(torch.ones(1, 2)).item() == 1.0 + 2.0**-10
    assert layer.weight.dtype is torch.float32
