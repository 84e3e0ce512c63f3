"""Pipes and devices in the folders of runs, adapters and models: told or made again, never waited for."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from data.cache_entry import changed_file, obtain, seal
from data.errors import TriviumError
from data.load import load_domain
from data.lock import HOLDER, holder_of
from evaluation.cost.prices import read_prices
from evaluation.report.finish import damaged_output, grade_again
from evaluation.results.file import read_results
from evaluation.run.folder import RunFolder
from evaluation.run.mending import damages, mend
from finetune.adapter import read_adapter
from finetune.checkpoint import Checkpoint
from finetune.obtain import is_trained
from model.files import file_digests
from model.gguf.header import read_header
from model.options import ModelOptions
from model.reader import Reader
from model.registry import load_model
from model.scripted import read_scripted
from model.weights import resolve_model
from rag.index_record import load_kept

READERS: tuple[Callable[[RunFolder], Any], ...] = (
    RunFolder.record, read_results, damaged_output, lambda run: list(damages(run)), mend, grade_again,
)  # fmt: skip


def pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def device(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to("/dev/zero")


SPECIAL = pytest.mark.parametrize("special", [pipe, device])


@SPECIAL
@pytest.mark.parametrize(
    "name",
    ["run.json", "results.json", "answers.jsonl", "scores.jsonl", "questions.jsonl", "chunks.jsonl", "prompts.jsonl",
     "labels.jsonl", "report.md", "report.html"],
)  # fmt: skip
def test_of_a_run(make_domain: Callable[..., Path], make_run: Any, right: Any, name: str, special: Any) -> None:
    run: RunFolder = make_run("made", load_domain(make_domain(facts=2)), {"base": right, "rag": right})
    special(run.path / name)
    for reader in READERS:
        with suppress(TriviumError):
            reader(run)


def test_a_report_that_is_a_pipe_is_made_again(make_domain: Callable[..., Path], make_run: Any, right: Any) -> None:
    run: RunFolder = make_run("made", load_domain(make_domain(facts=2)), {"base": right, "rag": right})
    grade_again(run)
    pipe(run.path / "report.md")
    assert damaged_output(run) == f"{run.path / 'report.md'}: it is not what was written."
    grade_again(run)
    assert damaged_output(run) == ""


@SPECIAL
def test_of_who_holds_a_folder(tmp_path: Path, special: Any) -> None:
    special(tmp_path / HOLDER)
    assert holder_of(tmp_path) is None


@SPECIAL
@pytest.mark.parametrize("name", ["DIGESTS.json", "training.json", "adapter_model.safetensors"])
@pytest.mark.parametrize("sealed", [True, False])
def test_of_an_adapter_and_of_the_cache(tmp_path: Path, name: str, sealed: bool, special: Any) -> None:
    folder = tmp_path / "adapter"
    folder.mkdir()
    for file in ("training.json", "adapter_config.json", "adapter_model.safetensors"):
        (folder / file).write_text('{"sha256": "0", "key": "k"}', encoding="utf-8")
    seal(folder)
    special(folder / name)
    if not sealed:
        (folder / "DIGESTS.json").unlink()
    with pytest.raises(TriviumError):
        read_adapter(folder, reused=True)
    if sealed:
        assert changed_file(folder) == folder / name
    told: list[str] = []
    assert not obtain(folder, lambda scratch: (scratch / "new").touch(), "thing", told.append)
    assert [path.name for path in sorted(folder.iterdir())] == ["DIGESTS.json", "new"]


@SPECIAL
def test_of_a_checkpoint_and_an_index(tmp_path: Path, special: Any) -> None:
    special(tmp_path / "training.safetensors")
    optimizer: Any = None
    assert Checkpoint(tmp_path).load([], optimizer) == {}
    special(tmp_path / "index.json")
    assert load_kept(tmp_path, "x", "y") is None


@SPECIAL
@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"])
def test_of_a_model(tiny_model_folder: Path, tmp_path: Path, name: str, special: Any) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    for path in tiny_model_folder.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    special(folder / name)
    file_digests(str(folder))
    with pytest.raises(TriviumError, match=rf"{name}: not a regular file"):
        load_model(str(folder), ModelOptions("cpu"))
    special(folder / "model.safetensors")
    with pytest.raises(TriviumError, match="not a regular file"):
        resolve_model(str(folder))


@SPECIAL
def test_of_single_files(tmp_path: Path, special: Any) -> None:
    special(tmp_path / "adapter_config.json")
    for path, reader in (("x.gguf", read_header), ("s.jsonl", lambda p: read_scripted(str(p))), ("p.toml", read_prices),
                         (".", Reader)):  # fmt: skip
        if path != ".":
            special(tmp_path / path)
        with pytest.raises(TriviumError, match="not a regular file"):
            reader(tmp_path / path)


@SPECIAL
def test_an_adapter_in_the_cache_is_no_reason_to_wait(tiny_model: Any, tmp_path: Path, special: Any,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    from finetune.settings import TrainingSettings

    monkeypatch.setenv("TRIVIUM_CACHE", str(tmp_path))
    (tmp_path / "adapters").mkdir()
    monkeypatch.setattr("finetune.obtain.training_key", lambda *_: "k" * 64)
    special(tmp_path / "adapters" / ("k" * 32))
    assert not is_trained(tiny_model, [], TrainingSettings())
