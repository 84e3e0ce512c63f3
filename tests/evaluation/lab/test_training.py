"""A watched training and the playground, on the tiny model: what is told is what happened."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from data.load import load_domain
from data.progress import silent
from data.sentences_domain import suggested, write_sentences
from evaluation.lab.memories import ANEW, INDEXED, PASTING, TRAINED, memories, paste, remember
from evaluation.lab.network import layers_of
from evaluation.lab.playground import Playground
from evaluation.lab.speeds import speeds
from evaluation.lab.training import Lab
from evaluation.run.folder import LAB
from evaluation.run.settings import RunSettings
from finetune.settings import TrainingSettings
from model.local import LocalModel
from model.sampling import Sampling
from ui.lab_quiz import quiz

SENTENCES = ("The quay is 62 metres long.", "The harbour cat is called Barnacle.")


@pytest.fixture(scope="module")
def trained(tiny_model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    root = tmp_path_factory.mktemp("lab")
    write_sentences([suggested(sentence) for sentence in SENTENCES], root / "mine" / "domain")
    recipe = TrainingSettings(rank=4, epochs=5, learning_rate=1e-2)
    settings = RunSettings(domain=root / "mine" / "domain", model=str(tiny_model_folder), training=recipe,
                           methods=("base", "inject", "lora"))  # fmt: skip
    model = LocalModel(str(tiny_model_folder), "cpu")
    said: list[dict[str, Any]] = []
    lab = Lab(load_domain(settings.domain), settings, root / "mine", model)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRIVIUM_CACHE", str(root / ".cache"))
        record = lab.run(silent, 2, said.append)
    return root / "mine", record | {"said": said}


def test_every_step_is_told_with_its_gradients(trained: tuple[Path, dict[str, Any]]) -> None:
    _, record = trained
    curve = record["training"]["curve"]
    assert [line["step"] for line in curve] == [1, 2, 3, 4, 5]
    assert all(len(line["gradient_by_layer"]) == 2 for line in curve)
    for line in curve:
        whole = sum(norm**2 for norm in line["gradient_by_layer"]) ** 0.5
        assert whole == pytest.approx(min(line["gradient"], 1.0), rel=1e-3), "clipped to 1, all of it in the layers"
    assert [line["step"] for line in curve if "answers" in line] == [1, 2, 4]
    assert [line["epochs"] for line in curve] == [1, 2, 3, 4, 5], "six examples are one step an epoch"
    assert curve[-1]["loss"] < curve[0]["loss"]


def test_the_frozen_model_stays_and_the_adapter_moves(trained: tuple[Path, dict[str, Any]]) -> None:
    folder, record = trained
    assert record["fingerprint_before"] == record["fingerprint_after"]
    assert [row["layer"] for row in record["moved"]] == [0, 1]
    assert all(0 < row["added"] < row["base"] for row in record["moved"])
    assert json.loads((folder / LAB).read_text(encoding="utf-8"))["state"] == "complete"


def test_the_valley_begins_and_ends_at_losses_that_were_measured(trained: tuple[Path, dict[str, Any]]) -> None:
    _, record = trained
    deep, apart, rates = record["valley"], record["apart"], record["rates"]
    at = dict(zip(deep["steps"], deep["along"], strict=True))
    across = dict(zip(deep["steps"], deep["across"], strict=True))
    assert at[0.0] == pytest.approx(apart["loss_before"], rel=1e-5)
    assert across[0.0] == pytest.approx(at[0.0], rel=1e-6)
    assert at[1.0] < at[0.0], "the adapter as it was trained"
    along = dict(zip(rates["steps"], rates["along"], strict=True))
    assert along[1.0] == pytest.approx(apart["loss_after"], rel=1e-4), "the step itself"
    path = record["path"]
    assert [point["step"] for point in path] == [1, 2, 4]
    assert 0 < path[0]["along"] < path[1]["along"] < path[2]["along"] <= 1.05
    assert all(0 <= point["across"] < 1 for point in path)
    assert path[-1]["loss"] < path[0]["loss"] <= apart["loss_before"] * 1.01


def test_the_check_has_eight_questions_with_one_right_choice(trained: tuple[Path, dict[str, Any]]) -> None:
    items = quiz(trained[1])
    assert len(items) == 8
    assert all(0 <= item.right < len(item.choices) for item in items)
    assert items[0].choices[items[0].right] == "none"
    assert items[3].choices[items[3].right] == "down"


def test_the_playground_tells_what_a_question_took(trained: tuple[Path, dict[str, Any]]) -> None:
    folder, record = trained
    ground = Playground(folder)
    parts: list[str] = []
    sampling = Sampling(max_new_tokens=6, stop=())
    told = {
        name: ground.ask(name, "The quay is how many metres long?", sampling, parts.append) for name in ground.methods
    }
    base, lora = told["base"], told["lora"]
    assert parts[len(base.written) - 1].strip().startswith(base.text[:1])
    assert base.trained == 0
    assert lora.trained == record["facts"]["training"]["changed"]
    assert base.prompt == lora.prompt
    prints = {one.fingerprint_before for one in told.values()} | {one.fingerprint_after for one in told.values()}
    assert prints == {record["fingerprint_before"]}
    assert told["inject"].prompt_tokens > base.prompt_tokens
    assert 0 < base.first_s <= base.total_s


def test_what_prompts_share_is_read_once_whatever_is_asked_between(trained: tuple[Path, dict[str, Any]]) -> None:
    ground = Playground(trained[0])
    sampling = Sampling(max_new_tokens=2, stop=())
    for name in ("lora", "base", "inject"):
        ground.ask(name, "Who?", sampling)
    known = dict(ground.model.prefixes._prefixes)
    for name in ("lora", "inject"):
        ground.ask(name, "Which quay?", sampling)
    assert ground.model.prefixes._prefixes == known
    assert any(len(ids) > 40 for _, ids in known), "the corpus is among them"


def test_the_bars_at_a_position_lead_to_the_token_that_was_written(trained: tuple[Path, dict[str, Any]]) -> None:
    ground = Playground(trained[0])
    told = ground.ask("lora", "The quay is how many metres long?", Sampling(max_new_tokens=4, stop=()))
    for position, token in enumerate(told.written):
        ((_, chances),) = ground.chances(told, position, Sampling())
        assert chances[0].token == ground.model.tokenizer.decode([token]), "greedy: the likeliest"
        assert [c.probability for c in chances] == sorted((c.probability for c in chances), reverse=True)
    stages = ground.chances(told, 0, Sampling(temperature=0.5, top_k=2))
    assert [name for name, _ in stages] == ["the model", "temperature", "top-k"]
    assert sum(chance.probability > 0 for chance in stages[-1][1]) == 2


def test_a_threshold_of_refusing_is_shown_at_the_first_token_alone(trained: tuple[Path, dict[str, Any]]) -> None:
    ground = Playground(trained[0])
    ground.model.refuse_above = 0.0  # as a reader that always refuses
    told = ground.ask("base", "The quay is how many metres long?", Sampling(max_new_tokens=3, stop=()))
    assert told.written[0] == ground.model.abstention()[0]
    first, after = ground.chances(told, 0, Sampling()), ground.chances(told, 1, Sampling())
    assert [name for name, _ in first] == ["the model", "refusal"]
    assert sum(chance.probability for chance in first[1][1]) in (0, 1), "all or nothing is left of those shown"
    assert [name for name, _ in after] == ["the model"]


def test_pasted_text_is_forgotten(trained: tuple[Path, dict[str, Any]]) -> None:
    ground = Playground(trained[0])
    sampling = Sampling(max_new_tokens=6, stop=())
    question = "What is in the box?"
    without = paste(ground, "", question, sampling)
    assert paste(ground, "The box holds pears.", question, sampling) != without
    assert paste(ground, "", question, sampling) == without


def test_the_same_text_is_pasted_forgotten_indexed_and_trained(trained: tuple[Path, dict[str, Any]]) -> None:
    folder, record = trained
    ground = Playground(folder)
    sampling = Sampling(max_new_tokens=6, stop=())
    question = "The quay is how many metres long?"
    told = {way: remember(ground, way, SENTENCES[0], question, sampling) for way in memories(ground) if way != INDEXED}
    assert told[PASTING][1] == "only this prompt"
    assert told[ANEW][0] == ground.ask("base", question, sampling).text
    assert told[TRAINED][0] == ground.ask("lora", question, sampling).text
    assert f"an adapter of {record['facts']['training']['changed']:,} weights" in told[TRAINED][1]
    assert ground.fingerprint == record["fingerprint_before"]


def test_three_ways_of_asking_give_the_same_answers(trained: tuple[Path, dict[str, Any]]) -> None:
    ground = Playground(trained[0])
    rows = speeds(ground, "inject", ["Who?", "Which quay?", "When?"], Sampling(max_new_tokens=4, stop=()))
    assert [(row["same"], row["of"]) for row in rows] == [(3, 3)] * 3
    assert all(row["seconds"] > 0 for row in rows)


def test_the_network_is_drawn_from_its_own_numbers(tiny_model: LocalModel) -> None:
    parts = layers_of(tiny_model)
    assert [part["part"] for part in parts] == ["input", "2 layers", "output"]
    norm = tiny_model.network.model.norm.weight.numel()
    assert sum(part["weights"] for part in parts) + norm == tiny_model.parameters


def test_the_command_trains_typed_sentences_and_goes_on(tiny_model_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "five.txt").write_text("\n".join(SENTENCES) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "evaluation", "train", "five.txt", "--out", "mine", "--model",
               str(tiny_model_folder), "--epochs", "3", "--watch", "--device", "cpu"]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "step 2: gradient" in done.stdout
    assert "base weights frozen, unchanged bit for bit" in done.stdout
    record = json.loads((tmp_path / "mine" / LAB).read_text(encoding="utf-8"))
    assert record["state"] == "complete"
