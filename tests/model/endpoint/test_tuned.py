"""What was trained for a served model: adapters loaded by name, those of the start, and a job of the provider."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_server import FakeServer, be_impatient, serving

from data.errors import Incapable, ServerFailure, TriviumError
from data.progress import silent
from data.prompt import PROMPT
from model.endpoint.tuned import TunedEndpoint
from model.options import ModelOptions
from model.registry import load_model
from model.sampling import Sampling

EXAMPLES = [{"messages": [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "Me."}]}]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    be_impatient(monkeypatch)
    monkeypatch.setattr("model.endpoint.hosted._PAUSE", 0.0)


@pytest.fixture
def start() -> Iterator[Callable[..., FakeServer]]:
    """Starts servers whose base says "base" and whose adapters say "tuned"; they end with the test."""
    running: list[Any] = []

    def make(**options: Any) -> FakeServer:
        context = serving(FakeServer(lambda messages: "base", **options))
        running.append(context)
        server = context.__enter__()
        server.tuned = lambda messages: "tuned"
        return server

    yield make
    for context in running:
        context.__exit__(None, None, None)


def opened(server: FakeServer, train_with: str = "weights") -> TunedEndpoint:
    model = load_model("openai:tiny", ModelOptions(base_url=server.url, train_with=train_with))
    assert isinstance(model, TunedEndpoint)
    return model


def said(model: TunedEndpoint) -> str:
    [[(_, answer)]] = model.generate([model.render(PROMPT.messages("Be brief.", "Who?"))], Sampling())
    return answer.text


def test_vllm_loads_an_adapter_and_answers_with_it_by_name(start: Any, tmp_path: Path) -> None:
    server = start()
    model = opened(server)
    model.load_adapter("trivium-1", tmp_path)
    assert ("POST", "/v1/load_lora_adapter", {"lora_name": "trivium-1", "lora_path": str(tmp_path)}) in server.requests
    assert said(model) == "base"
    with model.answering_as("trivium-1"):
        assert said(model) == "tuned"
        assert server.chats[-1]["model"] == "trivium-1"
    assert said(model) == "base"


def test_an_adapter_that_is_there_is_not_loaded_again(start: Any, tmp_path: Path) -> None:
    server = start()
    opened(server).load_adapter("trivium-1", tmp_path)
    opened(server).load_adapter("trivium-1", tmp_path)
    assert [path for _, path, _ in server.requests].count("/v1/load_lora_adapter") == 1


def test_a_server_that_may_not_load_adapters_says_what_to_start_it_with(start: Any, tmp_path: Path) -> None:
    server = start()
    server.closed = {"/v1/load_lora_adapter"}
    with pytest.raises(ServerFailure, match="VLLM_ALLOW_RUNTIME_LORA_UPDATING"):
        opened(server).load_adapter("trivium-1", tmp_path)


def test_a_server_of_another_kind_takes_no_adapters(start: Any) -> None:
    with pytest.raises(Incapable, match="this server takes no adapters"):
        opened(start(owner="somebody")).check_adapters()


def test_llama_cpp_answers_with_those_it_was_started_with_and_the_base_without(start: Any, tmp_path: Path) -> None:
    """It applies them to every request unless that says otherwise."""
    server = start(owner="llamacpp")
    server.scaled = ["other.gguf", "/adapters/trivium-1.gguf"]
    model = opened(server)
    model.load_adapter("trivium-1", tmp_path)
    assert said(model) == "base"
    with model.answering_as("trivium-1"):
        assert said(model) == "tuned"
        assert server.chats[-1]["lora"] == [{"id": 0, "scale": 0.0}, {"id": 1, "scale": 1.0}]
    assert said(model) == "base"
    with pytest.raises(ServerFailure, match=r"start it again with --lora trivium-2\.gguf"):
        model.load_adapter("trivium-2", tmp_path)


def test_llama_cpp_python_answers_with_an_adapter_that_it_lists_as_a_model(start: Any, tmp_path: Path) -> None:
    server = start(owner="me")
    server.models.append("trivium-1")
    model = opened(server)
    model.check_adapters()
    model.load_adapter("trivium-1", tmp_path)
    with model.answering_as("trivium-1"):
        assert said(model) == "tuned"
    assert said(model) == "base"
    with pytest.raises(ServerFailure, match=r"--config_file that lists the model once more, as trivium-2,"):
        model.load_adapter("trivium-2", tmp_path)


def test_a_hosted_job_is_uploaded_waited_for_and_answers(start: Any, tmp_path: Path) -> None:
    server = start(owner="provider")
    model = opened(server, "hosted")
    job = model.hosted_job(EXAMPLES, tmp_path / "kept", 3, silent)
    assert json.dumps(EXAMPLES[0]).encode() in server.files["file-0"]
    assert server.jobs["ftjob-0"]["training_file"] == "file-0"
    assert (server.jobs["ftjob-0"]["model"], server.jobs["ftjob-0"]["seed"]) == ("tiny", 3)
    assert (job.model, job.tokens, job.examples, job.seconds) == ("ft:tiny:ftjob-0", 1234, 1, 90.0)
    with model.answering_as(job.model):
        assert said(model) == "tuned"


def test_a_stopped_wait_goes_on_with_the_same_job_and_a_done_one_is_not_asked_for(start: Any, tmp_path: Path) -> None:
    server, looks = start(owner="provider"), 0

    def stop(step: str, done: int = 0, total: int = 0) -> None:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise KeyboardInterrupt

    model = opened(server, "hosted")
    with pytest.raises(KeyboardInterrupt):
        model.hosted_job(EXAMPLES, tmp_path, 0, stop)
    first = model.hosted_job(EXAMPLES, tmp_path, 0, silent)
    count = len(server.requests)
    assert model.hosted_job(EXAMPLES, tmp_path, 0, silent) == first
    assert (len(server.jobs), len(server.requests)) == (1, count)
    (file,) = tmp_path.glob("*.json")
    file.write_text(file.read_text(encoding="utf-8").replace("ftjob-0", "ftjob-1"), encoding="utf-8")
    with pytest.raises(TriviumError, match="not what was written, so the job that was paid for cannot be told"):
        model.hosted_job(EXAMPLES, tmp_path, 0, silent)
    assert len(server.jobs) == 1, "nothing is paid for again"


def test_a_job_that_fails_is_one_sentence(start: Any, tmp_path: Path) -> None:
    server = start(owner="provider")
    server.job_ends = "failed"
    with pytest.raises(ServerFailure, match=r"the fine-tuning job ftjob-0 has failed \(out of luck\)\."):
        opened(server, "hosted").hosted_job(EXAMPLES, tmp_path, 0, silent)


def test_weights_to_train_with_are_for_models_behind_a_server() -> None:
    with pytest.raises(TriviumError, match="--train-with: the model 'smollm2-135m-q4' is not behind a server"):
        load_model("smollm2-135m-q4", ModelOptions("cpu", train_with="hosted"))
