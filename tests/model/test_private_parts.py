"""What this package leans on inside transformers and torch, by name: a version that lacks a part is noticed here.

At run time nothing breaks in silence: prefix sharing proves itself when a model is loaded (model/decoding/proof.py).
"""

import inspect

import pytest
import torch
from transformers import AttentionInterface, DynamicCache, LlamaConfig, PreTrainedModel, PreTrainedTokenizerBase
from transformers.cache_utils import DynamicLayer
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

from model.decoding.attention import ATTENTION, shared_prefix_attention


def test_the_attention_is_registered() -> None:
    assert AttentionInterface()[ATTENTION] is shared_prefix_attention
    assert AttentionMaskInterface()[ATTENTION] is sdpa_mask


@pytest.mark.parametrize("name", ["lazy_initialization", "update", "get_seq_length", "get_mask_sizes"])
def test_a_layer_of_the_cache_has_the_methods_that_ours_replaces_or_uses(name: str) -> None:
    assert callable(getattr(DynamicLayer, name))


def test_a_cache_made_for_a_config_has_its_layers() -> None:
    config = LlamaConfig(hidden_size=8, num_hidden_layers=3, num_attention_heads=2)
    layers = DynamicCache(config=config).layers
    assert [type(layer) for layer in layers] == [DynamicLayer] * 3


def test_loading_can_report_what_it_found() -> None:
    assert "output_loading_info" in inspect.getsource(PreTrainedModel.from_pretrained)


def test_templates_take_another_template_for_one_call() -> None:
    assert "chat_template" in inspect.signature(PreTrainedTokenizerBase.apply_chat_template).parameters


def test_torch_has_the_fused_attention_that_says_its_sums() -> None:
    """Without it the scores are written out: slower, the same numbers."""
    query = torch.ones(1, 1, 2, 8)
    output, sums = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(query, query, query)
    assert output.shape == query.shape
    assert sums.shape == (1, 2, 1) or sums.shape == (1, 1, 2)
