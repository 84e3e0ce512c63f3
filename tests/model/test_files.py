"""A model's files tell which of its parts is another one, and nothing that decides no answer."""

import json
import os
import shutil
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from model import digests
from model.files import file_digests
from model.registry import digests_of
from model.weights import READER_MODEL


@pytest.fixture
def model(tiny_model_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model_folder, tmp_path / "model"))


def _other(model: Path, before: dict[str, str]) -> set[str]:
    now = file_digests(str(model))
    return {part for part in {*before, *now} if before.get(part) != now.get(part)}


def test_one_weight_is_another_model(model: Path) -> None:
    before, path = file_digests(str(model)), model / "model.safetensors"
    tensors = load_file(path)
    tensors["model.norm.weight"][0] += 0.5
    save_file(tensors, path, {"format": "pt"})
    assert _other(model, before) == {"weights"}


@pytest.mark.parametrize(("name", "part"), [("chat_template.jinja", "template"), ("tokenizer.json", "tokenizer")])
def test_each_part_is_told_apart(model: Path, name: str, part: str) -> None:
    before = file_digests(str(model))
    (model / name).write_text((model / name).read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert _other(model, before) == {part}


def test_a_template_inside_the_tokenizer_settings_is_the_template(model: Path) -> None:
    before, path = file_digests(str(model)), model / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"chat_template": "{{ 1 }}"}), encoding="utf-8")
    assert _other(model, before) == {"template"}


def test_an_adapter_put_beside_the_weights_and_another_end_token_are_seen(model: Path) -> None:
    before = file_digests(str(model))
    (model / "adapter_config.json").write_text("{}", encoding="utf-8")
    path = model / "generation_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"eos_token_id": 7}), encoding="utf-8")
    assert _other(model, before) == {"reader", "configuration"}


def test_what_decides_no_answer_is_no_difference(model: Path) -> None:
    before, path = file_digests(str(model)), model / "config.json"
    content = dict(reversed(json.loads(path.read_text()).items())) | {"transformers_version": "0.1"}
    path.write_text(json.dumps(content, indent=7), encoding="utf-8")
    (model / "README.md").write_text("My model", encoding="utf-8")
    os.utime(model / "model.safetensors")
    assert _other(model, before) == set()


def test_a_reader_is_itself_and_its_base(tiny_reader_folder: Path, tiny_model_folder: Path) -> None:
    found = file_digests(str(tiny_reader_folder))
    assert found.pop("reader")
    assert found == file_digests(str(tiny_model_folder))
    assert set(file_digests(READER_MODEL)) == {"weights", "reader"}


def test_what_is_not_here_says_nothing() -> None:
    assert (
        file_digests("nobody/never-loaded") == file_digests("./nowhere") == digests_of("scripted:nowhere.jsonl") == {}
    )


def test_a_large_file_is_read_once(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "_LARGE", 1)
    monkeypatch.setattr(digests, "_SETTLED", -1.0)
    before = file_digests(str(model))
    with monkeypatch.context() as patch:
        patch.setattr(digests, "sha256_of", lambda path: pytest.fail(f"{path} is read again"))
        assert file_digests(str(model)) == before
    path = model / "model.safetensors"
    stat, content = path.stat(), bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # the same size and time: only the change time differs
    assert _other(model, before) == {"weights"}


def test_a_damaged_digest_that_was_kept_is_not_believed(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIVIUM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(digests, "_LARGE", 0)
    monkeypatch.setattr(digests, "_SETTLED", -1.0)
    before, kept = file_digests(str(model)), tmp_path / "cache" / "digests.json"
    content = kept.read_text(encoding="utf-8")
    place = content.index('"sha256": "') + len('"sha256": "')
    kept.write_text(f"{content[:place]}{'1' if content[place] == '0' else '0'}{content[place + 1 :]}", encoding="utf-8")
    assert file_digests(str(model)) == before
