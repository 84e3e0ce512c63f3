"""Whole runs answered by actors of a real Ray cluster of two nodes on this machine, one of which goes in the middle."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from fakes import write_domain
from typer.testing import CliRunner

from data.errors import ServerFailure
from evaluation.cli.main import app
from evaluation.run.actors import START_S, Actors
from evaluation.run.folder import RunFolder

pytestmark = pytest.mark.slow
OPTIONS = ["--max-new-tokens", "6", "--chunk-tokens", "60", "--general", "4", "--epochs", "2", "--device", "cpu",
           "--prefix-tokens", "8", "--profile", "smoke", "--batch-size", "2",
           "--methods", "base,inject,rag,lora,lora+rag,prefix,oracle"]  # fmt: skip
MEASURED = {"retrieval_s", "generation_s", "slowdown"}


@pytest.fixture(scope="module")
def root(tiny_model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A domain, and a run of it by one process."""
    root = tmp_path_factory.mktemp("ray")
    write_domain(root / "domain", facts=8)
    return root


@pytest.fixture(autouse=True)
def one_thread(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A node has one processor here; the cache has what earlier runs trained, so that nothing depends on a training."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    monkeypatch.setenv("TRIVIUM_CACHE", str(root / "cache"))
    yield
    torch.set_num_threads(threads)


@pytest.fixture(autouse=True)
def all_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both actors have started before a batch is given out: on a busy machine the first would answer most alone."""
    begin = Actors.__init__

    def wait_for_all(actors: Actors, *given: Any) -> None:
        begin(actors, *given)
        while actors._starting:
            actors._greet(actors._next(actors._starting, START_S))

    monkeypatch.setattr(Actors, "__init__", wait_for_all)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Two nodes of one processor each; the second can be taken away. Nothing of it is left afterwards."""
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "0123456789abcdef" * 4)
    monkeypatch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    monkeypatch.setenv("RAY_DEDUP_LOGS_SKIP_REGEX", ".*")
    from ray.cluster_utils import Cluster

    size = {"num_cpus": 1, "object_store_memory": 80_000_000}
    made = Cluster(initialize_head=True, head_node_args=size | {"include_dashboard": False})
    made.second = made.add_node(**size)
    yield made
    made.shutdown()
    left = [p.name() for p in psutil.Process().children(recursive=True) if p.name() in ("raylet", "gcs_server")]
    assert left == []


def _run(root: Path, model: Path, name: str, *more: str) -> Any:
    command = ["run", str(root / "domain"), "--model", str(model), "--out", str(root / name), *OPTIONS, *more]
    return CliRunner().invoke(app, command)


@pytest.fixture(scope="module")
def alone(root: Path, tiny_model_folder: Path) -> list[dict[str, Any]]:
    """The answers of one process."""
    with pytest.MonkeyPatch.context() as patch:
        import torch

        torch.set_num_threads(1)
        patch.setenv("TRIVIUM_CACHE", str(root / "cache"))
        done = _run(root, tiny_model_folder, "alone")
    assert done.exit_code == 0, done.output
    return _answers(root / "alone")


def _answers(run: Path) -> list[dict[str, Any]]:
    """All that does not depend on the clock, in the order of the questions asked."""
    rows = [answer.model_dump(mode="json", exclude=MEASURED) for answer in RunFolder(run).answers()]
    return sorted(
        rows, key=lambda row: json.dumps([row[k] for k in ("method", "phase", "seed", "batch", "question_id")])
    )


def test_one_of_two_nodes_goes_in_the_middle_and_the_answers_are_those_of_one_process(
    root: Path, tiny_model_folder: Path, alone: list[dict[str, Any]], cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, append = [0], RunFolder.append_answers

    def then_remove(folder: RunFolder, answers: list[Any]) -> None:
        append(folder, answers)
        written[0] += 1
        if written[0] == 15:
            cluster.remove_node(cluster.second, allow_graceful=False)

    monkeypatch.setattr(RunFolder, "append_answers", then_remove)
    done = _run(root, tiny_model_folder, "together", "--ray", cluster.address)
    assert done.exit_code == 0, done.output
    assert _answers(root / "together") == alone
    assert written[0] > 30
    record = RunFolder(root / "together").record()
    (by,) = record["answered_by"]
    assert (by["processes"], by["machines"], by["died"], by["asked_again"]) == (2, 2, 1, 1)
    assert any("its batch is asked again by another" in note for note in record["notes"])
    assert "answered by 2 actors on 2 machines (Ray)" in done.output
    assert all(entry["0"]["processor_s"] > 0 for entry in record["methods"].values())


def test_where_all_are_gone_one_sentence_says_so_and_the_run_goes_on_without_them(
    root: Path, tiny_model_folder: Path, alone: list[dict[str, Any]], cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ray

    written, append = [0], RunFolder.append_answers

    def then_kill(folder: RunFolder, answers: list[Any]) -> None:
        append(folder, answers)
        written[0] += 1
        if written[0] == 15:
            for process in psutil.Process().children(recursive=True):
                if "Answerer" in " ".join(process.cmdline()):
                    process.kill()

    with monkeypatch.context() as patch:
        patch.setattr(RunFolder, "append_answers", then_kill)
        done = _run(root, tiny_model_folder, "stopped", "--ray", cluster.address)
    assert isinstance(done.exception, ServerFailure)
    assert "all 2 processes that answered have died. What was answered is kept; `trivium resume" in str(done.exception)
    assert not ray.is_initialized()
    kept = len(RunFolder(root / "stopped").answers())
    assert 0 < kept < len(alone)
    went_on = CliRunner().invoke(app, ["resume", str(root / "stopped")])
    assert went_on.exit_code == 0, went_on.output
    assert _answers(root / "stopped") == alone
    shutil.rmtree(root / "stopped")
