"""What is left of a device's memory, the peak since the reset, and one sentence where it runs out."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
import torch

from data.errors import TriviumError
from data.progress import silent
from data.schema import Domain
from finetune.examples import training_examples
from finetune.obtain import obtain_adapter
from finetune.settings import TrainingSettings
from model.decoding.prefix import SharedPrefix
from model.language_model import Prompt
from model.local import LocalModel
from model.memory import free_bytes, give_back, memory_for, peak_bytes, reset_peak
from model.sampling import Sampling
from rag.chunk import chunk
from rag.embed import SentenceEmbedder


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a peak that can be reset")
def test_a_large_block_is_seen_and_forgotten() -> None:
    reset_peak()
    before = peak_bytes()
    block = bytearray(200 * 2**20)
    during = peak_bytes()
    del block
    reset_peak()
    after = peak_bytes()
    assert before is not None
    assert during is not None
    assert after is not None
    assert during - before > 150 * 2**20
    assert during - after > 150 * 2**20


def _group(folder: Path, limit: str, statistics: str) -> list[tuple[str, str, str]]:
    for name, text in (("max", limit), ("current", "600"), ("stat", statistics)):
        (folder / name).write_text(f"{text}\n", encoding="ascii")
    other = (str(folder / "none"), str(folder / "current"), str(folder / "stat"))
    return [(str(folder / "max"), str(folder / "current"), str(folder / "stat")), other]


@pytest.mark.parametrize(("limit", "expected"), [("1000", 400), ("500", 0)])
def test_a_container_is_asked_before_the_machine(limit: str, expected: int, tmp_path: Path) -> None:
    assert free_bytes("cpu", _group(tmp_path, limit, "anon 600")) == expected


def test_a_container_without_a_limit_has_the_machine(tmp_path: Path) -> None:
    assert free_bytes("cpu", _group(tmp_path, "max", "anon 600")) > 2**20


@pytest.mark.parametrize(
    "statistics",
    [
        "anon 250\nfile 350\nshmem 50\ninactive_file 200\nactive_file 100",  # version 2
        "inactive_file 7\nactive_file 7\ntotal_inactive_file 200\ntotal_active_file 100",  # version 1: own, then all
    ],
)
def test_files_that_the_kernel_keeps_are_free_memory_of_a_container(statistics: str, tmp_path: Path) -> None:
    assert free_bytes("cpu", _group(tmp_path, "1000", statistics)) == 1000 - 600 + 300


def test_the_peak_of_a_model_on_the_cpu_is_not_the_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda: None)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda: 5)
    reset_peak("cpu")
    assert peak_bytes("cpu") != 5
    assert peak_bytes("cuda") == 5


def _on_a_processor() -> None:
    torch.empty(2**60)


def _on_a_gpu() -> None:
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


def _in_python() -> None:
    raise MemoryError


OUT_OF_MEMORY = pytest.mark.parametrize("fails", [_on_a_processor, _on_a_gpu, _in_python])


@OUT_OF_MEMORY
def test_a_lack_of_memory_is_one_sentence_with_its_remedy(fails: Callable[[], None]) -> None:
    with (
        pytest.raises(TriviumError, match=r"^not enough memory for a test\. Do less\.$"),
        memory_for("a test", "Do less."),
    ):
        fails()


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(RuntimeError, match="shapes"), memory_for("a test", "Do less."):
        raise RuntimeError("shapes do not match")


@OUT_OF_MEMORY
def test_whatever_is_being_prepared(
    tiny_model: LocalModel, domain: Domain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: Callable[[], None]
) -> None:
    """Reading what prompts share, training, embedding, loading."""

    def failing(*arguments: Any, **options: Any) -> None:
        fails()

    with monkeypatch.context() as patch:
        patch.setattr(SharedPrefix, "read", failing)
        with pytest.raises(TriviumError, match=r"a prompt of 9 tokens\. Give inject less with --inject-tokens"):
            tiny_model.read_shared(list(range(9)))
        prompt = Prompt.plain("Which animal is on the flag of Harbour?")
        with pytest.raises(TriviumError, match="Give inject less with --inject-tokens"):
            list(tiny_model.generate([prompt, prompt], Sampling(), tiny_model.encode(prompt)[:-1]))
    _, examples = training_examples(domain, domain.split("train"), tiny_model, 0, chunk)
    with monkeypatch.context() as patch:
        patch.setattr("finetune.train.step_gradients", failing)
        with pytest.raises(TriviumError, match=r"a training step\. Use a smaller --train-batch-size"):
            obtain_adapter(tiny_model, examples, TrainingSettings(), silent, tmp_path / "kept")
    with monkeypatch.context() as patch:
        patch.setattr("transformers.AutoModelForCausalLM.from_pretrained", failing)
        with pytest.raises(TriviumError, match=r"the weights of this model\. Round them with --load-in 4bit"):
            LocalModel(tiny_model.name, "cpu")
    embedder = SentenceEmbedder.__new__(SentenceEmbedder)
    embedder.network = SimpleNamespace(encode=failing)
    with pytest.raises(TriviumError, match=r"embedding the passages\. .*--search-by words"):
        embedder.encode(["text"])


def test_memory_that_was_freed_below_what_is_used_goes_back_to_the_system() -> None:
    def resident() -> int:
        return int(psutil.Process().memory_info().rss)

    blocks = [bytearray(60_000) for _ in range(3000)]
    last = blocks.pop()  # at the end of the heap, which glibc cuts no shorter than that
    del blocks
    before = resident()
    give_back()
    assert before - resident() > 100_000_000
    assert len(last) == 60_000
