"""Every prompt of a run can be read in its folder as it was sent, and what many share is stored once."""

import hashlib
from pathlib import Path

from data.schema import Question
from evaluation.run.folder import RunFolder
from evaluation.run.prompts import read_prompts, save_prompts
from evaluation.run.traced import TracedPrompt


def traced(*texts: str) -> list[TracedPrompt]:
    return [TracedPrompt(Question(id=f"q{n}", question="?", answers=()), text) for n, text in enumerate(texts)]


def test_prompts_come_back_exactly(tmp_path: Path) -> None:
    texts = ["Corpus é\u2028 one", "Corpus é\u2028 two", "Other", "", "Corpus é\u2028 one\n"]
    folder = RunFolder(tmp_path)
    save_prompts(folder, traced(*texts[:2]))
    save_prompts(folder, traced(*texts))
    assert read_prompts(folder) == {hashlib.sha256(text.encode()).hexdigest(): text for text in texts}


def test_what_prompts_share_is_stored_once(tmp_path: Path) -> None:
    folder, corpus = RunFolder(tmp_path), "word " * 2000
    save_prompts(folder, traced(*(f"{corpus}Question {n}?" for n in range(50))))
    assert (tmp_path / "prompts.jsonl").stat().st_size < 2 * len(corpus) + 50 * 250
    before = (tmp_path / "prompts.jsonl").read_bytes()
    save_prompts(folder, traced(*(f"{corpus}Question {n}?" for n in range(50))))
    assert (tmp_path / "prompts.jsonl").read_bytes() == before, "a resumed run adds nothing"


def test_a_run_of_an_earlier_version_has_none(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    old = {"method": "rag", "question_id": "q", "chunk_ids": ["d#0"], "characters": 12}
    folder.write_rows("prompts.jsonl", [old])
    assert read_prompts(folder) == {}
    save_prompts(folder, traced("new"))
    assert list(read_prompts(folder).values()) == ["new"]
