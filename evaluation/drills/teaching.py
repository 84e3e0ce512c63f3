"""Trainings that drills make: a course of some facts of the run, once for all drills that use the same one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.files import whole_folder, write_json
from data.schema import Category, Question
from evaluation.drills.bench import Bench, drawn
from evaluation.run.material import Learner, Source, source_of
from finetune.examples import Example
from finetune.settings import TrainingSettings
from model.language_model import Trainable, need
from model.speed import meter_of

FACTS = {"smoke": 16, "full": 10**6}  # facts of a course
EPOCHS = {"smoke": 6, "full": 20}
UNKNOWN_EACH = 10  # taught wordings for each unanswerable one beside them


@dataclass(frozen=True)
class Course:
    """What is taught: wordings with answers, the same about nothing that is known, and the recipe."""

    facts: frozenset[str]
    questions: Sequence[Question]
    recipe: TrainingSettings
    source: Source | None = None  # what it is taught from, instead of what the run was

    def examples(self, bench: Bench) -> list[Example]:
        """As the run would train on them."""
        settings = bench.settings.model_copy(update={"training": self.recipe})
        learner = Learner(bench.domain, self.questions, trainable(bench), settings, bench.progress)
        source = self.source or source_of(bench.domain, self.questions, settings)
        return list(learner.material(source).examples)


def asked_of(taught: Course, bench: Bench) -> list[Question]:
    """Test questions about what a course teaches, in wordings that it does not."""
    own = [q for q in bench.plan.questions if q.fact_id in taught.facts]
    return [q for q in own if bench.plan.categories[q.id] is Category.PARAPHRASED][: bench.many]


def trainable(bench: Bench) -> Trainable:
    """The run's model as one that can be trained. Raises Incapable where it cannot."""
    return need(bench.model, Trainable, "a training")


def course(bench: Bench, **changes: Any) -> Course:
    """The run's training, in a smoke test of some of its facts; those that change later come first.

    Args:
        changes: of the recipe.

    Raises:
        Incapable: the model cannot be trained.
    """
    trainable(bench)
    taught = [q for q in bench.plan.training if q.answerable and q.category in (None, Category.TRAINED)]
    asked = {q.fact_id for q in bench.plan.questions if bench.plan.categories[q.id] is Category.PARAPHRASED}
    moved = {update.fact_id for update in bench.domain.updates}
    facts = sorted({q.fact_id for q in taught} & asked, key=lambda fact: (fact not in moved, fact))
    chosen = frozenset(facts[: FACTS[bench.size]])
    own = [q for q in taught if q.fact_id in chosen]
    unknown = drawn([q for q in bench.plan.training if not q.answerable], len(own) // UNKNOWN_EACH, "unknown")
    recipe = bench.settings.training.model_copy(update={"seed": bench.seed, "epochs": EPOCHS[bench.size]} | changes)
    scale = bench.settings.training.alpha / bench.settings.training.rank  # stays, whatever the rank
    recipe = recipe.model_copy(update={"alpha": round(scale * recipe.rank)})
    return Course(chosen, [*own, *unknown], recipe)


def steps_of(examples: int, recipe: TrainingSettings) -> int:
    """Steps of a training, about: examples with passages are spread over them."""
    return recipe.passes(examples) * -(-examples // recipe.batch_size)


def snapshots(
    bench: Bench, taught: Course, at: Sequence[int], name: str = "course", start: Path | None = None
) -> dict[int, Any]:
    """One training, with its adapter after these epochs; what lies there from before is used again.

    Args:
        start: an adapter to go on from; default: a new one.

    Returns:
        Adapters by epoch; the calibrated seconds until then are in their record.
    """
    from finetune.adapter import is_old, read_adapter

    folder = bench.scratch / f"{name}-{bench.size}"
    wanted = {epoch: folder / f"epoch-{epoch}" for epoch in at}
    if not all(is_old(path) for path in wanted.values()):
        _train(bench, taught, wanted, folder / "partial", start)
    return {epoch: read_adapter(path, reused=True) for epoch, path in wanted.items()}


def _train(bench: Bench, taught: Course, wanted: dict[int, Path], partial: Path, start: Path | None) -> None:
    import torch

    from finetune.adapter import Lora
    from finetune.checkpoint import Checkpoint
    from finetune.steps import epochs_of
    from finetune.train import train

    model, examples = trainable(bench), taught.examples(bench)
    steps = epochs_of(examples, taught.recipe)
    last = {step.epoch: number for number, step in enumerate(steps, 1)}
    ends = {last[min(epoch, max(last))]: path for epoch, path in wanted.items()}
    checkpoint, seen = Checkpoint(partial), list[int]()
    meter = meter_of(model)
    started = meter.now()
    torch.manual_seed(taught.recipe.seed)
    with Lora().fresh(model, taught.recipe) as fresh:
        if start:
            _go_on_from(start, model)

        def after(step: int, line: dict[str, Any]) -> bool:
            seen.append(step)
            if path := ends.get(step):
                whole = seen[0] == 1  # of a training that was stopped before nobody knows what it took
                spent = meter.calibrated(started, meter.now()) if whole else None
                _keep(path, fresh.write, taught.recipe, {"steps": step, "seconds": spent, **line})
            return False

        train(model, fresh.parameters, steps, taught.recipe, bench.progress, after, checkpoint, confine=fresh.confine)
    checkpoint.drop()


def _go_on_from(folder: Path, model: Trainable) -> None:
    """Put the numbers of an adapter into the one under training."""
    import torch
    from safetensors.torch import load_file

    from finetune.adapter import PREFIX, WEIGHTS

    known = load_file(folder / WEIGHTS)
    with torch.no_grad():
        for name, parameter in model.network.named_parameters():
            if parameter.requires_grad:
                parameter.copy_(known[PREFIX + name.replace(".in_training.", ".")])


def _keep(path: Path, write: Any, recipe: TrainingSettings, line: dict[str, Any]) -> None:
    """An adapter in the form in which finished ones lie in a run."""
    from data.cache_entry import seal, sha256_of
    from finetune.adapter import RECORD, WEIGHTS

    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_folder(path) as scratch:
        numbers = write(scratch)
        facts = {"trained_parameters": numbers, "sha256": sha256_of(scratch / WEIGHTS)}
        write_json(scratch / RECORD, line | facts | {"settings": recipe.model_dump()})
        seal(scratch)


@contextmanager
def with_adapter(bench: Bench, adapter: Any) -> Iterator[None]:
    """While this is open, the model answers with the adapter. It is the only one in the network: the library warns."""
    from finetune.adapter import switched_on

    model = trainable(bench)
    for known in list(getattr(model.network, "peft_config", {})):
        model.network.delete_adapter(known)
    try:
        with switched_on(model, adapter, bench.settings.merge_adapter):
            yield
    finally:
        model.network.delete_adapter(adapter.name)


def described(taught: Course) -> dict[str, str | int | float | None]:
    """A course in the record of a drill."""
    recipe = taught.recipe
    return {"facts_taught": len(taught.facts), "wordings_taught": len(taught.questions), "rank": recipe.rank,
            "learning_rate": recipe.learning_rate, "passages_read_in_training": recipe.reading}  # fmt: skip
