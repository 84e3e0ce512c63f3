"""A prefix that is trained while one watches: its numbers by layer, what it says, and that no weight moves."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from fakes import LAB_SENTENCES
from typer.testing import CliRunner

from data.load import load_domain
from data.progress import silent
from data.sentences_domain import suggested, write_sentences
from evaluation.cli.main import app
from evaluation.lab.kinds import WatchedPrefix
from evaluation.lab.memories import TRAINED, memories, remember
from evaluation.lab.playground import Playground
from evaluation.lab.training import Lab
from evaluation.run.folder import LAB
from evaluation.run.settings import RunSettings
from finetune.adapter import read_adapter
from finetune.anatomy import norms_by_layer
from finetune.settings import TrainingSettings
from model.local import LocalModel
from model.sampling import Sampling


@pytest.fixture(scope="module")
def watched(tiny_model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    root = tmp_path_factory.mktemp("prefix-lab")
    write_sentences([suggested(sentence) for sentence in LAB_SENTENCES], root / "mine" / "domain")
    settings = RunSettings(
        domain=root / "mine" / "domain", model=str(tiny_model_folder), training=TrainingSettings(epochs=5, reading=0),
        prefix_tokens=12, methods=("base", "inject", "rag", "prefix"),
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRIVIUM_CACHE", str(root / ".cache"))
        model = LocalModel(str(tiny_model_folder), "cpu")
        record = Lab(load_domain(settings.domain), settings, root / "mine", model, prefix=True).run(silent)
        yield root / "mine", record, model


def test_rows_of_a_stacked_tensor_are_its_layers() -> None:
    stacked = torch.stack([torch.full((2, 2), 3.0), torch.full((2, 2), 4.0)])
    assert norms_by_layer([(".layers.*.keys", stacked), (".layers.*.values", stacked)]) == pytest.approx(
        [72**0.5, 128**0.5]
    )


def test_gradients_by_layer_are_all_of_the_gradient(watched: Any) -> None:
    _, record, _ = watched
    curve = record["training"]["curve"]
    assert [line["step"] for line in curve] == [1, 2, 3, 4, 5]
    for line in curve:
        assert len(line["gradient_by_layer"]) == 2
        whole = sum(norm**2 for norm in line["gradient_by_layer"]) ** 0.5
        assert whole == pytest.approx(min(line["gradient"], 1.0), rel=1e-3)


def test_no_weight_moves_and_every_layer_of_the_prefix_does(watched: Any) -> None:
    folder, record, model = watched
    assert record["kind"] == "prefix"
    assert record["fingerprint_before"] == record["fingerprint_after"] == model.fingerprint()
    assert [row["layer"] for row in record["moved"]] == [0, 1]
    assert all(row["added"] > 0 and row["base"] > 0 for row in record["moved"])
    assert json.loads((folder / LAB).read_text(encoding="utf-8"))["kind"] == "prefix"
    heads, size = model.network.config.num_key_value_heads, model.network.config.head_dim
    assert record["facts"]["training"]["changed"] == 2 * 2 * heads * (12 - 1) * size, "layers, keys and values"


def test_the_valley_ends_where_training_did(watched: Any) -> None:
    """Along the whole update, the loss at 1 is that of the prefix as it was kept."""
    folder, record, model = watched
    at = dict(zip(record["valley"]["steps"], record["valley"]["along"], strict=True))
    assert at[0.0] == pytest.approx(record["apart"]["loss_before"], rel=1e-5)
    assert record["path"][-1]["step"] == 4
    assert record["path"][-1]["along"] <= 1.05
    trained = read_adapter(folder / "adapters" / "prefix-seed-0", reused=True)
    tokens = json.loads((folder / "run.json").read_text(encoding="utf-8"))["settings"]["prefix_tokens"]
    assert tokens == 12
    kind = WatchedPrefix([5] * 12)
    with kind.fresh(model, TrainingSettings()):
        assert [tuple(part.shape) for part in kind.last(model, trained)] == [tuple(p.shape) for _, p in kind.named]


def test_the_playground_finds_it_and_says_what_changed(watched: Any) -> None:
    folder, record, _ = watched
    ground = Playground(folder)
    assert TRAINED["prefix"] in memories(ground)
    assert TRAINED["adapter"] not in memories(ground)
    asked = record["after"][0]["question"]
    said, changed = remember(ground, TRAINED["prefix"], "", asked, Sampling(max_new_tokens=4))
    assert said
    assert record["after"][0]["answer"].startswith(said)
    assert not record["before"][0]["answer"].startswith(said)
    numbers = record["facts"]["training"]["changed"]
    assert changed == f"a prefix of {numbers:,} numbers before every prompt, when it was trained"
    method = ground.method("prefix").trained_
    assert method is not None
    assert method.sha256 == record["adapter_sha256"], "not trained again"


def test_the_command_trains_one_and_refuses_a_rate(
    tiny_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIVIUM_CACHE", str(tmp_path / "cache"))
    (tmp_path / "five.txt").write_text("\n".join(LAB_SENTENCES) + "\n", encoding="utf-8")
    arguments = ["train", str(tmp_path / "five.txt"), "--out", str(tmp_path / "mine"), "--prefix-tokens", "8",
                 "--model", str(tiny_model_folder), "--epochs", "2", "--device", "cpu"]  # fmt: skip
    refused = CliRunner().invoke(app, [*arguments, "--learning-rate", "0.1"])
    assert "a prefix has a learning rate of its own" in str(refused.exception)
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert "numbers of the prefix trained" in done.output.replace("\n", " ")
    assert (tmp_path / "mine" / "adapters" / "prefix-seed-0").is_dir()


def test_a_domain_without_training_wordings_is_learnt_as_a_run_does(
    tiny_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIVIUM_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "mine" / "domain"
    write_sentences([suggested(sentence) for sentence in LAB_SENTENCES], folder)
    lines = (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    asked = [line for line in lines if json.loads(line).get("split") != "train"]
    (folder / "questions.jsonl").write_text("".join(asked), encoding="utf-8")
    settings = RunSettings(
        domain=folder, model=str(tiny_model_folder), training=TrainingSettings(rank=2, epochs=1, reading=0),
        methods=("base", "lora"),
    )  # fmt: skip
    model = LocalModel(str(tiny_model_folder), "cpu")
    record = Lab(load_domain(folder), settings, tmp_path / "mine", model).run(silent)
    method = Playground(tmp_path / "mine").method("lora").trained_
    assert method is not None
    assert method.sha256 == record["adapter_sha256"]
