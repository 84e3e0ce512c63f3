"""Every architecture answers as transformers' own generate does, whatever way of reading it is found fit for."""

from typing import Any

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM

from model.decoding.prefix import SharedPrefix
from model.decoding.proof import Unreadable, prove
from model.decoding.rows import Rows
from model.sampling import Sampling

_IDS: dict[str, Any] = {"vocab_size": 64, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
_LLAMA: dict[str, Any] = _IDS | {
    "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "max_position_embeddings": 128, "initializer_range": 0.3,
}  # fmt: skip
_HEADS = _LLAMA | {"head_dim": 8}
_FULL = _HEADS | {"layer_types": ["full_attention"] * 2}
_GPT = _IDS | {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 128, "n_ctx": 128, "initializer_range": 0.3}
_SMALL = {"vocab_size": 64, "hidden_size": 32, "initializer_range": 0.3}
_EXPERTS = {"num_local_experts": 2, "num_experts_per_tok": 1}
_LATENT = {
    "q_lora_rank": 16, "kv_lora_rank": 8, "qk_rope_head_dim": 4, "qk_nope_head_dim": 4, "v_head_dim": 8,
    "num_key_value_heads": 4, "n_routed_experts": 2, "num_experts_per_tok": 1, "n_group": 1, "topk_group": 1,
    "first_k_dense_replace": 1, "moe_intermediate_size": 16,
}  # fmt: skip
_OPT = {"ffn_dim": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "max_position_embeddings": 128}

SHARING: dict[str, dict[str, Any]] = {
    "llama": _LLAMA, "qwen2": _LLAMA, "qwen3": _HEADS, "gemma": _HEADS, "phi": _LLAMA, "phi3": _LLAMA,
    "smollm3": _LLAMA, "olmo": _LLAMA, "olmo2": _LLAMA, "gpt2": _GPT, "stablelm": _LLAMA, "gpt_neox": _LLAMA,
    "granite": _LLAMA, "cohere": _LLAMA, "starcoder2": _LLAMA, "glm": _HEADS,
    "opt": {"vocab_size": 64, "hidden_size": 32, "word_embed_proj_dim": 32, "init_std": 0.3} | _OPT,
    "mixtral": _LLAMA | _EXPERTS,
}  # fmt: skip
APART: dict[str, dict[str, Any]] = {
    # Layers that keep a window alone.
    "mistral": _LLAMA, "gemma3_text": _HEADS,
    # An attention of their own: two that are subtracted, sinks, a soft cap, latent keys, positions by distance, …
    "diffllama": _LLAMA, "gpt_oss": _FULL | _EXPERTS, "gemma2": _FULL, "deepseek_v3": _LLAMA | _LATENT,
    "gptj": _GPT | {"rotary_dim": 4}, "codegen": _GPT | {"rotary_dim": 4},
    "bloom": _SMALL | {"n_layer": 2, "n_head": 4},
    "falcon": _SMALL | {"num_hidden_layers": 2, "num_attention_heads": 4},
    "gpt_neo": _SMALL | {
        "num_layers": 2, "num_heads": 4, "attention_types": [[["global"], 2]], "max_position_embeddings": 128,
        "intermediate_size": 48,
    },
    "mpt": {"vocab_size": 64, "d_model": 32, "n_heads": 4, "n_layers": 2, "max_seq_len": 128, "initializer_range": 0.3},
    "xglm": {
        "vocab_size": 64, "d_model": 32, "ffn_dim": 48, "num_layers": 2, "attention_heads": 4,
        "max_position_embeddings": 128, "init_std": 0.3,
    },
}  # fmt: skip
BEGUN = [5, 9, 33, 12, 50, 7, 21, 40, 18]
PROMPTS = [[*BEGUN, *own] for own in ([3, 60, 14, 22], [31], [44, 8, 19, 27, 36, 11], [52, 6, 29], [10, 47])]
NEW = 8


@pytest.fixture
def network(request: pytest.FixtureRequest) -> Any:
    name = request.param
    torch.manual_seed(0)
    config = AutoConfig.for_model(name, **(SHARING | APART)[name])
    made = AutoModelForCausalLM.from_config(config).float().eval().requires_grad_(False)
    for key, parameter in made.named_parameters():
        if "sinks" in key:
            torch.nn.init.normal_(parameter)
    return made


def _generated(network: Any) -> list[list[int]]:
    """What transformers writes after each prompt alone."""
    options = {"max_new_tokens": NEW, "do_sample": False, "eos_token_id": None, "pad_token_id": 0}
    found = []
    for prompt in PROMPTS:
        ids = torch.tensor([prompt])
        found.append(network.generate(ids, attention_mask=torch.ones_like(ids), **options)[0, len(prompt) :].tolist())
    return found


@torch.inference_mode()
def _ours(network: Any, shares: bool) -> list[list[int]]:
    prefix = SharedPrefix.read(network, BEGUN) if shares else None
    rows = Rows(network, PROMPTS, prefix, can_leave=shares, pad=0)
    return rows.answer(Sampling(max_new_tokens=NEW, stop=()), range(len(PROMPTS)), lambda ids: False)


@pytest.mark.filterwarnings("ignore")  # of transformers, about architectures that are not ours
@pytest.mark.parametrize("network", [*SHARING, *APART], indirect=True)
def test_each_architecture_answers_as_transformers_does(network: Any, request: pytest.FixtureRequest) -> None:
    expected = _generated(network)
    ways = prove(network)
    assert ways.pads
    assert ways.shares is (request.node.callspec.params["network"] in SHARING)
    assert bool(ways.note) is not ways.shares, "what is slower is said"
    assert _ours(network, ways.shares) == expected


@pytest.mark.parametrize("network", ["llama"], indirect=True)
def test_an_attention_that_changes_under_us_switches_sharing_off(network: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from model.decoding import prefix

    right = prefix.attend_prefix
    monkeypatch.setattr(prefix, "attend_prefix", lambda *args: right(*args) * 1.1)
    expected = _generated(network)
    ways = prove(network)
    assert not ways.shares
    assert "gives other numbers" in ways.note
    assert _ours(network, shares=False) == expected, "the attention that it came with is back"


@pytest.mark.filterwarnings("ignore")
def test_a_network_without_keys_and_values_is_refused() -> None:
    torch.manual_seed(0)
    config = AutoConfig.for_model("mamba", vocab_size=64, hidden_size=32, state_size=4, num_hidden_layers=2)
    with pytest.raises(Unreadable, match="mamba"):
        prove(AutoModelForCausalLM.from_config(config).eval())
