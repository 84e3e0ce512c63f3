"""The same questions answered by one process, by one actor and by two or more (`--ray local`): seconds and ratios.

    OMP_NUM_THREADS=1 python -m benchmarks.actors --questions 128 --rounds 3

Rounds go through all sides in turn, so that a machine that gets slower meanwhile is slower for all. Before them each
side answers once, which loads models and reads what prompts share. Answers of all sides are compared.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psutil

from data.load import load_domain
from data.progress import silent
from evaluation.run.actors import START_S, Actors, processor_s
from evaluation.run.cluster import LOCAL, connected
from evaluation.run.methods import Method
from evaluation.run.settings import RunSettings
from evaluation.run.traced import TracedPrompt
from model.local import LocalModel
from rag.embed import SentenceEmbedder

DOMAIN = Path("data/orrin_ferries")


class Some(Actors):
    """All actors of a cluster, some of which are held back."""

    def use(self, many: int) -> None:
        """Let so many answer."""
        while self._starting:
            self._greet(self._next(self._starting, START_S))
        everyone = list(self._places)
        if len(everyone) < many:
            raise SystemExit(f"there is room for {len(everyone)} actors only")
        self._idle = everyone[:many]


def timed(method: Method, prompts: list[TracedPrompt]) -> tuple[float, dict[str, str]]:
    """Seconds on the clock, and the answers by question."""
    started = time.perf_counter()
    said = {answer.question_id: answer.answer for batch in method.answer(prompts) for answer in batch}
    return time.perf_counter() - started, said


def compare(method: Method, prompts: list[TracedPrompt], actors: Some, many: int, rounds: int) -> None:
    """Print what each side took."""

    def side(count: int) -> Callable[[], tuple[float, dict[str, str]]]:
        def ask() -> tuple[float, dict[str, str]]:
            method.actors = actors if count else None
            if count:
                actors.use(count)
            return timed(method, prompts)

        return ask

    sides = {"one process": side(0), "one actor": side(1), f"{many} actors": side(many)}
    wanted, *_ = [ask() for ask in sides.values()]  # warm
    took: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds):
        for name, ask in sides.items():
            worked = processor_s(actors)
            seconds, said = ask()
            took[name].append(seconds)
            work, load = processor_s(actors) - worked, psutil.getloadavg()[0]
            alike = "same answers" if said == wanted[1] else "OTHER ANSWERS"
            print(f"round {number + 1}, {name}: {seconds:.1f} s, {work:.1f} processor s, {alike}, load {load:.1f}")
    first = median(took["one process"])
    for name, all_of_it in took.items():
        each = median(all_of_it)
        print(f"{name}: median {each:.1f} s, {first / each:.2f} times the speed of one process")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--actors", type=int, default=2)
    chosen = parser.parse_args()
    domain, model = load_domain(DOMAIN), LocalModel(device="cpu")
    settings = RunSettings(domain=DOMAIN, model=model.name, batch_size=chosen.batch_size)
    weights = sum(parameter.numel() * parameter.element_size() for parameter in model.network.parameters())
    with TemporaryDirectory() as folder, connected(LOCAL, "cpu", weights) as cluster:
        method = Method("oracle", settings, Path(folder), (), SentenceEmbedder, 0)
        method.prepare(domain, model, silent)
        prompts = method.trace(method.askable(domain.split("test"))[: chosen.questions])
        print(f"{len(prompts)} questions with their gold passage, {model.name}, batches of {chosen.batch_size}")
        compare(method, prompts, Some(cluster, settings, model), chosen.actors, chosen.rounds)


if __name__ == "__main__":
    main()
