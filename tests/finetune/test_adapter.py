"""An adapter changes answers only while it is switched on; the same training gives the same adapter, once."""

import multiprocessing
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from peft import get_peft_model_state_dict
from peft.tuners.lora import LoraLayer
from safetensors.torch import load_file

from data.cache_entry import SEAL
from data.errors import TriviumError
from data.progress import Progress, silent
from data.schema import Domain
from finetune import checkpoint
from finetune import obtain as adapters
from finetune.adapter import PREFIX, WEIGHTS, Adapter, read_adapter, switched_on
from finetune.examples import Example, training_examples
from finetune.obtain import obtain_adapter, training_key
from finetune.settings import TrainingSettings
from model.language_model import Prompt
from model.local import LocalModel
from model.sampling import Sampling
from rag.chunk import chunk

_Process = multiprocessing.get_context("fork").Process
SETTINGS = TrainingSettings(rank=4, epochs=10, learning_rate=1e-2, batch_size=4)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "run" / "adapters" / "seed-0"


def _answer(model: LocalModel) -> str:
    prompt = Prompt(("<|system|>", "Answer.", "<|end|><|user|>", "Which flag?", "<|end|><|assistant|>"))
    ((_, generation),) = next(
        model.generate([prompt], Sampling(max_new_tokens=8, stop=()), prefix=model.encode(prompt)[:-2])
    )
    return generation.text


def test_on_and_off(domain: Domain, tiny_model: LocalModel, kept: Path) -> None:
    _, examples = training_examples(domain, domain.split("train"), tiny_model, 0, chunk)
    fingerprint, before = tiny_model.fingerprint(), _answer(tiny_model)
    trained = obtain_adapter(tiny_model, examples, SETTINGS, silent, kept)
    assert _answer(tiny_model) == before, "a trained adapter that is not switched on changes nothing"
    with switched_on(tiny_model, trained, merged=False):
        apart = _answer(tiny_model)
        assert tiny_model.fingerprint() == fingerprint
    with switched_on(tiny_model, trained):
        assert _answer(tiny_model) == apart != before
        assert tiny_model.fingerprint() != fingerprint, "the adapter is a part of the weights while it answers"
    assert _answer(tiny_model) == before
    assert tiny_model.fingerprint() == fingerprint
    assert tiny_model.adapter == ""


def test_the_weights_come_back_when_answering_fails(domain: Domain, tiny_model: LocalModel, kept: Path) -> None:
    _, examples = training_examples(domain, domain.split("train"), tiny_model, 0, chunk)
    trained, fingerprint = obtain_adapter(tiny_model, examples, SETTINGS, silent, kept), tiny_model.fingerprint()
    with pytest.raises(RuntimeError, match="power cut"), switched_on(tiny_model, trained):
        raise RuntimeError("power cut")
    assert tiny_model.fingerprint() == fingerprint


def test_half_precision_keeps_the_adapter_apart(domain: Domain, tiny_model: LocalModel, kept: Path) -> None:
    _, examples = training_examples(domain, domain.split("train"), tiny_model, 0, chunk)
    trained = obtain_adapter(tiny_model, examples, SETTINGS, silent, kept)
    tiny_model.network.to(torch.bfloat16)
    fingerprint, before = tiny_model.fingerprint(), _answer(tiny_model)
    with switched_on(tiny_model, trained):
        assert tiny_model.fingerprint() == fingerprint
        assert _answer(tiny_model) != before


def test_the_same_training_gives_the_same_bits_and_is_not_repeated(
    domain: Domain, tiny_model: LocalModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _, examples = training_examples(domain, domain.split("train"), tiny_model, 0, chunk)

    def obtain(place: str, seed: int = 0) -> Adapter:
        settings = SETTINGS.model_copy(update={"seed": seed})
        return obtain_adapter(tiny_model, examples, settings, silent, tmp_path / place)

    first, from_cache = obtain("first"), obtain("second")
    assert (first.reused, from_cache.reused) == (False, True)
    assert from_cache.training["seconds"] == first.training["seconds"]
    monkeypatch.setenv("TRIVIUM_CACHE", str(tmp_path / "empty-cache"))
    assert obtain("first").reused, "the run's own copy is enough"
    elsewhere = obtain("third")
    assert not elsewhere.reused
    assert elsewhere.sha256 == first.sha256
    assert obtain("fourth", seed=1).sha256 != first.sha256


def test_a_stopped_training_goes_on_to_the_same_adapter(
    domain: Domain, tiny_model: LocalModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, examples = training_examples(domain, domain.split("train"), tiny_model, 0, chunk)
    monkeypatch.setattr(checkpoint, "EVERY_S", 0)
    steps: list[int] = []

    def pulled_at(last: int) -> Progress:
        def progress(step: str, done: int = 0, total: int = 0) -> None:
            if step.startswith("training"):
                steps.append(done)
                if done == last:
                    raise KeyboardInterrupt

        return progress

    def place(cache: str) -> Path:
        monkeypatch.setenv("TRIVIUM_CACHE", str(tmp_path / cache))
        return tmp_path / f"run-{cache}" / "adapters" / "seed-0"

    with pytest.raises(KeyboardInterrupt):
        obtain_adapter(tiny_model, examples, SETTINGS, pulled_at(4), place("stopped"))
    curve = tmp_path / "run-stopped" / "adapters" / "seed-0.curve.jsonl"
    assert len(curve.read_text(encoding="utf-8").splitlines()) == 4
    steps.clear()
    resumed = obtain_adapter(tiny_model, examples, SETTINGS, pulled_at(-1), place("stopped"))
    assert steps[0] == 5, "the fourth step was kept"
    straight = obtain_adapter(tiny_model, examples, SETTINGS, silent, place("straight"))
    assert resumed.sha256 == straight.sha256
    assert [p["loss"] for p in resumed.training["curve"]] == [p["loss"] for p in straight.training["curve"]]
    assert [resumed.training[k] for k in ("tokens", "examples")] == [
        straight.training[k] for k in ("tokens", "examples")
    ]
    assert not curve.exists()
    assert not list((tmp_path / "stopped").rglob("*.partial"))


def test_the_key_follows_data_and_settings(domain: Domain, tiny_model: LocalModel) -> None:
    _, examples = training_examples(domain, domain.split("train"), tiny_model, 0, chunk)
    key = training_key(tiny_model, examples, SETTINGS)
    assert training_key(tiny_model, examples, SETTINGS) == key
    assert training_key(tiny_model, examples[1:], SETTINGS) != key
    assert training_key(tiny_model, examples, SETTINGS.model_copy(update={"epochs": 11})) != key


def test_adapters_from_before_rehearsal_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The digest is the one that the program gave before it knew of rehearsal."""
    monkeypatch.setattr(adapters, "version", lambda _: "1")
    model: Any = SimpleNamespace(fingerprint=lambda: "f", device="cpu")
    examples = [Example((1, 2), (3,)), Example((4,), (5,), 0.5, 1)]
    assert training_key(model, examples, TrainingSettings()) == (
        "c445a14902e7344e8f34184694e86f02b6a28ef90072c0785fb3cee39fcef512"
    )
    assert training_key(model, examples, TrainingSettings(rehearsal=0.5)) != training_key(
        model, examples, TrainingSettings()
    )


def test_a_changed_adapter_is_refused(domain: Domain, tiny_model: LocalModel, kept: Path) -> None:
    _, examples = training_examples(domain, domain.split("train"), tiny_model, 0, chunk)
    trained = obtain_adapter(tiny_model, examples, SETTINGS, silent, kept)
    content = bytearray((trained.folder / WEIGHTS).read_bytes())
    content[-1] ^= 1
    (trained.folder / WEIGHTS).write_bytes(content)
    with pytest.raises(TriviumError, match="has changed since it was trained"):
        read_adapter(trained.folder, reused=True)


def test_an_adapter_that_is_loaded_in_part_is_refused(
    domain: Domain, tiny_model: LocalModel, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, examples = training_examples(domain, domain.split("train"), tiny_model, 0, chunk)
    trained = obtain_adapter(tiny_model, examples, SETTINGS, silent, kept)
    load = tiny_model.network.load_adapter

    def load_less(folder: str, adapter_name: str) -> None:
        load(folder, adapter_name=adapter_name)
        del next(m for m in tiny_model.network.modules() if isinstance(m, LoraLayer)).lora_B[adapter_name]

    monkeypatch.setattr(tiny_model.network, "load_adapter", load_less)
    with pytest.raises(TriviumError, match="was not loaded as it was written"), switched_on(tiny_model, trained):
        pass


def test_what_the_library_changes_while_loading_is_put_right(
    domain: Domain, tiny_model: LocalModel, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, examples = training_examples(domain, domain.split("train"), tiny_model, 0, chunk)
    trained = obtain_adapter(tiny_model, examples, SETTINGS, silent, kept)
    load = tiny_model.network.load_adapter

    def load_roughly(folder: str, adapter_name: str) -> None:
        load(folder, adapter_name=adapter_name)
        for name, parameter in tiny_model.network.named_parameters():
            if "lora_" in name:
                parameter.data = parameter.data.to(torch.bfloat16)

    monkeypatch.setattr(tiny_model.network, "load_adapter", load_roughly)
    written = load_file(trained.folder / WEIGHTS)
    with switched_on(tiny_model, trained, merged=False):
        found = get_peft_model_state_dict(tiny_model.network, adapter_name=trained.name)
    assert {f"{PREFIX}{name}" for name in found} == set(written)
    assert all(torch.equal(tensor, written[f"{PREFIX}{name}"]) for name, tensor in found.items())


@pytest.mark.parametrize("again", [False, True])
def test_a_base_in_bfloat16_has_an_adapter_in_float32(
    domain: Domain, tiny_model: LocalModel, kept: Path, again: bool
) -> None:
    """Weights, gradients and the optimizer's means; and it learns."""
    tiny_model.network.to(torch.bfloat16)
    _, examples = training_examples(domain, domain.split("train"), tiny_model, 0, chunk)
    seen: set[torch.dtype] = set()

    def watch(step: int) -> dict[str, Any]:
        trained = [p for p in tiny_model.network.parameters() if p.requires_grad]
        seen.update(tensor.dtype for p in trained for tensor in (p, p.grad) if tensor is not None)
        return {}

    settings = SETTINGS.model_copy(update={"checkpointing": again, "epochs": 20})
    trained = obtain_adapter(tiny_model, examples, settings, silent, kept, watch)
    assert seen == {torch.float32}
    assert {tensor.dtype for tensor in load_file(trained.folder / WEIGHTS).values()} == {torch.float32}
    assert trained.training["curve"][-1]["loss"] < 0.5 * trained.training["curve"][0]["loss"]
    before = _answer(tiny_model)
    with switched_on(tiny_model, trained):
        assert {p.dtype for n, p in tiny_model.network.named_parameters() if trained.name in n} == {torch.float32}
        assert _answer(tiny_model) != before
    assert {p.dtype for n, p in tiny_model.network.named_parameters() if "lora_" not in n} == {torch.bfloat16}


def test_a_training_that_fails_leaves_nothing_behind(
    domain: Domain, tiny_model: LocalModel, monkeypatch: pytest.MonkeyPatch, kept: Path
) -> None:
    _, examples = training_examples(domain, domain.split("train"), tiny_model, 0, chunk)
    fingerprint = tiny_model.fingerprint()

    def fail(*args: Any, **more: Any) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(adapters, "train", fail)
    with pytest.raises(RuntimeError, match="power cut"):
        obtain_adapter(tiny_model, examples, SETTINGS, silent, kept)
    assert [path.suffix for path in adapters.cache_folder().glob("adapters/*")] == [".lock"]
    assert not kept.parent.exists()
    assert tiny_model.fingerprint() == fingerprint


def test_nothing_to_train_on_is_said(tiny_model: LocalModel, kept: Path) -> None:
    with pytest.raises(TriviumError, match="nothing to train on"):
        obtain_adapter(tiny_model, [], SETTINGS, silent, kept)


# The libraries' own warning, about each other.
@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")
def test_peft_reads_the_adapter_with_every_weight(
    domain: Domain, tiny_model: LocalModel, tiny_model_folder: Path, kept: Path
) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    _, examples = training_examples(domain, domain.split("train"), tiny_model, 0, chunk)
    trained = obtain_adapter(tiny_model, examples, SETTINGS, silent, kept)
    elsewhere = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(tiny_model_folder), str(kept)).eval()
    ids = torch.tensor([list(examples[0].prompt)])
    with torch.inference_mode(), switched_on(tiny_model, trained):
        torch.testing.assert_close(elsewhere(ids).logits, tiny_model.network(ids).logits, atol=1e-4, rtol=1e-4)


def _stopped_at(domain: Domain, model: LocalModel, kept: Path, last: int) -> Path:
    """The checkpoint of a training that was stopped after a step."""
    _, examples = training_examples(domain, domain.split("train"), model, 0, chunk)

    def progress(step: str, done: int = 0, total: int = 0) -> None:
        if step.startswith("training") and done == last:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        obtain_adapter(model, examples, SETTINGS, progress, kept)
    (found,) = adapters.cache_folder().glob("adapters/*.partial/training.safetensors")
    return found


def _flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 16]) + content[place + 1 :]


@pytest.mark.parametrize("damage", ["empty", "cut", "header", "state", "weights"])
def test_a_damaged_checkpoint_begins_the_training_anew(
    domain: Domain, tiny_model: LocalModel, kept: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.setattr(checkpoint, "EVERY_S", 0)
    path = _stopped_at(domain, tiny_model, kept, last=4)
    content = path.read_bytes()
    path.write_bytes({
        "empty": b"", "cut": content[: len(content) // 2], "header": _flipped(content, 3),
        "state": _flipped(content, content.index(b"loss") + 9), "weights": _flipped(content, len(content) - 2),
    }[damage])  # fmt: skip
    _, examples = training_examples(domain, domain.split("train"), tiny_model, 0, chunk)
    steps: list[int] = []
    again = obtain_adapter(tiny_model, examples, SETTINGS, lambda step, done=0, total=0: steps.append(done), kept)
    assert 1 in steps, "from the first step"
    monkeypatch.setenv("TRIVIUM_CACHE", str(kept.parent / "elsewhere"))
    straight = obtain_adapter(tiny_model, examples, SETTINGS, silent, kept.with_name("straight"))
    assert again.sha256 == straight.sha256


@pytest.mark.parametrize("name", [WEIGHTS, "training.json", "adapter_config.json"])
@pytest.mark.parametrize("where", ["the cache", "the run", "both"])
def test_a_damaged_adapter_is_made_again(
    domain: Domain, tiny_model: LocalModel, kept: Path, name: str, where: str
) -> None:
    _, examples = training_examples(domain, domain.split("train"), tiny_model, 0, chunk)
    settings = SETTINGS.model_copy(update={"epochs": 1})
    first = obtain_adapter(tiny_model, examples, settings, silent, kept)
    (cached,) = adapters.cache_folder().glob("adapters/*/")
    for folder in {"the cache": [cached], "the run": [kept], "both": [cached, kept]}[where]:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(_flipped(content, len(content) - 5))
    said: list[str] = []
    again = obtain_adapter(tiny_model, examples, settings, lambda step, done=0, total=0: said.append(step), kept)
    assert again.sha256 == first.sha256
    assert again.reused is (where != "both")
    assert any("was damaged" in text for text in said) is (where == "both")
    assert read_adapter(kept, reused=True).training["seconds"] == again.training["seconds"]
    if where == "the cache":
        obtain_adapter(tiny_model, examples, settings, silent, kept.with_name("other"))
    assert len(list(adapters.cache_folder().glob("adapters/*.damaged"))) == (where != "the run")


def test_an_adapter_of_an_earlier_version_is_used(domain: Domain, tiny_model: LocalModel, kept: Path) -> None:
    """It has no digests but that of its weights."""
    _, examples = training_examples(domain, domain.split("train"), tiny_model, 0, chunk)
    settings = SETTINGS.model_copy(update={"epochs": 1})
    first = obtain_adapter(tiny_model, examples, settings, silent, kept)
    (cached,) = adapters.cache_folder().glob("adapters/*/")
    (cached / SEAL).unlink()
    again = obtain_adapter(tiny_model, examples, settings, silent, kept.with_name("other"))
    assert (again.reused, again.sha256) == (True, first.sha256)


def test_two_processes_train_an_adapter_once(
    domain: Domain, tiny_model: LocalModel, kept: Path, tmp_path: Path
) -> None:
    """The second waits for the first and uses what it made; each has its own copy."""
    log = tmp_path / "log"
    both = [_Process(target=_train, args=(domain, tiny_model, kept.with_name(f"run-{n}"), log)) for n in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    lines = log.read_text().splitlines()
    assert sorted(line for line in lines if line != "step") == [
        "another process is making the same adapter; waiting for it", "reused False", "reused True",
    ]  # fmt: skip
    assert lines.count("step") == 20, "one training"
    assert len({read_adapter(kept.with_name(f"run-{n}"), True).sha256 for n in range(2)}) == 1


def _train(domain: Domain, model: LocalModel, kept: Path, log: Path) -> None:
    torch.set_num_threads(1)
    _, examples = training_examples(domain, domain.split("train"), model, 0, chunk)

    def say(step: str, done: int = 0, total: int = 0) -> None:
        time.sleep(0.02)
        line = "step" if step.startswith("training") else step
        with log.open("a") as file:
            file.write(f"{line}\n")

    made = obtain_adapter(model, examples, SETTINGS, say, kept)
    with log.open("a") as file:
        file.write(f"reused {made.reused}\n")
