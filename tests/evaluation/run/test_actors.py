"""Batches are given to whoever is free; the batch of one that dies is asked again, and who answers changes nothing."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from data.errors import ServerFailure, TriviumError
from evaluation.run.actors import Actors, peak_of, processor_s, reset_peaks
from evaluation.run.answerer import Answerer, Place
from evaluation.run.run_record import package_versions
from evaluation.run.settings import RunSettings
from model.local import LocalModel
from model.options import ModelOptions
from model.sampling import Sampling

SAMPLING = Sampling(max_new_tokens=4)
DEAD = object()


class _Call:
    """A method of an actor: carried out when it is called, its result fetched later."""

    def __init__(self, cluster: "_Cluster", work: Callable[..., Any]) -> None:
        self.cluster, self.work = cluster, work

    def remote(self, *arguments: Any) -> int:
        self.cluster.results.append(self.work(*arguments))
        return len(self.cluster.results) - 1


class _Cluster:
    """Actors in this process. Each dies before it answers its so-and-so-many-th batch."""

    address = "auto"

    def __init__(self, lives: list[int], versions: dict[str, str] | None = None) -> None:
        self.lives, self.versions = lives, versions or package_versions()
        self.results: list[Any] = []
        self.ended: list[Any] = []

    def start(self, kind: type[Answerer], options: ModelOptions) -> list[Any]:
        import torch

        return [self._actor(at, kind(options, torch.get_num_threads())) for at in range(len(self.lives))]

    def _actor(self, at: int, answerer: Answerer) -> Any:
        def answer(given: Any, batch: Any) -> Any:
            self.lives[at] -= 1
            return answerer.answer(given, batch) if self.lives[at] >= 0 else DEAD

        place = Place(f"node {at}", "a kind", self.versions)
        actor = SimpleNamespace(place=_Call(self, lambda: place), answer=_Call(self, answer))
        return _Hashed(actor)

    def put(self, value: Any) -> Any:
        return value

    def wait(self, pending: list[int], limit: float | None) -> int:
        return pending[-1]  # the last one first: batches come in another order than they were given

    def result(self, ready: int) -> Any:
        return None if self.results[ready] is DEAD else self.results[ready]

    def end(self, actor: Any) -> None:
        self.ended.append(actor)


class _Hashed:
    def __init__(self, actor: Any) -> None:
        self.place, self.answer = actor.place, actor.answer


@pytest.fixture
def ask(tiny_model: LocalModel, tmp_path: Any) -> Callable[..., tuple[Actors, dict[int, str]]]:
    def asked(cluster: _Cluster) -> tuple[Actors, dict[int, str]]:
        settings = RunSettings(domain=tmp_path, model=tiny_model.name, ray="auto")
        actors = Actors(cluster, settings, tiny_model)  # type: ignore[arg-type]
        said: dict[int, str] = {}
        elsewhere = actors.like(tiny_model, None, True)
        for batch in elsewhere.generate(_prompts(tiny_model), SAMPLING, (), 2, frozenset({1})):
            said |= {place: answer.text for place, answer in batch}
        return actors, said

    return asked


def _prompts(model: LocalModel) -> list[Any]:
    return [model.render([{"role": "user", "content": f"Which animal {'is ' * n}it?"}]) for n in range(9)]


@pytest.fixture
def alone(tiny_model: LocalModel) -> dict[int, str]:
    batches = tiny_model.generate(_prompts(tiny_model), SAMPLING, (), 2, frozenset({1}))
    return {place: answer.text for batch in batches for place, answer in batch}


@pytest.mark.parametrize("lives", [[9], [9, 9], [1, 9, 0], [0, 0, 0, 9]])
def test_answers_are_those_of_one_process_whoever_dies(
    lives: list[int], ask: Any, alone: dict[int, str], tiny_model: LocalModel
) -> None:
    told: list[str] = []
    tiny_model.tell = told.append
    dying = sum(life < 4 for life in lives)
    cluster = _Cluster(lives)
    actors, said = ask(cluster)
    assert said == alone
    assert len(said) == 7  # of nine; the second batch was done
    record = actors.record()
    assert (record["died"], record["asked_again"], len(cluster.ended)) == (dying, dying, dying)
    assert told == ["a process that answered has died; its batch is asked again by another."] * dying
    assert record["processes"] == record["machines"] <= len(lives)
    assert record["kinds"] == ["a kind"]


def test_where_all_have_died_one_sentence_says_so(ask: Any, tiny_model: LocalModel) -> None:
    tiny_model.tell = lambda text: None
    with pytest.raises(ServerFailure, match="all 2 processes that answered have died"):
        ask(_Cluster([1, 1]))


def test_other_versions_are_refused_before_anything_is_asked(ask: Any) -> None:
    cluster = _Cluster([9], package_versions() | {"torch": "1.0.0"})
    with pytest.raises(TriviumError, match=r"a machine of the cluster has torch 1\.0\.0, and this one torch \d"):
        ask(cluster)


def test_what_actors_took_counts(ask: Any) -> None:
    actors, _ = ask(_Cluster([9, 9]))
    assert processor_s(actors) > processor_s(None)
    assert (peak_of("cpu", actors) or 0) >= actors.peak_bytes > 0
    reset_peaks("cpu", actors)
    assert actors.peak_bytes == 0


def test_weights_that_only_a_method_of_another_package_can_switch_on_answer_here(
    tiny_model: LocalModel, tmp_path: Any
) -> None:
    settings = RunSettings(domain=tmp_path, model=tiny_model.name)
    actors = Actors(_Cluster([1]), settings, tiny_model)  # type: ignore[arg-type]
    assert actors.like(tiny_model, SimpleNamespace(sha256="0"), True) is tiny_model  # type: ignore[arg-type]
