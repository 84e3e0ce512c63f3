"""Whole runs on a model behind a server: the answers and verdict of the script, and nothing lost when it dies."""

import json
from pathlib import Path
from typing import Any

import pytest
from fake_server import FakeServer, be_impatient, from_, serving
from fakes import write_domain

from data.errors import ServerFailure, TriviumError
from evaluation.cli.main import app
from model.scripted import Line, answers_from

METHODS = "base,inject,rag,lora,lora+rag,oracle"
COMMON = ("--search-by", "words", "--device", "cpu", "--chunk-tokens", "128", "--top-k", "2", "--methods", METHODS)


def trivium(*arguments: str) -> None:
    app(list(arguments), standalone_mode=False)


def run_on(server: FakeServer, out: str, *options: str) -> None:
    trivium("run", "domain", "--out", out, "--model", "openai:tiny", "--base-url", server.url, *COMMON, *options)


def read(name: str) -> Any:
    return json.loads(Path(name).read_text(encoding="utf-8"))


def answers(run: str) -> dict[tuple[str, str, str], tuple[str, str, int]]:
    rows = map(json.loads, (Path(run) / "answers.jsonl").read_text(encoding="utf-8").splitlines())
    return {
        (row["method"], row["phase"], row["question_id"]): (row["answer"], row["prompt_sha256"], row["prompt_tokens"])
        for row in rows
    }


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Line]:
    """A domain here, and a script that knows an answer where its evidence is in the prompt."""
    be_impatient(monkeypatch)
    monkeypatch.chdir(tmp_path)
    rows = map(json.loads, (write_domain(tmp_path / "domain", 12) / "questions.jsonl").read_text().splitlines())
    lines = [
        Line(question=row["question"], answer=row["answers"][0], needs=row["evidence"])
        for row in rows
        if row["answers"] and row.get("split") != "train"
    ]
    Path("answers.jsonl").write_text("\n".join(line.model_dump_json() for line in lines), encoding="utf-8")
    return lines


def test_a_run_over_the_wire_is_the_run_of_the_script(script: list[Line]) -> None:
    with serving(FakeServer(answers_from(script))) as server:
        run_on(server, "wire")
    trivium("run", "domain", "--out", "script", "--model", "scripted:answers.jsonl", *COMMON)
    assert answers("wire") == answers("script")
    wire, scripted = read("wire/results.json"), read("script/results.json")
    assert wire["verdict"]["summary"] == scripted["verdict"]["summary"]
    assert wire["verdict"]["recommended"] == scripted["verdict"]["recommended"]
    assert {name: method["overall"] for name, method in wire["methods"].items()} == {
        name: method["overall"] for name, method in scripted["methods"].items()
    }
    assert all(check["passed"] is not False for check in wire["audit"]["checks"])


def test_a_model_that_takes_no_temperature_is_not_called_greedy(script: list[Line]) -> None:
    refused = {'"temperature"': "Unsupported value: 'temperature' does not support 0 with this model."}
    for name, refuses in (("greedy", {}), ("drawn", refused)):
        with serving(FakeServer(answers_from(script), refuses=refuses)) as server:
            run_on(server, name)
    greedy, drawn = (Path(f"{name}/report.md").read_text(encoding="utf-8") for name in ("greedy", "drawn"))
    assert ("Greedy decoding" in greedy, "No temperature sent" in greedy) == (True, False)
    assert ("Greedy decoding" in drawn, "No temperature sent" in drawn) == (False, True)


def test_a_run_over_the_wire_refuses_above_a_threshold(script: list[Line]) -> None:
    with serving(FakeServer(answers_from(script))) as server:
        server.unknown = 0.3
        run_on(server, "wire", "--refuse-above", "0.2")
        run_on(server, "other", "--refuse-above", "0.4")
    assert {said for said, _, _ in answers("wire").values()} == {"unknown"}
    assert "unknown" not in {said for said, _, _ in answers("other").values()}  # as the script says by itself
    assert '"unknown" exactly when its probability is above 0.2' in Path("wire/report.md").read_text(encoding="utf-8")


def test_what_a_server_cannot_show_is_not_applicable_with_the_reason(script: list[Line]) -> None:
    with serving(FakeServer(answers_from(script))) as server:
        run_on(server, "wire")
        record = read("wire/run.json")
        assert server.url == record["model"]["identity"]["base_url"]
    results, report = read("wire/results.json"), Path("wire/report.md").read_text(encoding="utf-8")
    assert list(results["methods"]) == ["base", "inject", "rag", "oracle"]
    assert set(results["not_applicable"]) == {"lora", "lora+rag"}
    assert "| lora | n/a |" in report
    assert any(reason.startswith("lora and lora+rag: n/a. ") for reason in results["verdict"]["reasons"])
    assert [results["model"][key] for key in ("parameters", "fingerprint", "shapes")] == [None] * 3
    for method in results["methods"].values():
        assert method["memory_peak_bytes"] is None
        assert method["usage"]["operations"] is None


def test_a_server_that_dies_loses_nothing(script: list[Line]) -> None:
    with serving(FakeServer(answers_from(script))) as server:
        run_on(server, "undisturbed")
    with serving(FakeServer(answers_from(script), fault=from_("drop", 60))) as dying:
        port = dying.server_port
        with pytest.raises(ServerFailure, match=r"no server answers there.*What was answered is kept; `trivium resume"):
            run_on(dying, "killed")
    before = answers("killed")
    assert before
    with pytest.raises(ServerFailure, match=r"no server answers there.*`trivium resume killed` goes on\."):
        trivium("resume", "killed")
    with serving(FakeServer(answers_from(script), port=port)) as again:
        trivium("resume", "killed")
        asked = len(again.chats)
    assert answers("killed") == answers("undisturbed")
    assert before.items() <= answers("killed").items()
    assert asked < len(server.chats)
    killed, undisturbed = (read(f"{name}/results.json") for name in ("killed", "undisturbed"))
    assert killed["verdict"]["summary"] == undisturbed["verdict"]["summary"]
    assert killed["contrasts"] == undisturbed["contrasts"]


def test_another_server_is_another_run(script: list[Line]) -> None:
    with serving(FakeServer(answers_from(script))) as server:
        run_on(server, "one", "--methods", "base")
    with serving(FakeServer(answers_from(script))) as other, pytest.raises(TriviumError, match="base_url was"):
        run_on(other, "one", "--methods", "base")


def test_no_file_of_a_run_holds_the_key(script: list[Line], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIVIUM_API_KEY", "sk-very-secret-key")
    with serving(FakeServer(answers_from(script), key="sk-very-secret-key")) as server:
        run_on(server, "run", "--methods", "base,rag")
    kept = [path for path in Path("run").rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if b"very-secret" in path.read_bytes()]


def test_where_nothing_can_be_asked_that_is_the_error(script: list[Line]) -> None:
    with (
        serving(FakeServer(answers_from(script))) as server,
        pytest.raises(TriviumError, match="trained only where --train-with"),
    ):
        run_on(server, "lora", "--methods", "lora")


def test_answers_are_paid_by_the_token(script: list[Line]) -> None:
    """Prices that nobody knows are n/a in the table of methods; given, they are those of the server's own counts."""
    options = ("--methods", "base,rag")
    with serving(FakeServer(answers_from(script))) as server:
        server.cached = 5
        run_on(server, "run", *options)
        assert read("run/results.json")["methods"]["rag"]["cost"]["per_query_usd"] is None
        assert "(n/a: the price book has no prices of 'tiny'; give yours" in Path("run/report.md").read_text("utf-8")
        run_on(
            server, "run", *options, "--price", "token_in=2", "--price", "token_cached=0.5", "--price", "token_out=8"
        )
    results = read("run/results.json")
    assert results["costs"]["scenario"]["bill"] == "api"
    for method in results["methods"].values():
        tokens = method["tokens"]
        assert tokens["cached"] == 5
        usd = ((tokens["prompt"] - 5) * 2 + 5 * 0.5 + tokens["completion"] * 8) / 1e6
        assert method["cost"]["per_query_usd"] == pytest.approx(usd)
    row = results["costs"]["methods"]["base"]
    assert row["query"] == pytest.approx(results["methods"]["base"]["cost"]["per_query_usd"])


def knows(script: list[Line]) -> Any:
    """What an adapter says that has learned every answer."""
    return answers_from([line.model_copy(update={"needs": ""}) for line in script])


def test_an_adapter_is_trained_here_and_answers_there(script: list[Line], tiny_model_folder: Path) -> None:
    options = ("--methods", "base,lora,lora+rag", "--train-with", str(tiny_model_folder), "--epochs", "1")
    with serving(FakeServer(answers_from(script))) as server:
        server.tuned = knows(script)
        run_on(server, "run", *options, "--rank", "4")
        loaded = [body for _, path, body in server.requests if path == "/v1/load_lora_adapter"]
    results = read("run/results.json")
    sha256 = results["methods"]["lora"]["weights"]["adapter_sha256"]
    assert [body["lora_name"] for body in loaded] == [f"trivium-{sha256[:16]}"]
    assert (Path(loaded[0]["lora_path"]) / "adapter_model.safetensors").exists()
    right = {name: method["overall"]["correct"] for name, method in results["methods"].items()}
    assert right["base"] == 0
    assert right["lora"] == right["lora+rag"] == len(script)
    assert results["not_applicable"] == {}
    assert results["methods"]["lora"]["training"]["seconds"] > 0
    assert all(check["passed"] is not False for check in results["audit"]["checks"])


def test_a_job_of_the_provider_answers_and_is_paid_by_its_tokens(
    script: list[Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model.endpoint.hosted._PAUSE", 0.0)
    prices = [part for name in ("token_in=1", "token_out=2", "training_token=25") for part in ("--price", name)]
    with serving(FakeServer(answers_from(script), owner="provider")) as server:
        server.tuned = knows(script)
        run_on(server, "run", "--methods", "base,lora", "--train-with", "hosted", *prices)
        [upload] = server.files.values()
    rows = [json.loads(line) for line in upload.decode().splitlines() if line.startswith('{"messages"')]
    assert [message["role"] for message in rows[0]["messages"]] == ["system", "user", "assistant"]
    lora = read("run/results.json")["methods"]["lora"]
    assert lora["overall"]["correct"] == len(script)
    assert (lora["training"]["seconds"], lora["usage"]["training_tokens"]) == (90.0, 1234)
    fixed = read("run/results.json")["costs"]["methods"]["lora"]["fixed"]
    assert fixed == pytest.approx(1234 * 25 / 1e6 + 0.5 * len(rows)), "and each wording was written by hand"
