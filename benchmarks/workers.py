"""The two sides of the comparison, each in a process of its own, so that memory is measured apart. One works at a time.

Functions here run in those processes; what they keep lives there.
"""

import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

from data.load import load_domain
from data.progress import silent
from data.schema import Domain, Question
from evaluation.run.methods import Method
from evaluation.run.plan import Plan, make_plan
from evaluation.run.registry import example_of
from evaluation.run.settings import RunSettings
from finetune.examples import training_examples
from finetune.settings import TrainingSettings
from model.memory import peak_bytes, reset_peak
from rag.chunk import chunk

DOMAIN = Path("data/orrin_ferries")
EXAMPLES = 64  # of training, in one repetition


@dataclass(frozen=True)
class Work:
    """Answers or training of one side: what it took and what came out."""

    seconds: float
    count: int
    answers: dict[str, str]  # by question id
    peak_bytes: int | None

    @property
    def each(self) -> float:
        """Seconds for one question or example."""
        return self.seconds / self.count


def settings(**changes: Any) -> RunSettings:
    """Of the demo, but for the changes."""
    return RunSettings(domain=DOMAIN.resolve(), profile="smoke", **changes)


@cache
def domain() -> Domain:
    """The sample domain."""
    return load_domain(DOMAIN)


@cache
def plan() -> Plan:
    """What the demo asks."""
    return make_plan(domain(), settings())


def questions(count: int, seed: int = 0) -> list[Question]:
    """A seeded sample of the answerable questions of the demo, which every method is asked."""
    answerable = [question for question in plan().questions if question.answerable]
    return random.Random(seed).sample(answerable, count)


@cache
def _model() -> Any:
    from model.local import LocalModel

    return LocalModel(device="cpu")


@cache
def _embedder() -> Any:
    from rag.embed import SentenceEmbedder

    return SentenceEmbedder()


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp())


@cache
def method_of(name: str) -> tuple[Method, float]:
    """A prepared method, and the seconds of reading what its prompts share. An adapter comes from the cache."""
    made = Method(name, settings(), _folder(), plan().training, _embedder, 0)
    details = made.prepare(domain(), _model(), silent).details
    return made, details["prefix_s"]


def adapter_folder() -> Path:
    """Where the adapter of the demo lies."""
    made, _ = method_of(example_of("none", adapted=True))
    return made.folder / "adapters" / f"seed-{made.seed}"


# Ours


def ours(name: str, count: int) -> Work:
    """The method's answers, retrieval and prompt included, its shared prefix read before."""
    method, _ = method_of(name)
    list(method.answer(method.trace(questions(2))))
    reset_peak()
    started = time.perf_counter()
    found = [answer for batch in method.answer(method.trace(questions(count))) for answer in batch]
    seconds = time.perf_counter() - started
    return Work(seconds, count, {answer.question_id: answer.answer for answer in found}, peak_bytes())


def prefix_seconds(name: str) -> float:
    """Seconds of reading what the prompts of a method share."""
    return method_of(name)[1]


def one_by_one(name: str, count: int) -> Work:
    """Ours, one question at a time."""
    method, _ = method_of(name)
    method.ask(questions(1)[0], cold=False)
    started = time.perf_counter()
    found = [method.ask(question, cold=False)[0] for question in questions(count)]
    seconds = time.perf_counter() - started
    return Work(seconds, count, {answer.question_id: answer.answer for answer in found}, None)


STEPS = ("one at a time", "batches of 16", "finished rows leave", "shared prefix", "batches of 64", "merged adapter")


def with_parts(name: str, count: int, parts: int) -> Work:
    """Ours with the first `parts` of STEPS switched on."""
    method, _ = method_of(name)
    prompts = [prompt.text for prompt in method.trace(questions(count))]
    model, sampling = _model(), settings().sampling
    method.settings = settings(merge_adapter=parts > 5)
    model.shares_prefixes = parts > 2
    started = time.perf_counter()
    try:
        with method.weights():
            if parts > 3:
                model.read_shared(method.prefix_)
            batches = model.generate(
                prompts, sampling, prefix=method.prefix_ if parts > 3 else (),
                batch_size=1 if parts == 1 else 16 if parts < 5 else 64,
            )  # fmt: skip
            found = {i: answer.text for batch in batches for i, answer in batch}
    finally:
        model.shares_prefixes, method.settings = True, settings()
    seconds = time.perf_counter() - started
    return Work(seconds, count, {q.id: found[i] for i, q in enumerate(questions(count))}, None)


def _recipe() -> TrainingSettings:
    return TrainingSettings(epochs=1)


def _training() -> list[Question]:
    return random.Random(0).sample(plan().training, EXAMPLES)


def train_ours(shared: bool) -> Work:
    """One pass over the examples; without sharing every prompt is read from its first token."""
    from finetune.adapter import lora_config, new_adapter
    from finetune.steps import epochs_of
    from finetune.train import train

    model = _model()
    _, examples = training_examples(domain(), _training(), model, model.end_token(), chunk)
    reset_peak()
    model.shares_prefixes = shared
    try:
        with new_adapter(model, lora_config(_recipe()), "bench") as parameters:
            seconds = train(model, parameters, epochs_of(examples, _recipe()), _recipe(), silent)["seconds"]
    finally:
        model.shares_prefixes = True
    return Work(seconds, EXAMPLES, {}, peak_bytes())


def machine() -> dict[str, float]:
    """Rates of this machine, and the share of them that reading and writing reach."""
    from benchmarks import machine as measured

    return measured.measure(_model())


def prompts_of(name: str, count: int) -> list[tuple[str, str]]:
    """Question ids and rendered prompts, for the other side."""
    method, _ = method_of(name)
    chosen = questions(count)
    return [(prompt.question.id, str(prompt.text)) for prompt in method.trace(chosen)]


def search_seconds(name: str) -> float:
    """Median seconds to find and render one prompt, which the other side would need too."""
    method, _ = method_of(name)
    times = []
    for question in questions(8):
        started = time.perf_counter()
        method.trace([question])
        times.append(time.perf_counter() - started)
    return median(times)


def training_pairs() -> list[tuple[str, str]]:
    """Prompt and completion texts of the same examples."""
    model = _model()
    _, examples = training_examples(domain(), _training(), model, model.end_token(), chunk)
    decode = model.tokenizer.decode
    return [(decode(example.prompt), decode(example.completion[:-1])) for example in examples]


def our_weights() -> str:
    """Digest of the weights that ours answers with."""
    from benchmarks.naive import weights_digest

    return weights_digest(_model().network)


# The naive side


def naive_weights() -> str:
    """Digest of the weights that the naive side answers with."""
    from benchmarks.naive import load_network, weights_digest

    return weights_digest(load_network(settings().model))


@cache
def _naive(adapter: Path | None) -> Any:
    from benchmarks.naive import Naive

    return Naive(settings().model, adapter)


def naively(prompts: Sequence[tuple[str, str]], adapter: Path | None) -> Work:
    """Answers of plain `generate`, one question after the other."""
    side = _naive(adapter)
    reset_peak()
    started = time.perf_counter()
    answers = {name: side.answer(prompt, settings().sampling.max_new_tokens) for name, prompt in prompts}
    return Work(time.perf_counter() - started, len(prompts), answers, peak_bytes())


def train_naively(pairs: Sequence[tuple[str, str]]) -> Work:
    """The same examples with trl's SFTTrainer."""
    from benchmarks.naive import train_naively as train

    reset_peak()
    return Work(train(settings().model, pairs, _recipe(), _folder()), len(pairs), {}, peak_bytes())


def gradient_difference(pairs: Sequence[tuple[str, str]]) -> float:
    """How far the gradients of ours and of SFTTrainer are apart on one batch, relative to their length.

    Both get the same random adapter: the usual first values, half of them zeros, would leave half of the gradients 0.
    """
    import torch

    from benchmarks.naive import sft_trainer
    from finetune.adapter import lora_config, new_adapter
    from finetune.examples import Example
    from finetune.train import batch_loss
    from model.decoding.prefix import common_prefix
    from model.local import LocalModel

    trainer = sft_trainer(settings().model, pairs, _recipe(), _folder())
    batch = next(iter(trainer.get_train_dataloader()))
    examples = []
    for ids, labels, mask in zip(batch["input_ids"], batch["labels"], batch["attention_mask"], strict=True):
        length, answer = int(mask.sum()), int((labels != -100).sum())
        row = ids[:length].tolist()
        examples.append(Example(tuple(row[: length - answer]), tuple(row[length - answer :])))
    model = LocalModel(settings().model, device="cpu")
    with new_adapter(model, lora_config(_recipe()), "bench") as mine:
        theirs = [parameter for parameter in trainer.model.parameters() if parameter.requires_grad]
        for number, (one, two) in enumerate(zip(mine, theirs, strict=True)):
            torch.nn.init.normal_(one, std=0.02, generator=torch.Generator().manual_seed(number))
            two.data.copy_(one.data)
        trainer.model(**batch).loss.backward()
        batch_loss(model, examples, common_prefix([example.prompt for example in examples])).backward()  # type: ignore[no-untyped-call]
        ours_, sft = (torch.cat([p.grad.flatten() for p in side if p.grad is not None]) for side in (mine, theirs))
    return float((ours_ - sft).norm() / sft.norm())
