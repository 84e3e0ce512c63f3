"""Tokens a second for the shapes of common models, as a share of what the device can do. Weights are random.

    python -m benchmarks.shapes --device cuda

Prefill: 8 prompts of 1,024 tokens. Decoding: 64 rows after prompts of 128 tokens, 32 tokens each. Training: LoRA
steps of 16 examples of 64 tokens behind a shared prefix of 64. On a GPU in bfloat16, on a CPU in float32.
"""

import argparse
import json
import time
from types import SimpleNamespace
from typing import Any

import torch

from benchmarks.machine import bandwidth, matrix_rate, prefill_operations
from finetune.adapter import lora_config, new_adapter
from finetune.examples import Example
from finetune.settings import TrainingSettings
from finetune.steps import epochs_of
from finetune.train import train
from model.decoding.attention import ATTENTION
from model.decoding.rows import Rows
from model.sampling import Sampling

SHAPES: dict[str, dict[str, int]] = {
    "tiny": {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
             "num_key_value_heads": 2, "vocab_size": 1024},
    "Qwen2.5-0.5B": {"hidden_size": 896, "intermediate_size": 4864, "num_hidden_layers": 24,
                     "num_attention_heads": 14, "num_key_value_heads": 2, "vocab_size": 151936},
    "Qwen2.5-7B": {"hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28,
                   "num_attention_heads": 28, "num_key_value_heads": 4, "vocab_size": 152064},
}  # fmt: skip


def random_network(shape: str, device: str) -> Any:
    """A network of that shape, made on the device itself."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    dtype = torch.bfloat16 if device == "cuda" else torch.float32
    config = Qwen2Config(**SHAPES[shape], max_position_embeddings=4096, eos_token_id=0, dtype=dtype)
    torch.manual_seed(0)
    with torch.device(device):
        network = Qwen2ForCausalLM(config).to(dtype).eval().requires_grad_(False)
    network.set_attn_implementation(ATTENTION)
    return network


def _synchronised(device: str) -> float:
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


@torch.inference_mode()
def _answering(network: Any, device: str) -> dict[str, float]:
    draw = torch.Generator().manual_seed(0)

    def prompts(rows: int, tokens: int) -> list[list[int]]:
        return torch.randint(1, 1000, (rows, tokens), generator=draw).tolist()

    Rows(network, prompts(2, 32), None, True, 0).answer(Sampling(max_new_tokens=4, stop=()), [0, 1], lambda ids: False)
    started = _synchronised(device)
    Rows(network, prompts(8, 1024), None, True, 0).read(1)
    prefill = _synchronised(device) - started
    rows, new = Rows(network, prompts(64, 128), None, True, 0), 32
    started = _synchronised(device)
    rows.read(1)
    read = _synchronised(device) - started
    started = _synchronised(device)
    rows.answer(Sampling(max_new_tokens=new, stop=()), range(64), lambda ids: False)
    step = (_synchronised(device) - started - read) / (new - 1)
    return {"prefill": prefill, "step": step}


def _training(network: Any, device: str) -> float:
    """Examples a second."""
    draw = torch.Generator().manual_seed(0)
    shared = list(range(1, 65))
    examples = [
        Example((*shared, *ids[:56]), tuple(ids[56:]))
        for ids in torch.randint(100, 1000, (64, 64), generator=draw).tolist()
    ]
    settings, model = TrainingSettings(epochs=1), SimpleNamespace(network=network, shares_prefixes=True)
    with new_adapter(model, lora_config(settings), "bench") as parameters:
        train(model, parameters, epochs_of(examples[:16], settings), settings, lambda *_: None)
        started = _synchronised(device)
        train(model, parameters, epochs_of(examples, settings), settings, lambda *_: None)
        return len(examples) / (_synchronised(device) - started)


def measure(shape: str, device: str) -> dict[str, float]:
    network = random_network(shape, device)
    rate, read = matrix_rate(device, network.dtype, 8192 if device == "cuda" else 2048), bandwidth(device)
    taken, learnt = _answering(network, device), _training(network, device)
    bytes_ = sum(p.numel() * p.element_size() for name, p in network.named_parameters() if "lora_" not in name)
    per_token = prefill_operations(network, 1)
    return {
        "matrix_flops": rate, "read_bytes_s": read,
        "prefill_tokens_s": 8 * 1024 / taken["prefill"],
        "prefill_share": 8 * prefill_operations(network, 1024) / taken["prefill"] / rate,
        "decode_tokens_s": 64 / taken["step"],
        "decode_share_of_bandwidth": bytes_ / taken["step"] / read,
        "training_examples_s": learnt,
        # forward and backward to the inputs: twice the forward's operations; 68 of 128 tokens an example are its own
        "training_share": learnt * 68 * 2 * per_token / rate,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--shapes", default="Qwen2.5-0.5B,Qwen2.5-7B", help="comma-separated: " + ", ".join(SHAPES))
    options = parser.parse_args()
    print(json.dumps({name: measure(name, options.device) for name in options.shapes.split(",")}, indent=1))


if __name__ == "__main__":
    main()
