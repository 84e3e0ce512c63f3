"""What decides an answer is part of a model's identity, and only that."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

from data.prompt import PROMPT
from model.local import LocalModel

DATED = "{{ strftime_now('%d %b %Y') }}{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"


def test_two_loads_are_the_same_model(tiny_model: LocalModel, tiny_model_folder: Path) -> None:
    again = LocalModel(str(tiny_model_folder), device="cpu").identity()
    assert tiny_model.identity() == again
    assert again["weights"] == tiny_model.fingerprint()
    assert again["template_date"] is None, "its template prints none"


def test_another_template_or_tokenizer_is_another_model(tiny_model_folder: Path, tmp_path: Path) -> None:
    changed = Path(shutil.copytree(tiny_model_folder, tmp_path / "model"))
    template = changed / "chat_template.jinja"
    template.write_text(template.read_text() + " ", encoding="utf-8")
    tokenizer = changed / "tokenizer.json"
    tokenizer.write_text(tokenizer.read_text().replace("<|think|>", "<|muse|>"), encoding="utf-8")
    before, after = (LocalModel(str(folder), device="cpu").identity() for folder in (tiny_model_folder, changed))
    assert {key for key in before if before[key] != after[key]} == {"name", "tokenizer", "template"}


def test_a_run_that_goes_on_prints_the_date_that_it_began_with(tiny_model_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_model_folder, tmp_path / "model"))
    (folder / "chat_template.jinja").write_text(DATED, encoding="utf-8")
    model = LocalModel(str(folder), device="cpu")
    assert model.identity()["template_date"] == date.today().isoformat()
    messages: Any = PROMPT.messages("Answer.", "Which?")
    model.go_on_as({"template_date": "2024-02-29"})
    assert model.render(messages).startswith("29 Feb 2024<|system|>")
    assert model.identity()["template_date"] == "2024-02-29"
