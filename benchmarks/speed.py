"""Ours against what people do today, on the same questions and examples, one side working at a time.

Each repetition asks a third of the questions naively and all of them our way; a figure is the median of the ratios of
the repetitions, so that a machine whose speed wanders does not decide it.
"""

import multiprocessing
from collections.abc import Callable, Collection
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import workers
from benchmarks.workers import STEPS, Work
from evaluation.run.registry import adapted, default_methods, example_of, spec_of

REPEATS = 3
PASTED, SEARCHED, TRAINED = example_of("all"), example_of("search"), example_of("none", adapted=True)
ASKED, INJECTED, PARTS_ASKED = 40, 6, 20
Say = Callable[[str], None]


class Side:
    """A process that keeps its model between calls."""

    def __init__(self) -> None:
        self.pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))

    def __call__(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return self.pool.submit(work, *arguments).result()


def _weights() -> dict[str, int]:
    """Answers that the demo takes from each method."""
    plan, found = workers.plan(), {}
    for spec in map(spec_of, default_methods()):
        answerable = sum(question.answerable for question in plan.questions)
        found[spec.name] = answerable if spec.context == "gold" else len(plan.questions)
        found[spec.name] += answerable if spec.knows_nothing else 0
    found[adapted(found)[0]] += len(plan.convergence)
    return found


def answers(us: Side, naive: Side, say: Say) -> list[dict[str, Any]]:
    """For each method: seconds a question on both sides, their ratio, and how many answers are the same."""
    adapter, rows = us(workers.adapter_folder), []
    for name in default_methods():
        pasted = spec_of(name).context == "all"
        asked = INJECTED if pasted else ASKED
        prompts = us(workers.prompts_of, name, asked)
        search = us(workers.search_seconds, name)
        known = adapter if spec_of(name).adapted else None
        theirs: list[Work] = []
        mine: list[Work] = []
        for repeat in range(REPEATS):
            say(f"{name}, repetition {repeat + 1} of {REPEATS}")
            theirs.append(naive(workers.naively, prompts[repeat::REPEATS], known))
            mine.append(us(workers.ours, name, 32 if pasted else ASKED))
        ratios = [(them.each + search) / us_.each for them, us_ in zip(theirs, mine, strict=True)]
        said = {key: text for work in theirs for key, text in work.answers.items()}
        same = sum(mine[-1].answers[key] == text for key, text in said.items())
        rows.append({
            "method": name, "naive_s": median(work.each for work in theirs) + search,
            "ours_s": median(work.each for work in mine), "ratio": median(ratios), "ratios": ratios, "same": same,
            "compared": len(said), "prefix_s": us(workers.prefix_seconds, name),
            "differing": [{"naive": text, "ours": mine[-1].answers[key]} for key, text in said.items()
                          if mine[-1].answers[key] != text],
        })  # fmt: skip
    return rows


def alone(us: Side, say: Say) -> dict[str, Any]:
    """Injection: a batch of 16 against one at a time, both behind the shared prefix."""
    ratios = []
    for repeat in range(REPEATS):
        say(f"injection in a batch of 16 and alone, repetition {repeat + 1} of {REPEATS}")
        one, many = us(workers.one_by_one, PASTED, 4), us(workers.ours, PASTED, 16)
        ratios.append(one.each / many.each)
    return {"ratio": median(ratios), "ratios": ratios, "alone_s": one.each, "batch_s": many.each}


def training(us: Side, naive: Side, say: Say) -> dict[str, Any]:
    """Examples a second with SFTTrainer, with ours where every prompt is read in full, and with ours."""
    pairs = us(workers.training_pairs)
    runs: dict[str, list[Work]] = {"sft": [], "unshared": [], "ours": []}
    for repeat in range(REPEATS):
        say(f"training, repetition {repeat + 1} of {REPEATS}")
        runs["sft"].append(naive(workers.train_naively, pairs))
        runs["unshared"].append(us(workers.train_ours, False))
        runs["ours"].append(us(workers.train_ours, True))
    ratios = [sft.each / mine.each for sft, mine in zip(runs["sft"], runs["ours"], strict=True)]
    return {
        "examples_per_s": {name: 1 / median(work.each for work in works) for name, works in runs.items()},
        "ratio": median(ratios), "ratios": ratios, "gradient_difference": naive(workers.gradient_difference, pairs),
    }  # fmt: skip


def parts(us: Side, say: Say) -> list[dict[str, Any]]:
    """Seconds a question with the parts of our way switched on one after the other."""
    rows = []
    for name in (SEARCHED, TRAINED):
        taken: dict[int, list[Work]] = {}
        for repeat in range(REPEATS):
            say(f"the parts one after the other, {name}, repetition {repeat + 1} of {REPEATS}")
            for number in range(1, len(STEPS) + 1 if name == TRAINED else len(STEPS)):
                taken.setdefault(number, []).append(us(workers.with_parts, name, PARTS_ASKED, number))
        first = taken[1]
        for number, works in taken.items():
            faster = median(one.each / work.each for one, work in zip(first, works, strict=True))
            same = sum(works[0].answers[key] == text for key, text in first[0].answers.items())
            rows.append({
                "method": name, "parts": " + ".join(STEPS[:number]) if number == 1 else f"+ {STEPS[number - 1]}",
                "each_s": median(work.each for work in works), "ratio": faster, "same": same,
                "compared": PARTS_ASKED,
            })  # fmt: skip
    return rows


def whole(rows: list[dict[str, Any]], trained: dict[str, Any]) -> dict[str, float]:
    """Seconds of all that the demo answers and trains, from the figures above, and their ratio."""
    weights, examples = _weights(), 6 * len(workers.plan().training)
    naive = sum(weights[row["method"]] * row["naive_s"] for row in rows)
    ours = sum(weights[row["method"]] * row["ours_s"] + row["prefix_s"] for row in rows)
    naive += examples / trained["examples_per_s"]["sft"]
    ours += examples / trained["examples_per_s"]["ours"]
    return {"naive_s": naive, "ours_s": ours, "ratio": naive / ours}


def peaks(adapter: Path, naive_prompts: dict[str, Any], pairs: Any, say: Say) -> list[dict[str, Any]]:
    """Peak memory of each, in processes that do nothing else."""

    def peak(work: Callable[..., Work], *arguments: Any) -> int | None:
        side = Side()
        found: Work = side(work, *arguments)
        side.pool.shutdown()
        return found.peak_bytes

    rows = []
    for name in (PASTED, SEARCHED, TRAINED):
        say(f"memory of {name}")
        known = adapter if spec_of(name).adapted else None
        rows.append({
            "what": f"{name}, answering", "naive": peak(workers.naively, naive_prompts[name], known),
            "ours": peak(workers.ours, name, ASKED),
        })  # fmt: skip
    say("memory of training")
    sft, mine = peak(workers.train_naively, pairs), peak(workers.train_ours, True)
    return [*rows, {"what": "training", "naive": sft, "ours": mine}]


PARTS = ("answers", "training", "steps", "memory")


def measure(say: Say, wanted: Collection[str] = PARTS) -> dict[str, Any]:
    """The figures of the wanted parts.

    Raises:
        RuntimeError: the two sides do not have the same weights.
    """
    us, naive = Side(), Side()
    say("preparing: weights of both sides")
    if us(workers.our_weights) != naive(workers.naive_weights):
        raise RuntimeError("the two sides do not have the same weights")
    say("preparing: index, adapter (trained if it is not in the cache)")
    us(workers.adapter_folder)
    result: dict[str, Any] = {"machine": us(workers.machine)}
    if "answers" in wanted:
        result |= {"answers": answers(us, naive, say), "injection": alone(us, say)}
    if "training" in wanted:
        result["training"] = training(us, naive, say)
    if "steps" in wanted:
        result["parts"] = parts(us, say)
    if "memory" in wanted:
        prompts = {name: us(workers.prompts_of, name, 2) for name in (PASTED, SEARCHED, TRAINED)}
        result["peaks"] = peaks(us(workers.adapter_folder), prompts, us(workers.training_pairs), say)
    return result
