"""Formulas of memory by hand on tiny sizes, and against what torch really keeps for the way back."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from finetune.adapter import lora_config
from finetune.examples import Example
from finetune.merged import merged_products
from finetune.settings import TrainingSettings
from finetune.train import batch_loss
from model.decoding.attention import ATTENTION
from model.footprint import Batch, Footprint
from model.sizes import Sizes, of_config

SIZES = Sizes(
    weights=1000, products=600, sides=50, layers=2, hidden=8, inner=16, heads=4, queries=8, keys=4, vocabulary=10,
    window=64, biased=False,
)  # fmt: skip
CPU, GPU = Footprint(SIZES, "cpu"), Footprint(SIZES, "cuda")


def test_weights_are_float32_on_a_processor_bfloat16_on_a_gpu_and_fewer_bits_in_products_alone() -> None:
    assert (CPU.weights, GPU.weights) == (4000, 2000)
    assert Footprint(SIZES, "cuda", "8bit").weights == 600 + 400 * 2
    scales = 600 // 64 + 600 * 4 / (64 * 256)
    assert Footprint(SIZES, "cpu", "4bit").weights == pytest.approx(300 + scales + 400 * 4, abs=1)


def test_keys_and_values_are_two_of_a_layer() -> None:
    assert CPU.keys(3) == 2 * 2 * 4 * 3 * 4
    assert GPU.keys(3) == CPU.keys(3) / 2


def test_reading_holds_three_wide_parts_or_what_attention_does() -> None:
    assert CPU.reading(10) == 10 * (3 * 16 + 2 * 8) * 4
    wide_attention = Footprint(Sizes(**{**vars(SIZES), "queries": 64}), "cpu")
    assert wide_attention.reading(10) == 10 * (2 * 8 + 3 * 64 + 2 * 64) * 4


def test_a_long_prompt_is_read_in_pieces_with_a_mask_over_all_before() -> None:
    keys_and_mask = 20_000 * (2 * 8 * 4 + 4096 * 5)
    assert CPU.reading(20_000) == 4096 * (2 * 8 + 3 * 8) * 4 + keys_and_mask


def test_rows_have_keys_of_their_own_and_two_copies_of_their_logits() -> None:
    few = Footprint(Sizes(**{**vars(SIZES), "vocabulary": 100_000}), "cpu")
    assert few.answering(2, 5) == few.keys(10) + 2 * 2 * 100_000 * 4
    assert CPU.answering(2, 5) == CPU.keys(10) + CPU.reading(10)


def test_an_adapter_is_trained_with_its_gradient_and_two_means() -> None:
    batch = Batch(3, 2, 5, labels=4)
    step = 2 * CPU.kept_by_layer(batch) + 13 * (3 * 16 + 2 * 8) * 4
    assert CPU.training(batch, 3, again=False) == 3 * 50 * 16 + step


def test_an_adapter_is_added_to_a_second_copy_of_whole_products_on_a_processor_alone() -> None:
    assert CPU.merged() == 2400
    assert GPU.merged() == Footprint(SIZES, "cpu", "4bit").merged() == 0


def test_computing_again_keeps_what_enters_each_layer_and_one_layer() -> None:
    batch = Batch(3, 2, 5, labels=4)
    whole, again = (CPU.training(batch, 0, again) for again in (False, True))
    assert whole - again == CPU.kept_by_layer(batch) - 2 * 8 * 13 * 4


def test_logits_count_where_the_loss_is_taken_of_many_tokens() -> None:
    batch, taught = Batch(0, 2, 5, labels=1000), Batch(0, 2, 5, labels=1000, taught=True)
    kept = 2 * CPU.kept_by_layer(batch)
    assert CPU.training(batch, 0, again=False) == kept + 3 * 1000 * 10 * 4
    assert CPU.training(taught, 0, again=False) == kept + 6 * 1000 * 10 * 4


def test_a_trained_prefix_is_seven_times_its_keys_and_values() -> None:
    batch = Batch(3, 2, 5, labels=4, behind=6)
    none = CPU.training_prefix(batch, again=False) - 7 * CPU.keys(6)
    assert none == CPU.training(batch, 0, again=False)


@pytest.mark.parametrize(
    ("dtype", "batch"),
    [
        (torch.float32, Batch(20, 6, 15, labels=30)),
        (torch.float32, Batch(90, 3, 15, labels=15)),
        (torch.float32, Batch(0, 4, 40, labels=20)),
        (torch.bfloat16, Batch(20, 6, 15, labels=30)),
    ],
)
def test_a_layer_keeps_what_torch_keeps(dtype: torch.dtype, batch: Batch) -> None:
    few, more = (_saved(dtype, batch, layers) for layers in (1, 3))
    footprint = Footprint(of_config(_config(1)), "cpu" if dtype == torch.float32 else "cuda")
    assert (more - few) / 2 == pytest.approx(footprint.kept_by_layer(batch), rel=0.08)


def _config(layers: int) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=200, hidden_size=144, intermediate_size=384, num_hidden_layers=layers, num_attention_heads=9,
        num_key_value_heads=3, max_position_embeddings=512,
    )  # fmt: skip


def _saved(dtype: torch.dtype, batch: Batch, layers: int) -> int:
    """Bytes of all storages that a forward pass saves for the backward one, weights left out."""
    network: Any = LlamaForCausalLM(_config(layers)).to(dtype).eval().requires_grad_(False)
    network.set_attn_implementation(ATTENTION)
    network.add_adapter(lora_config(TrainingSettings(rank=2)), adapter_name="trained")
    for name, parameter in network.named_parameters():
        if ".trained." in name:
            parameter.data = parameter.data.float()
            parameter.requires_grad_(True)
    said = batch.labels // batch.rows
    prompt = (*range(batch.shared), *[5] * (batch.width - said + 1))
    examples = [Example(prompt, (7,) * said)] * batch.rows
    model: Any = SimpleNamespace(network=network, virtual=None)
    with merged_products(network) if dtype == torch.float32 else nullcontext():
        products = [module.forward.merged for module in network.modules() if hasattr(module.forward, "merged")]
        weights = {tensor.untyped_storage()._cdata for tensor in (*network.parameters(), *products)}
        kept: dict[int, Any] = {}

        def keep(tensor: torch.Tensor) -> torch.Tensor:
            kept[tensor.untyped_storage()._cdata] = tensor.untyped_storage()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            batch_loss(model, examples, batch.shared)
    return sum(storage.nbytes() for key, storage in kept.items() if key not in weights)
