"""Answering by several processes on one machine or many, through Ray: who answers a batch changes no answer.

The process that runs prepares, plans the batches and writes; actors hold the model and answer. The batch of one that
dies is given to another.
"""

import os
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from data.errors import ServerFailure, TriviumError
from data.files import read_bytes
from data.findings import counted
from data.progress import ScopedProgress
from evaluation.run.answerer import Answerer, Done, Given, Place, planning
from evaluation.run.cluster import Cluster, connected
from evaluation.run.preparing import Trained, TrainedAdapter
from evaluation.run.run_record import package_versions
from evaluation.run.settings import RunSettings
from model.batch import Batch
from model.language_model import Batches, LanguageModel, Prompt, Trainable, need
from model.memory import peak_bytes, reset_peak
from model.sampling import Sampling

_LARGEST = 2**34  # bytes of a file of an adapter
START_S = 120.0  # seconds in which the first actor has to be there


class Actors:
    """The actors of one run.

    Args:
        model: that plans the batches, and tells the user what happens. Each actor loads the same when first asked.

    Raises:
        TriviumError: the cluster has no room for one, or other versions are installed there.
    """

    def __init__(self, cluster: Cluster, settings: RunSettings, model: LanguageModel) -> None:
        self.cluster, self._model = cluster, model
        self.processor_s, self.peak_bytes = 0.0, 0  # of all actors together, and of the largest
        self.died = self.asked_again = 0
        self._places: dict[Any, Place] = {}
        self._answered: set[Any] = set()  # actors that gave answers
        self._told: set[str] = set()
        self._identities: dict[str, dict[str, Any]] = {}  # by name of the model
        made = cluster.start(Answerer, settings.model_options)
        self._starting = {actor.place.remote(): actor for actor in made}
        self._idle: list[Any] = []
        while not self._idle:
            self._greet(self._next(self._starting, START_S))

    def like(self, model: LanguageModel, trained: Trained | None, merged: bool) -> "Elsewhere | LanguageModel":
        """What answers in the model's place: actors, where they can switch on what was trained.

        Called while nothing is switched on: the identity is that of the base weights.
        """
        if trained is not None and not isinstance(trained, TrainedAdapter):
            return model
        if model.name not in self._identities:
            self._identities[model.name] = dict(model.identity())
        return Elsewhere(self, model, self._identities[model.name], trained, merged)

    def answers(self, given: Given, batches: Sequence[Batch]) -> Iterator[list[tuple[int, Any]]]:
        """Answers of each batch as they come.

        Raises:
            ServerFailure: no actor is left.
            TriviumError: of an actor's own: other weights, not enough memory.
        """
        shared = self.cluster.put(given)
        waiting, running = deque(batches), dict[Any, tuple[Any, Batch]]()
        while waiting or running:
            while waiting and self._idle:
                actor, batch = self._idle.pop(0), waiting.popleft()
                running[actor.answer.remote(shared, batch)] = actor, batch
            ready = self._next({**running, **self._starting})
            if ready in self._starting:
                self._greet(ready)
                continue
            actor, batch = running.pop(ready)
            done = self.cluster.result(ready)
            if done is None:
                self._lose(actor)
                self.asked_again += 1
                waiting.appendleft(batch)
                continue
            self._idle.append(actor)
            self._answered.add(actor)
            yield self._taken(done)

    def _next(self, pending: dict[Any, Any], limit: float | None = None) -> Any:
        """What is ready first. Raises ServerFailure where nothing is left that could be."""
        if not pending:
            raise ServerFailure(f"--ray: all {self.died} processes that answered have died.")
        ready = self.cluster.wait(list(pending), limit)
        if ready is None:
            raise TriviumError(
                f"--ray {self.cluster.address}: no process could be started in {START_S:.0f} s; `ray status` says what "
                "the cluster is busy with."
            )
        return ready

    def _greet(self, ready: Any) -> None:
        """Take in an actor that has started."""
        actor = self._starting.pop(ready)
        place = self.cluster.result(ready)
        if place is None:
            self._lose(actor)
            return
        own = package_versions()
        if other := [f"{name} {there}" for name, there in place.versions.items() if own[name] != there]:
            raise TriviumError(
                f"--ray {self.cluster.address}: a machine of the cluster has {', '.join(other)}, and this one "
                f"{', '.join(f'{name} {own[name]}' for name in own if own[name] != place.versions[name])}. Install the "
                "same everywhere."
            )
        self._places[actor] = place
        self._idle.append(actor)

    def _lose(self, actor: Any) -> None:
        self.died += 1
        self.cluster.end(actor)
        self._model.tell("a process that answered has died; its batch is asked again by another.")

    def _taken(self, done: Done) -> list[tuple[int, Any]]:
        self.processor_s += done.processor_s
        self.peak_bytes = max(self.peak_bytes, done.peak_bytes or 0)
        for note in done.notes:
            if note not in self._told:
                self._model.tell(note)
        self._told |= {*done.notes}
        return done.answers

    def record(self) -> dict[str, Any]:
        """For run.json: how many processes gave answers, on how many machines of which kinds, and what went wrong."""
        places = [self._places[actor] for actor in self._answered]
        return {
            "processes": len(places),
            "machines": len({place.node for place in places}),
            "kinds": sorted({place.machine for place in places}),
            "died": self.died,
            "asked_again": self.asked_again,
        }


class Elsewhere:
    """Answers as the model does, by actors."""

    def __init__(
        self, actors: Actors, model: LanguageModel, identity: dict[str, Any], trained: TrainedAdapter | None,
        merged: bool,
    ) -> None:  # fmt: skip
        self._actors, self._model, self._identity = actors, model, identity
        self._trained, self._merged = trained, merged

    def generate(
        self, prompts: Sequence[Prompt], sampling: Sampling, prefix: Sequence[int], batch_size: int,
        done: frozenset[int],
    ) -> Batches:  # fmt: skip
        """See `LanguageModel`; batches come in any order."""
        batches = list(planning(self._model).planned(prompts, sampling, prefix, batch_size, done))
        if batches:
            yield from self._actors.answers(self._given(sampling, prefix), batches)

    def _given(self, sampling: Sampling, prefix: Sequence[int]) -> Given:
        name, identity = self._model.name, self._identity
        if self._trained is None:
            return Given(name, identity, sampling, tuple(prefix))
        files = {path.name: read_bytes(path, _LARGEST) for path in self._trained.adapter.folder.iterdir()}
        plain = replace(self._trained, details={}, taught=None)
        return Given(name, identity, sampling, tuple(prefix), plain, files, self._merged)


@contextmanager
def actors_of(settings: RunSettings, model: LanguageModel, progress: ScopedProgress) -> Iterator[Actors | None]:
    """The actors that the settings ask for, gone at the end; None where none are asked for."""
    if settings.ray is None:
        yield None
        return
    planning(model)
    network = need(model, Trainable, "--ray").network
    weights = sum(parameter.numel() * parameter.element_size() for parameter in network.parameters())
    progress(f"starting processes through Ray ({settings.ray})")
    with connected(settings.ray, model.device, weights) as cluster:
        yield (actors := Actors(cluster, settings, model))
        if (record := actors.record())["processes"]:
            by, on = counted(record["processes"], "actor"), counted(record["machines"], "machine")
            progress.note(f"answered by {by} on {on} (Ray)")


def processor_s(actors: Actors | None) -> float:
    """Seconds that processors have worked so far, for processes that were started and have ended and for actors too."""
    return time.process_time() + sum(os.times()[2:4]) + (actors.processor_s if actors else 0.0)


def reset_peaks(device: str, actors: Actors | None) -> None:
    """Start a new measurement of memory, here and with the actors."""
    reset_peak(device)
    if actors:
        actors.peak_bytes = 0


def peak_of(device: str, actors: Actors | None) -> int | None:
    """Peak bytes of the one process, here or an actor, that took most since the reset; None where nothing is known."""
    return max(peak_bytes(device) or 0, actors.peak_bytes if actors else 0) or None
