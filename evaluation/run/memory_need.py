"""What a run needs of its device's memory, predicted before anything is loaded, and whether the device has it.

Sizes of the model are those of its config.json or GGUF header; tokens are estimated from the domain's text. Rows that
are answered together, and pasted documents, get as much as the run itself would give them (model/room.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.errors import TriviumError
from data.findings import Finding, warning
from data.schema import Domain, Question
from evaluation.numbers import gigabytes
from evaluation.run.fitting import of_size
from evaluation.run.material import source_of
from evaluation.run.plan import Plan
from evaluation.run.registry import MethodSpec, spec_of
from evaluation.run.settings import RunSettings
from finetune.examples import TEXT_TOKENS
from finetune.merged import SPARE
from finetune.reading import ASKED, TOGETHER
from model.footprint import Batch, Footprint
from model.memory import free_bytes
from model.registry import kind_of
from model.room import MEMORY_SHARE
from model.sizes import sizes_of
from model.weights import DEFAULT_EMBEDDER, READER_MODEL, embedded_file

TOKEN_BYTES = 4  # of text in a token; the sample domain has 3.8 with SmolLM2's vocabulary and 4.0 with Qwen2.5's
_FRAME = 24  # tokens of chat mark-up and headings
_WRITTEN, _SAID = 32, 8  # tokens of a question and an answer that are still to be written
PROGRAM = {"cpu": 150 * 2**20}  # bytes of libraries that are loaded later, and of what the allocator keeps


@dataclass(frozen=True)
class MemoryNeed:
    """Bytes; each method's with all that is loaded by then: weights, embedder, the plain model beside a reader."""

    device: str
    free: int
    weights: int
    methods: dict[str, int]

    @property
    def most(self) -> str:
        """The method that needs most."""
        return max(self.methods, key=self.methods.__getitem__)

    @property
    def bytes(self) -> int:
        return self.methods[self.most]

    def findings(self) -> Iterator[Finding]:
        """One sentence with its remedy where memory does not suffice."""
        if self.weights > self.free:
            yield warning("memory", f"the weights alone need about {gigabytes(self.weights)}, and {self._free()}",
                          "Round them with --load-in 4bit, or use a smaller model.")  # fmt: skip
        elif self.bytes > self.free:
            yield warning("memory", f"{self.most} needs about {gigabytes(self.bytes)}, and {self._free()}",
                          _remedy(spec_of(self.most)))  # fmt: skip

    def _free(self) -> str:
        return f"{gigabytes(self.free)} of {self.device} are free"

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "device": self.device,
            "free_bytes": self.free,
            "weights_bytes": self.weights,
            "weights_fit": self.weights <= self.free,
            "methods": dict(self.methods),
            "findings": [str(finding) for finding in self.findings()],
            "source": "predicted",
        }


def _remedy(spec: MethodSpec) -> str:
    if spec.adapted:
        return "Use a smaller --train-batch-size, --gradient-checkpointing, --load-in 4bit, or leave it out."
    return "Use --load-in 4bit, a smaller --batch-size, or a smaller model."


def memory_need(domain: Domain, plan: Plan, settings: RunSettings) -> MemoryNeed | None:
    """The prediction; None where the weights do not lie on this machine.

    Raises:
        TriviumError: the model's configuration cannot be read.
    """
    if kind_of(settings.model):
        return None
    sizes = sizes_of(settings.model)
    footprint = Footprint(sizes, settings.device, settings.load_in)
    return _Predicted(domain, plan, of_size(settings, sizes.weights), footprint).need()


def memory_findings(domain: Domain, plan: Plan, settings: RunSettings) -> list[Finding]:
    """What is to be said of memory before the model is loaded; nothing where it suffices or cannot be predicted."""
    try:
        need = memory_need(domain, plan, settings)
    except TriviumError:  # loading the model says it better
        return []
    return list(need.findings()) if need else []


def _tokens(text: str) -> int:
    return -(-len(text.encode()) // TOKEN_BYTES)


class _Predicted:
    """Goes through the methods in their order, as a run does."""

    def __init__(self, domain: Domain, plan: Plan, settings: RunSettings, footprint: Footprint) -> None:
        self.domain, self.plan, self.settings, self.footprint = domain, plan, settings, footprint
        self.device = settings.device
        self.free = free_bytes(self.device)
        system = domain.settings.prompt.system.format(instruction=domain.settings.instruction)
        self.frame, self.written = _tokens(system) + _FRAME, settings.sampling.max_new_tokens
        self.question = max((_tokens(question.question) for question in plan.questions), default=0)

    def need(self) -> MemoryNeed:
        loaded = self.footprint.weights + PROGRAM.get(self.device, 0)
        methods: dict[str, int] = {}
        searches = asks_plain = False
        pasted = 0
        for spec in map(spec_of, self.settings.methods):
            if spec.is_contestant:
                continue
            if spec.context == "search" and not searches and self.settings.search_by != "words":
                searches, loaded = True, loaded + embedder_bytes(self.settings.embedder)
            if spec.context == "all":
                pasted = self.footprint.keys(self._pasted()) * (2 if self.plan.updated else 1)
            if spec.adapted:
                pasted = 0  # forgotten before a training
            needed = loaded + pasted + self._own(spec)
            if spec.plain_too and _has_reader(self.settings.model) and not asks_plain:
                asks_plain, loaded = True, loaded + self.footprint.weights
                needed += self.footprint.weights
            methods[spec.name] = needed
        return MemoryNeed(self.device, self.free, self.footprint.weights, methods)

    def _own(self, spec: MethodSpec) -> int:
        """What a method needs beside what is loaded: to be trained, to read what is pasted, to answer."""
        settings = self.settings
        passages = {"search": settings.top_k, "gold": 1}.get(spec.context, 0) * settings.chunk_tokens
        behind, again = settings.prefix_tokens if spec.training == "prefix" else 0, settings.training.checkpointing
        answering = self._answering(self.question + passages + self.written) + self.footprint.keys(behind)
        if spec.context == "all":
            return max(answering, self.footprint.reading(self._pasted()))
        if not spec.adapted:
            return answering
        if behind:
            return max(
                answering, *(self.footprint.training_prefix(batch, again) for batch in self._batches(spec, behind))
            )
        merged, rank = self.footprint.merged(), settings.training.rank
        training = max(self.footprint.training(batch, rank, again) for batch in self._batches(spec, 0))
        merges = not self.footprint.sizes.biased and self.free - self.footprint.weights > SPARE * merged
        return max(answering + merged * settings.merge_adapter, training + merged * merges)

    def _pasted(self) -> int:
        """Tokens of all documents, or as many as window and memory hold."""
        documents = sum(_tokens(f"{document.title}\n{document.text}") for document in self.domain.documents)
        window = self.footprint.sizes.window - self.frame - self.question - self.written
        room = int(MEMORY_SHARE * (self.free - self.footprint.weights)) // max(1, self.footprint.keys(1))
        most = self.settings.inject_tokens or room
        return max(0, min(documents, window, most)) + self.frame

    def _answering(self, width: int) -> int:
        """Rows are as many as half of the free memory holds, so they alone never need too much."""
        room = int(MEMORY_SHARE * (self.free - self.footprint.weights)) // max(1, self.footprint.keys(width))
        rows = max(1, min(self.settings.batch_size, len(self.plan.questions), room))
        return self.footprint.answering(rows, width)

    def _batches(self, spec: MethodSpec, behind: int) -> list[Batch]:
        """The largest batches of a training: of questions alone and of passages with theirs, or of documents' text."""
        source = source_of(self.domain, self.plan.training, self.settings, spec.prepare.endswith(":pairs_adapter"))
        rows = self.settings.training.batch_size
        if source == "documents":
            return [Batch(0, rows, TEXT_TOKENS, rows * TEXT_TOKENS, behind)]
        known = [(_tokens(q.question), _said(q)) for q in self.plan.training] if source != "self-study" else []
        written = [(_WRITTEN, _SAID)] * rows if source != "wordings" else []
        asked = sorted([*known, *written], key=sum)[-rows:]
        width, labels = sum(asked[-1]), max(said for _, said in asked)
        taught = bool(behind) or bool(self.settings.training.distillation)
        alone = Batch(self.frame, len(asked), width, sum(said for _, said in asked), behind, taught)
        if not self.settings.training.reading:
            return [alone]
        passages, several = TOGETHER * self.settings.chunk_tokens, TOGETHER * ASKED + 2
        return [alone, Batch(self.frame + passages, several, width, several * labels, behind)]


def _has_reader(model: str) -> bool:
    """Whether it is a plain model with an adapter, so that the plain one is loaded beside it and asked too."""
    folder = Path(model).expanduser()
    return model == READER_MODEL or (
        (folder / "adapter_config.json").is_file() and not (folder / "config.json").is_file()
    )


def _said(question: Question) -> int:
    answer = question.reference_style or (question.answers[0] if question.answers else "")
    return _tokens(answer) + 1


def embedder_bytes(name: str) -> int:
    """Weights of an embedding model on this machine, in float32; 0 where they are not known."""
    folder = embedded_file(name).parent if name == DEFAULT_EMBEDDER else Path(name).expanduser()
    return sum(file.stat().st_size for file in folder.glob("*.safetensors"))
