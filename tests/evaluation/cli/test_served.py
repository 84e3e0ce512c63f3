"""Commands besides `run` that ask a model behind a server: check and init, at the address of option or environment."""

import json
from pathlib import Path
from typing import Any

import pytest
from fake_server import FakeServer, be_impatient, serving
from fakes import BagOfWords, write_domain

from data.errors import TriviumError
from evaluation.cli.main import app


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    be_impatient(monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("rag.embed.SentenceEmbedder", lambda *given: BagOfWords())


def test_check_says_what_the_server_can_do(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    write_domain(Path("domain"))
    with serving(FakeServer(lambda messages: "otter")) as server:
        monkeypatch.setenv("TRIVIUM_BASE_URL", server.url)
        app(["check", "domain", "--model", "openai:tiny", "--json"], standalone_mode=False)
    found = json.loads(capsys.readouterr().out)
    assert found["server"]["server"] == "vLLM 0.11"
    assert found["server"]["probabilities of tokens"] == "shown"
    assert found["base_knowledge"]["correct"] == 1, "of four animals one is an otter"


def test_a_served_writer_drafts_for_a_model_here(tiny_model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evaluation.drafting.draft.LIKE", 0.2)  # bags of words are less alike than sentences
    Path("domain/documents").mkdir(parents=True)
    Path("domain/documents/quay.md").write_text("# About the quay\n\nThe quay at Port Skene is 62 metres long.\n")

    def write(messages: Any) -> str:
        text = messages[-1]["content"]
        return "How many metres long is the quay at Port Skene?" if text.endswith("Question: How many metres") else "?"

    with serving(FakeServer(write)) as server:
        options = ("--writer", "openai:tiny", "--base-url", server.url, "--model", str(tiny_model_folder))
        app(["init", "domain", "--facts", "3", "--device", "cpu", *options], standalone_mode=False)
    rows = map(json.loads, Path("domain/drafts.jsonl").read_text(encoding="utf-8").splitlines())
    drafted = {row["question"]: row["meta"]["writer"] for row in rows}
    assert drafted["How many metres long is the quay at Port Skene?"] == "model"


def test_an_address_without_a_served_model_is_told(tiny_model_folder: Path) -> None:
    write_domain(Path("domain"))
    with pytest.raises(TriviumError, match=r"--base-url: the model '.*' is not behind a server"):
        app(["check", "domain", "--model", str(tiny_model_folder), "--base-url", "http://localhost:1/v1"],
            standalone_mode=False)  # fmt: skip
