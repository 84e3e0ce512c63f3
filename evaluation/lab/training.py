"""A training to be looked at: each step's gradients, what the model says meanwhile, which weights moved, the valley.

What it leaves is the folder of a run without answers; the playground can be opened on it and finds the adapter there.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from math import ceil
from pathlib import Path
from typing import Any

import torch

from data.files import write_json
from data.progress import Progress
from data.schema import Domain
from evaluation.grading.grader import Grader
from evaluation.grading.rules import GradeName
from evaluation.lab.kinds import Watched, WatchedAdapter, WatchedPrefix
from evaluation.run.folder import LAB, SCHEMA_VERSION, RunFolder
from evaluation.run.material import Learner, source_of
from evaluation.run.plan import make_plan
from evaluation.run.settings import RunSettings
from finetune.adapter import Adapter
from finetune.anatomy import Named, loss_along, norms_by_layer, step_apart, valley
from finetune.cartridge import first_tokens
from finetune.examples import Example
from finetune.obtain import obtain_adapter
from finetune.settings import TrainingSettings
from model.language_model import Trainable
from model.memory import peak_bytes, reset_peak
from model.operations import answer_operations, shapes_of, training_operations
from model.sampling import Sampling

ASKED = 20  # new wordings that are asked while it trains, at most
_VALLEY = (-0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)  # in units of the whole update
_PATH = 40  # looks whose weights are kept for the path, at most
_RATES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)  # in units of the first step
Say = Callable[[dict[str, Any]], None]


def _flat(tensors: Sequence[torch.Tensor]) -> torch.Tensor:
    """All numbers of some tensors in one row."""
    return torch.cat([tensor.flatten() for tensor in tensors]).cpu()


class Lab:
    """One training on a domain, watched.

    Args:
        out: where adapter, curve and record go.
        prefix: train a prefix of the settings' virtual tokens, not an adapter.
    """

    def __init__(
        self, domain: Domain, settings: RunSettings, out: Path, model: Trainable, prefix: bool = False
    ) -> None:
        self.domain, self.settings, self.out, self.model = domain, settings, out, model
        self.kind: Watched = WatchedAdapter()
        if prefix:
            self.kind = WatchedPrefix(first_tokens(domain, model, settings.prefix_tokens))
        self.grader = Grader(language=domain.settings.language)
        self.seen: dict[int, torch.Tensor] = {}  # the adapter at each look of this process, in half precision
        plan = make_plan(domain, settings)
        self.wordings, self.examples = plan.training, list[Example]()
        new = (q for q in plan.questions if q.answerable and q.split == "test")  # wordings that are not trained
        self.asked = list(new)[:ASKED]

    def run(self, progress: Progress, every: int = 2, say: Say = lambda line: None) -> dict[str, Any]:
        """Train, or go on with a stopped training; returns the record that the page shows.

        Args:
            every: steps between two times that the new wordings are asked.
            say: gets each line of the curve.
        """
        self.examples = self._material(progress)
        before = self.model.fingerprint()
        asked_before = self._ask("before")
        self._save({"state": "training", "fingerprint_before": before, "before": asked_before})
        inference = self._one_answer()  # while nothing was trained yet, so that its memory is its own
        settings = self.kind.settings(self.settings.training.model_copy(update={"seed": self.settings.seed}))
        kept = self.out / "adapters" / f"{self.kind.folder}-{self.settings.seed}"
        per_epoch = ceil(len(self.examples) / settings.batch_size)

        def watch(step: int) -> dict[str, Any]:
            started, named = time.perf_counter(), self.kind.named
            line: dict[str, Any] = {"gradient_by_layer": norms_by_layer([(name, p.grad) for name, p in named])}
            line["epochs"] = step / per_epoch
            if step == 1 or step % every == 0:
                line["answers"] = self._ask(f"step {step}")
                if len(self.seen) < _PATH:
                    self.seen[step] = _flat([p.detach() for _, p in named]).half()
                line["right"], line["of"] = sum(a["right"] for a in line["answers"]), len(line["answers"])
            line["watched_s"] = time.perf_counter() - started
            say({"step": step} | line)
            return line

        reset_peak(self.model.device)
        adapter = obtain_adapter(self.model, self.examples, settings, progress, kept, watch, self.kind)
        peak = peak_bytes(self.model.device)
        with self.kind.on(self.model, adapter):
            moved, after = self.kind.moved(self.model, adapter), self._ask("after")
        record = {
            "fingerprint_before": before, "fingerprint_after": self.model.fingerprint(),
            "before": asked_before, "after": after, "moved": moved, "training": adapter.training,
            "adapter_sha256": adapter.sha256, "facts": self._facts(adapter, inference, peak),
        }  # fmt: skip
        self._save({"state": "trained"} | record)  # what it learned can be looked at while the rest is measured
        progress("taking one step apart")
        return self._save({"state": "complete"} | record | self._apart(adapter, settings, progress))

    def _material(self, progress: Progress) -> list[Example]:
        """What the run's own method would learn from; else the playground would train another one when it opens."""
        source, chosen = source_of(self.domain, self.wordings, self.settings), self.settings.training.distillation
        learner = Learner(self.domain, self.wordings, self.model, self.settings, progress)
        return list(learner.material(source, self.kind.distillation if chosen is None else chosen).examples)

    def _save(self, content: dict[str, Any]) -> dict[str, Any]:
        self.out.mkdir(parents=True, exist_ok=True)
        record = {"schema_version": SCHEMA_VERSION, "settings": self.settings.model_dump(mode="json")}
        RunFolder(self.out).save_record(record | {"id": self.out.name, "status": "lab"})
        content |= {
            "domain": self.domain.name,
            "kind": self.kind.name,
            "model": self.model.name,
            "examples": len(self.examples),
        }
        write_json(self.out / LAB, content)
        return content

    def _ask(self, label: str) -> list[dict[str, Any]]:
        """The new wordings, closed book, with whatever weights are switched on."""
        instruction = self.domain.settings.instruction
        prompts = [self.model.render(self.domain.settings.prompt.messages(instruction, q.question)) for q in self.asked]
        with self.model.adapted(label if label != "before" else "", self.model.virtual):
            batches = self.model.generate(prompts, Sampling(max_new_tokens=24))
            said = {place: answer.text for batch in batches for place, answer in batch}
        grades = self.grader.grade([(question, said[place]) for place, question in enumerate(self.asked)])
        return [
            {
                "question": q.question,
                "accepted": q.answers[0],
                "answer": said[place],
                "right": g.grade == GradeName.CORRECT,
            }
            for place, (q, g) in enumerate(zip(self.asked, grades, strict=True))
        ]

    def _apart(self, adapter: Adapter, settings: TrainingSettings, progress: Progress) -> dict[str, Any]:
        """The first step again, taken apart; the loss for steps of other sizes; the valley of the whole update."""
        batch = self.examples[: min(8, settings.batch_size)]
        torch.manual_seed(settings.seed)
        with self.kind.fresh(self.model, settings) as fresh:
            named, parameters = self.kind.named, fresh.parameters
            start = [p.detach().clone() for p in parameters]
            optimizer = torch.optim.AdamW(parameters, lr=settings.learning_rate, weight_decay=0.0)
            apart = step_apart(self.model, named, batch, optimizer)
            first = [p.detach() - old for p, old in zip(parameters, start, strict=True)]
            self._back(parameters, start)
            progress("the loss for steps of other sizes")
            rates = valley(self.model, named, first, batch, _RATES)
            progress("the valley of the whole training")
            last = self.kind.last(self.model, adapter)
            whole = [end - p.detach() for end, (_, p) in zip(last, named, strict=True)]
            path = self._path(named, whole, batch)
            return {
                "apart": asdict(apart) | {"learning_rate": settings.learning_rate, "examples": len(batch)},
                "rates": asdict(rates), "path": path,
                "valley": asdict(valley(self.model, named, whole, batch, _VALLEY)),
            }  # fmt: skip

    def _path(self, named: Named, whole: Sequence[torch.Tensor], batch: Sequence[Example]) -> list[dict[str, float]]:
        """Where training was at its looks: how far along the whole update, how far off it, the loss there."""
        start, update = _flat([p.detach() for _, p in named]), _flat(whole)
        length, points = float(update.norm()), []
        for step, weights in sorted(self.seen.items()):
            away = weights.float() - start
            along = float(away @ update) / length**2
            direction = [
                part.view_as(w) for part, w in zip(torch.split(away, [w.numel() for w in whole]), whole, strict=True)
            ]
            (loss,) = loss_along(self.model, named, direction, batch, (1.0,))
            off = float((away - along * update).norm()) / length
            points.append({"step": float(step), "along": along, "across": off, "loss": loss})
        return points

    @staticmethod
    def _back(parameters: Sequence[torch.nn.Parameter], start: Sequence[torch.Tensor]) -> None:
        with torch.no_grad():
            for parameter, old in zip(parameters, start, strict=True):
                parameter.copy_(old)

    def _facts(self, adapter: Adapter, inference: dict[str, Any], peak: int | None) -> dict[str, Any]:
        """Training beside inference, each figure of this run."""
        training = adapter.training
        watched = sum(line.get("watched_s", 0.0) for line in training["curve"])
        seconds = max(1e-9, training["seconds"] - watched)
        operations = training_operations(
            shapes_of(self.model.network), training["read_tokens"], training["labels"], training["trained_parameters"]
        )
        return {
            "training": {"seconds": seconds, "steps": training["steps"], "examples": training["examples"],
                         "tokens": training["tokens"], "tokens_per_s": training["tokens"] / seconds,
                         "changed": training["trained_parameters"], "frozen": self.model.parameters,
                         "operations": operations, "peak_bytes": peak},
            "inference": inference | {"changed": 0, "frozen": self.model.parameters},
            "usd_per_hour": self.settings.usd_per_hour, "device": self.model.device,
        }  # fmt: skip

    def _one_answer(self) -> dict[str, Any]:
        """What one question takes, asked alone, with nothing kept from before."""
        text = self.asked[0].question if self.asked else "Who?"
        prompt = self.model.render(self.domain.settings.prompt.messages(self.domain.settings.instruction, text))
        reset_peak(self.model.device)
        answer, first = self.model.generate_one(prompt, Sampling(max_new_tokens=24))
        tokens = answer.prompt_tokens + answer.completion_tokens
        operations = answer_operations(shapes_of(self.model.network), answer.prompt_tokens, 0, answer.completion_tokens)
        return {"seconds": answer.seconds, "first_s": first, "tokens": tokens, "tokens_per_s": tokens / answer.seconds,
                "operations": operations, "peak_bytes": peak_bytes(self.model.device)}  # fmt: skip
