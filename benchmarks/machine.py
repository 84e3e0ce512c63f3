"""What this machine can do at most, and how much of it reading a prompt uses."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import torch

from model.local import LocalModel

REPEATS = 9
TOKENS = 512


def _seconds(work: Callable[[], object], device: str) -> float:
    """Median seconds of a call, after one to warm up."""
    work()
    times = []
    for _ in range(REPEATS):
        if device == "cuda":
            torch.cuda.synchronize()
        started = time.perf_counter()
        work()
        if device == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - started)
    return median(times)


def matrix_rate(device: str, dtype: torch.dtype, size: int = 2048) -> float:
    """Floating-point operations a second in a large product of square matrices."""
    one, two = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    return 2 * size**3 / _seconds(lambda: one @ two, device)


def bandwidth(device: str) -> float:
    """Bytes a second that are read, in the sum of an array larger than the processor's caches."""
    array = torch.ones(2**26, device=device)
    return 4 * len(array) / _seconds(array.sum, device)


def prefill_operations(network: Any, tokens: int) -> float:
    """Floating-point operations of reading `tokens` and one vocabulary product.

    2 for each weight of a matrix and token, and 4 · layers · size · tokens² for attention, counted as if every token
    saw all others (the convention of Chowdhery et al. 2022, "PaLM", appendix B).
    """
    config = network.config
    output = network.get_output_embeddings()
    matrices = sum(m.weight.numel() for m in network.modules() if isinstance(m, torch.nn.Linear) and m is not output)
    return float(
        2 * tokens * matrices
        + 2 * output.weight.numel()
        + 4 * config.num_hidden_layers * config.hidden_size * tokens**2
    )


def own_matrix_rate(network: Any, tokens: int) -> float:
    """The same for the products of this network's own matrices with `tokens` rows, nothing else between them."""
    output = network.get_output_embeddings()
    matrices = [m.weight for m in network.modules() if isinstance(m, torch.nn.Linear) and m is not output]
    inputs = {size: matrices[0].new_ones(tokens, size) for size in {matrix.shape[1] for matrix in matrices}}
    seconds = _seconds(lambda: [inputs[m.shape[1]] @ m.t() for m in matrices], str(matrices[0].device))
    return 2 * tokens * sum(matrix.numel() for matrix in matrices) / seconds


@torch.inference_mode()
def measure(model: LocalModel) -> dict[str, float]:
    """Rates, and the share of them that a prompt of 512 tokens and a single row's next token reach."""
    network, device = model.network, model.device
    limit, read = matrix_rate(device, network.dtype), bandwidth(device)
    own = own_matrix_rate(network, TOKENS)
    tokens = torch.arange(100, 100 + TOKENS, device=device).unsqueeze(0)
    prefill = _seconds(lambda: network(input_ids=tokens, logits_to_keep=1), device)
    operations = prefill_operations(network, TOKENS)
    causal = operations - 2 * network.config.num_hidden_layers * network.config.hidden_size * TOKENS**2
    after = matrix_rate(device, network.dtype)
    one = _seconds(lambda: network(input_ids=tokens[:, :1], logits_to_keep=1), device)
    weights = sum(p.numel() * p.element_size() for p in network.parameters())
    return {
        "matrix_flops": (limit + after) / 2,  # before and after, as the machine's speed wanders
        "read_bytes_s": read,
        "prefill_512_s": prefill,
        "own_matrix_flops": own,
        "prefill_512_share": operations / prefill / ((limit + after) / 2),
        "prefill_512_share_causal": causal / prefill / ((limit + after) / 2),
        "prefill_512_share_of_own": operations / prefill / own,
        "one_token_s": one,
        "one_token_share_of_bandwidth": weights / one / read,
    }
