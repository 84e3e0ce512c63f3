"""Operations by formula against a counter on the network itself, with eager attention."""

from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoModelForCausalLM

from finetune.adapter import lora_config
from finetune.merged import merged_products
from finetune.settings import TrainingSettings
from model.operations import answer_operations, reading_operations, shapes_of, training_operations


@pytest.fixture
def network(tiny_model_folder: Any) -> Any:
    return AutoModelForCausalLM.from_pretrained(tiny_model_folder, attn_implementation="eager").eval()


def _counted(work: Any) -> int:
    with FlopCounterMode(display=False) as counter:
        work()
    return counter.get_total_flops()


@torch.no_grad()
def test_reading_and_writing_take_what_the_formula_says(network: Any) -> None:
    shapes, prompt, cached, written = shapes_of(network), 200, 150, 12

    def answer() -> None:
        cache = prefix.past_key_values
        ids = torch.arange(prompt - cached).unsqueeze(0)
        for _ in range(written):
            output = network(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
            ids = output.logits[:, -1:].argmax(-1)

    prefix = network(input_ids=torch.arange(cached).unsqueeze(0), use_cache=True)
    assert answer_operations(shapes, prompt, cached, written) == pytest.approx(_counted(answer), rel=0.02)

    def read() -> None:
        network.model(input_ids=torch.arange(cached).unsqueeze(0))

    assert reading_operations(shapes, cached) == pytest.approx(_counted(read), rel=0.02)


def test_training_takes_what_the_formula_says(network: Any) -> None:
    shapes = shapes_of(network)
    network.requires_grad_(False)
    network.add_adapter(lora_config(TrainingSettings(rank=4)))
    adapter = sum(p.numel() for name, p in network.named_parameters() if "lora_" in name)
    assert shapes_of(network) == shapes, "the adapter is no part of the network's own shapes"
    ids, labels = torch.arange(24).unsqueeze(0), 3

    def step() -> None:
        hidden = network.model(input_ids=ids).last_hidden_state[:, -labels:]
        network.get_output_embeddings()(hidden).logsumexp(-1).sum().backward()

    # Attention is left out by the formula and is a part of these tiny layers; the adapter's input needs no gradient.
    attention = 3 * (reading_operations(shapes, 24) - 2 * shapes.linear * 24)
    expected = training_operations(shapes, 24, labels, adapter) + attention
    with merged_products(network):
        assert expected == pytest.approx(_counted(step), rel=0.05)
