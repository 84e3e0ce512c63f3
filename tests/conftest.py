"""A tiny language model, a bag-of-words embedder and a small domain, all made here: no download, no weights."""

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes import BagOfWords, says_right, write_domain, write_run, write_tiny_model

from data.load import load_domain
from data.schema import Domain

os.environ.setdefault("HF_HUB_OFFLINE", "1")


@pytest.fixture
def make_domain(tmp_path: Path) -> Callable[..., Path]:
    return lambda **options: write_domain(tmp_path / "domain", **options)


@pytest.fixture
def domain(tmp_path: Path) -> Domain:
    return load_domain(write_domain(tmp_path / "domain"))


@pytest.fixture
def make_answer() -> Callable[..., Any]:
    """Answers with everything that a test does not care about filled in."""
    from evaluation.run.records import Answer

    defaults = {
        "method": "rag", "question_id": "q", "seed": 0, "phase": "main", "batch": 0, "batch_rows": 1, "answer": "",
        "finish_reason": "stop", "prompt_sha256": "", "prompt_tokens": 1, "cached_tokens": 0, "completion_tokens": 1,
        "retrieval_s": 0, "generation_s": 0,
    }  # fmt: skip
    return lambda **fields: Answer.model_validate(defaults | fields)


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Any]:
    return lambda name, domain, methods, **options: write_run(tmp_path / "runs" / name, domain, methods, **options)


@pytest.fixture
def right() -> Callable[[Any], str]:
    return says_right


@pytest.fixture
def runs(make_domain: Any, make_run: Any, tmp_path: Path) -> Path:
    """A run with answers made up here: rag always right, base never; one answer tries to be markup."""
    domain = load_domain(make_domain())
    make_run("made-up", domain, {"base": lambda question: "<script>alert(1)</script>", "rag": says_right})
    return tmp_path / "runs"


@pytest.fixture(scope="session")
def tiny_model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("tiny-model"))


@pytest.fixture(scope="session")
def tiny_reader_folder(tiny_model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter with random values for that model, written by peft itself."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    config = LoraConfig(r=4, lora_alpha=12, target_modules="all-linear", task_type="CAUSAL_LM")
    network = AutoModelForCausalLM.from_pretrained(tiny_model_folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers in a way that it announces to change
        wrapped = get_peft_model(network, config)
    for number, (name, parameter) in enumerate(wrapped.named_parameters()):
        if "lora_" in name:
            torch.nn.init.normal_(parameter, std=0.1, generator=torch.Generator().manual_seed(number))
    folder = tmp_path_factory.mktemp("tiny-reader")
    wrapped.save_pretrained(folder)
    return folder


@pytest.fixture
def tiny_model(tiny_model_folder: Path) -> Any:
    from model.local import LocalModel

    return LocalModel(str(tiny_model_folder), device="cpu")


@pytest.fixture
def embedder() -> BagOfWords:
    return BagOfWords()


@pytest.fixture(autouse=True)
def own_cache(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fast tests neither read nor fill the user's cache; slow ones use it, for the converted weights."""
    if "slow" not in request.keywords:
        monkeypatch.setenv("TRIVIUM_CACHE", str(tmp_path_factory.mktemp("cache")))
