"""The scripted model: what its file says, within a window of words; what it cannot do it says."""

import json
from pathlib import Path
from typing import Any

import pytest

from data.errors import TriviumError
from data.prompt import PROMPT, Passage
from model.language_model import Logits, Trainable, Weights, need, offers
from model.registry import load_model
from model.sampling import Sampling
from model.scripted import ScriptedModel, read_scripted

LINES = [
    {"question": "When does it open?", "answer": "5:40", "needs": "opens at 5:40"},
    {"question": "Who?", "answer": "Ada Byron\nand so on"},
]


@pytest.fixture(params=["jsonl", "json"])
def script(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"answers.{request.param}"
    lines = "\n".join(map(json.dumps, LINES)) if request.param == "jsonl" else json.dumps(LINES)
    path.write_text(lines, encoding="utf-8")
    return path


def _ask(model: Any, question: str, text: str = "", **options: Any) -> Any:
    passages = (Passage("d", "d#0", "Bakery", text),) if text else ()
    return model.generate_one(model.render(PROMPT.messages("Answer.", question, passages)), Sampling(**options))[0]


def test_the_first_line_that_fits_answers(script: Path) -> None:
    model = load_model(f"scripted:{script}")
    assert _ask(model, "When does it open?", "It opens at 5:40.").text == "5:40"
    assert _ask(model, "When does it open?").text == "unknown", "what it needs is not in the prompt"
    assert _ask(model, "Who?").text == "Ada Byron", "up to the stop sequence"
    assert _ask(model, "What?").text == "unknown"
    cut = _ask(model, "Who?", max_new_tokens=1)
    assert (cut.text, cut.finish_reason, cut.completion_tokens) == ("Ada", "length", 1)


def test_the_window_is_counted_in_words() -> None:
    model = ScriptedModel(lambda messages: "yes", window=40)
    assert model.count_tokens("a b  c\n") == 3
    with pytest.raises(TriviumError, match="exceed the window"):
        _ask(model, "word " * 30)


def test_batches_that_are_done_are_not_asked_again() -> None:
    asked: list[str] = []
    model = ScriptedModel(lambda messages: asked.append(messages[-1]["content"]) or "yes")
    prompts = [model.render(PROMPT.messages("Answer.", f"Q{n}?")) for n in range(5)]
    batches = list(model.generate(prompts, Sampling(), batch_size=2, done=frozenset({1})))
    assert [[place for place, _ in batch] for batch in batches] == [[0, 1], [4]]
    assert [batch[0][1].batch for batch in batches] == [0, 2]
    assert len(asked) == 3


def test_what_it_cannot_do_it_says(script: Path) -> None:
    model = read_scripted(str(script))
    assert [offers(model, capability) for capability in (Weights, Logits, Trainable)] == [None] * 3
    with pytest.raises(TriviumError, match=r"lora needs weights that can be trained; scripted:.* gives none"):
        need(model, Trainable, "lora")


@pytest.mark.parametrize(
    ("text", "reason"),
    [('{"question": "Q?"}', "answer 1"), ('{"question": "Q?", "answer": 1', "line 1: not JSON"), ("[1]", "answer 1")],
)
def test_a_file_that_is_no_script_is_one_sentence(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TriviumError, match=reason):
        read_scripted(str(path))
    with pytest.raises(TriviumError, match=r"none\.jsonl: No such file"):
        read_scripted(str(tmp_path / "none.jsonl"))
