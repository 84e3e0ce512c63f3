"""How many floating-point operations an answer or a training takes, by formula from the model's real shapes.

A product of an (m, k) and a (k, n) matrix is 2·m·k·n operations. Normalisation, activation and rotary embedding are
left out, as is usual (Kaplan et al. 2020, arXiv 2001.08361, table 1); attention is counted over whole rectangles, as
eager attention computes it, not causally.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Shapes:
    """What the operations of a decoder depend on."""

    linear: int  # weights of all products inside the layers
    vocabulary: int  # weights of the product that gives the next token's logits
    attention: int  # layers · heads · size of a head


def shapes_of(network: Any) -> Shapes:
    """Counted on the network itself; LoRA layers beside its products are not part of them."""
    import torch

    output = network.get_output_embeddings()
    products = [m for name, m in network.named_modules() if isinstance(m, torch.nn.Linear) and "lora_" not in name]
    config = network.config
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return Shapes(
        linear=sum(product.in_features * product.out_features for product in products if product is not output),
        vocabulary=output.weight.numel(),
        attention=config.num_hidden_layers * config.num_attention_heads * size,
    )


def reading_operations(shapes: Shapes, tokens: int, cached: int = 0) -> int:
    """Reading `tokens` behind `cached` ones, without the vocabulary product."""
    return 2 * shapes.linear * tokens + 4 * shapes.attention * tokens * (cached + tokens)


def answer_operations(shapes: Shapes, prompt: int, cached: int, written: int) -> int:
    """One answer: the prompt's tokens that are not cached are read at once, then each written token is fed back.

    The last token written is not fed back; each written one needs the vocabulary product once.
    """
    fed = max(0, written - 1)
    seen = fed * prompt + fed * (fed + 1) // 2  # tokens that those fed back attend to, summed
    decoding = 2 * shapes.linear * fed + 4 * shapes.attention * seen
    return reading_operations(shapes, prompt - cached, cached) + decoding + 2 * shapes.vocabulary * written


def preference_operations(shapes: Shapes, tokens: int, scored: int, adapter: int, epochs: int) -> int:
    """Preference tuning of an adapter: the reference reads all pairs once, then each epoch trains on them.

    Args:
        tokens: of one pass over all pairs, prompts and answers.
        scored: those of them that the vocabulary product is taken at.
    """
    reference = 2 * shapes.linear * tokens + 2 * shapes.vocabulary * scored
    return reference + epochs * training_operations(shapes, tokens, scored, adapter)


def training_operations(shapes: Shapes, tokens: int, labels: int, adapter: int) -> int:
    """Training an adapter of `adapter` weights: forward, and backward through frozen weights, which get no gradient.

    Products with the merged weights take 2 forward and 2 for the gradient of their input, the gradient of adapter
    weights 4 (6 where they are not merged, as in bfloat16); the attention of short examples and merging once a step,
    each under one part in a hundred here, are left out.
    """
    return 4 * shapes.linear * tokens + 4 * adapter * tokens + 4 * shapes.vocabulary * labels
