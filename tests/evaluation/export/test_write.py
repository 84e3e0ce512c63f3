"""Exports hold what a method needs and nothing else, answer as the run did, and are refused when they changed."""

import json
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from data.errors import Incapable, TriviumError
from evaluation.cli.main import app
from evaluation.export.folder import read_export, read_serve_settings
from evaluation.export.loading import embedder_of, load_model_of
from evaluation.export.write import write_export
from evaluation.run.folder import RunFolder
from model.local import LocalModel

ALWAYS = {"DIGESTS.json", "README.md", "export.json", "figures.json", "serve.toml"}
PARTS = {
    "base": set(), "inject": {"documents.jsonl"}, "rag": {"index"}, "lora": {"adapter"}, "prefix": {"prefix"},
    "lora+rag": {"adapter", "index"},
}  # fmt: skip


@pytest.fixture
def exported(finished_run: Path, tmp_path: Path) -> Callable[..., Path]:
    return lambda name, **options: write_export(finished_run, name, tmp_path / name, **options)


def _answers(run: Path, name: str) -> dict[str, str]:
    return {a.question_id: a.answer for a in RunFolder(run).answers() if (a.method, a.phase) == (name, "main")}


@pytest.mark.parametrize("name", PARTS)
def test_it_holds_what_the_method_needs_and_answers_as_the_run_did(
    exported: Callable[..., Path], finished_run: Path, name: str
) -> None:
    folder = exported(name)
    assert {path.name for path in folder.iterdir()} == ALWAYS | PARTS[name]
    kept = read_export(folder)
    record = kept.record
    model = load_model_of(record, record.model.name, "cpu", None, lambda *_: None)
    embedder = embedder_of(record.embedder, record.embedder.name if record.embedder else "", "cpu")
    method = kept.ready(model, embedder, lambda *_: None)
    wanted, asked = _answers(finished_run, name), RunFolder(finished_run).questions()
    prompts = method.trace([asked[key] for key in wanted])
    told = {answer.question_id: answer.answer for batch in method.answer(prompts) for answer in batch}
    assert told == wanted
    assert len(set(told.values())) > 1 or name == "base", "answers that can be told apart"


def test_a_file_that_changed_is_named_and_settings_may_change(exported: Callable[..., Path]) -> None:
    folder = exported("lora+rag")
    settings = folder / "serve.toml"
    settings.write_text(settings.read_text().replace("port = 8321", "port = 9000"))
    assert read_serve_settings(folder).port == 9000
    read_export(folder)
    for name in ("adapter/adapter_model.safetensors", "index/passages.jsonl", "export.json", "figures.json"):
        path = folder / name
        content = path.read_bytes()
        path.write_bytes(content[:-2] + b"X" + content[-1:])
        with pytest.raises(TriviumError, match=Path(name).name):
            read_export(folder)
        path.write_bytes(content)
    read_export(folder)


def test_nothing_of_the_machine_that_ran_it_is_in_it(
    exported: Callable[..., Path], finished_run: Path, tiny_model_folder: Path
) -> None:
    folder = exported("lora")
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_bytes().replace(str(tiny_model_folder).encode(), b"")  # the name of the run's model
            assert str(finished_run.parent).encode() not in text, path


def test_the_card_has_the_figures_of_the_run(exported: Callable[..., Path], finished_run: Path) -> None:
    folder = exported("rag")
    results: dict[str, Any] = json.loads((finished_run / "results.json").read_text())
    method, card = results["methods"]["rag"], (folder / "README.md").read_text()
    assert f"| right | {method['overall']['accuracy']:.0%} of {method['overall']['n']} (95% interval" in card
    assert results["verdict"]["summary"].replace("|", "\\|") in card
    assert json.loads((folder / "figures.json").read_text())["methods"] == {"rag": method}
    assert "Harbours" in card


def test_peft_and_transformers_load_the_adapter_and_answer_alike(
    exported: Callable[..., Path], finished_run: Path, tiny_model_folder: Path
) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = exported("lora", merged=True)
    base = AutoModelForCausalLM.from_pretrained(tiny_model_folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers in a way that it announces to change
        beside = PeftModel.from_pretrained(base, folder / "adapter")
    whole = AutoModelForCausalLM.from_pretrained(folder / "merged")
    tokenizer = AutoTokenizer.from_pretrained(folder / "merged")
    asked, wanted = RunFolder(finished_run).questions(), _answers(finished_run, "lora")
    template = LocalModel(str(folder / "merged"), device="cpu")  # a complete model for Trivium, too
    for key, answer in wanted.items():
        kept = read_export(folder).record
        prompt = template.render(kept.prompt.messages(kept.instruction, asked[key].question))
        ids = tokenizer(prompt, return_tensors="pt", add_special_tokens=False)
        for network in (beside, whole):
            written = network.generate(**ids, max_new_tokens=6, do_sample=False)[0][ids["input_ids"].shape[1] :]
            assert tokenizer.decode(written, skip_special_tokens=True).partition("\n")[0].strip() == answer


@pytest.mark.parametrize(
    ("name", "said"), [("oracle", "yardstick"), ("lora-pairs", "no method 'lora-pairs'"), ("rga", "Did you mean 'rag'")]
)
def test_what_cannot_be_exported_is_refused(
    exported: Callable[..., Path], finished_run: Path, tmp_path: Path, name: str, said: str
) -> None:
    with pytest.raises(TriviumError, match=said):
        exported(name)
    assert not (tmp_path / name).exists()


def test_only_an_adapter_can_be_merged(exported: Callable[..., Path], tmp_path: Path) -> None:
    for name in ("rag", "prefix"):
        with pytest.raises(Incapable, match="no LoRA adapter"):
            exported(name, merged=True)
        assert not (tmp_path / name).exists()


@pytest.fixture
def broken(finished_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished_run, tmp_path / "broken"))


def test_damaged_and_unfinished_runs_are_refused(broken: Path, tmp_path: Path) -> None:
    adapter = broken / "adapters" / "seed-0" / "adapter_model.safetensors"
    content = adapter.read_bytes()
    adapter.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(TriviumError, match="adapter_model"):
        write_export(broken, "rag", tmp_path / "out")
    adapter.write_bytes(content)
    passages = broken / "index" / "passages.jsonl"
    lines = passages.read_text()
    passages.write_text(lines.replace("otter", "adder"))
    with pytest.raises(TriviumError, match="index"):
        write_export(broken, "rag", tmp_path / "out")
    passages.write_text(lines)
    folder = RunFolder(broken)
    folder.save_record(folder.record() | {"status": "running"})
    with pytest.raises(TriviumError, match="not finished"):
        write_export(broken, "rag", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_another_model_or_embedder_is_refused(exported: Callable[..., Path], tmp_path: Path) -> None:
    from fakes import write_tiny_model

    record = read_export(exported("lora+rag")).record
    other = write_tiny_model(tmp_path / "other", "Qwen2")
    with pytest.raises(TriviumError, match="another one than that of the run"):
        load_model_of(record, str(other), "cpu", None, lambda *_: None)
    assert record.embedder
    wrong = record.embedder.model_copy(update={"files": {"weights": "0" * 64}})
    with pytest.raises(TriviumError, match=r"another one than that of the run \(weights\)"):
        embedder_of(wrong, record.embedder.name, "cpu")()


def test_the_command_lists_what_it_wrote_and_never_writes_over_anything(finished_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = ["export", str(finished_run), "rag", str(out)]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert "index" in done.output
    again = CliRunner().invoke(app, command)
    assert isinstance(again.exception, TriviumError)
    assert "something is there already" in str(again.exception)


def test_a_base_that_was_a_gguf_file_is_written_as_one(tiny_model_folder: Path, tmp_path: Path) -> None:
    from fakes import write_domain, write_tiny_gguf

    base = write_tiny_gguf(tiny_model_folder, tmp_path / "base.gguf")
    options = ["--max-new-tokens", "6", "--general", "0", "--epochs", "2", "--device", "cpu", "--profile", "smoke"]
    command = ["run", str(write_domain(tmp_path / "domain")), "--model", str(base), "--methods", "lora", *options]
    done = CliRunner().invoke(app, [*command, "--out", str(tmp_path / "run")])
    assert done.exit_code == 0, done.output
    out = write_export(tmp_path / "run", "lora", tmp_path / "out", gguf=True)
    record, asked = read_export(out).record, RunFolder(tmp_path / "run").questions()
    model = LocalModel(str(out / "merged.gguf"), device="cpu")
    for key, answer in _answers(tmp_path / "run", "lora").items():
        prompt = model.render(record.prompt.messages(record.instruction, asked[key].question))
        assert model.generate_one(prompt, record.sampling)[0].text == answer


def test_a_base_that_was_no_gguf_file_is_not_written_as_one(exported: Callable[..., Path]) -> None:
    with pytest.raises(Incapable, match="convert_hf_to_gguf"):
        exported("lora", gguf=True)
