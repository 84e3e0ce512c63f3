"""The parts of a network with their sizes, for people who look at it."""

from typing import Any

from model.language_model import Trainable


def layers_of(model: Trainable) -> list[dict[str, Any]]:
    """The network as it is: its parts in order with their sizes, numbers read off the weights."""
    config, network = model.network.config, model.network
    blocks = sum(p.numel() for n, p in network.named_parameters() if ".layers." in n and "lora_" not in n)
    embedding = network.get_input_embeddings().weight
    tied = network.get_output_embeddings().weight.data_ptr() == embedding.data_ptr()
    heads = f"{config.num_attention_heads} attention heads, {config.intermediate_size:,} feed-forward units"
    return [
        {"part": "input", "size": f"{embedding.shape[0]:,} tokens, each {embedding.shape[1]:,} numbers",
         "weights": embedding.numel()},
        {"part": f"{config.num_hidden_layers} layers", "size": heads, "weights": blocks},
        {"part": "output", "size": f"a probability for each of {embedding.shape[0]:,} tokens",
         "weights": 0 if tied else network.get_output_embeddings().weight.numel(),
         "note": "the same weights as the input" if tied else ""},
    ]  # fmt: skip
