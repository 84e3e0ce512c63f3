"""The methods of a run, open for single questions: what an answer took, what each setting does, what is remembered.

Everything is read off the running model; nothing here changes its weights, which the fingerprint shows.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from data.load import load_domain
from data.progress import Progress, silent
from data.prompt import PROMPT, Passage
from data.schema import Document, Question
from evaluation.run.folder import LAB, RunFolder
from evaluation.run.methods import Method
from evaluation.run.plan import make_plan
from evaluation.run.questions import known_question
from evaluation.run.registry import first_of, spec_of
from evaluation.run.settings import RunSettings
from model.decoding.next_token import stages
from model.decoding.refusal import Refusal
from model.language_model import Prompt
from model.local import LocalModel
from model.sampling import Sampling

PASTED = "pasted.md"  # id of a text that a person gave
PASTING, ANEW, INDEXED = "Paste it and ask", "New session, nothing pasted", "Add it to the index and ask"
MEMORIES = (PASTING, ANEW, INDEXED)
TRAINED = "Ask the adapter that was trained on it"


@dataclass(frozen=True)
class Told:
    """One answer with everything that was measured on the way. Seconds are of this one question, asked alone."""

    method: str
    prompt: Prompt
    written: tuple[int, ...]  # token ids
    text: str
    first_s: float
    total_s: float
    prompt_tokens: int
    cached_tokens: int
    usd: float  # at the run's assumed price of a machine-hour
    passages: tuple[Passage, ...]
    trained: int  # weights of the adapter that answered, 0 without one
    fingerprint_before: str
    fingerprint_after: str


@dataclass(frozen=True)
class Chance:
    """A token with its probability after one setting."""

    token: str
    probability: float


class Playground:
    """One model with the index and the adapter of a run.

    Args:
        path: folder of the run; only read.
    """

    def __init__(self, path: Path, progress: Progress = silent) -> None:
        record = RunFolder(path).record()
        settings = RunSettings.model_validate(record["settings"])
        self.path = path
        # The adapter stays beside the weights, so that these are frozen while it answers, too.
        self.settings = settings.model_copy(update={"merge_adapter": False})
        self.domain = load_domain(settings.domain)
        progress("loading the model")
        self.model = LocalModel(settings.model, settings.device)
        self.model.prefixes.kept = len(settings.methods)  # or every question would read the injected corpus again
        self.plan = make_plan(self.domain, settings)
        self.fingerprint = self.model.fingerprint()
        self._methods: dict[str, Method] = {}

    @property
    def is_lab(self) -> bool:
        """Whether this is a training of the lab, whose adapter knows the sentences of its domain."""
        return (self.path / LAB).exists()

    @property
    def methods(self) -> list[str]:
        """Those of the run that can answer any question."""
        return [name for name in self.settings.methods if spec_of(name).context != "gold"]

    @cached_property
    def _embedder(self) -> Any:
        from rag.embed import SentenceEmbedder

        return SentenceEmbedder(self.settings.embedder, self.settings.device)

    def method(self, name: str, progress: Progress = silent) -> Method:
        """A method with its index read, its adapter found, its shared prompt read; prepared once."""
        if name not in self._methods:
            method = self._made(name, self.path)
            method.prepare(self.domain, self.model, progress)
            self._methods[name] = method
        return self._methods[name]

    def _made(self, name: str, folder: Path) -> Method:
        return Method(name, self.settings, folder, self.plan.training, lambda: self._embedder, self.settings.seed)

    def ask(self, name: str, text: str, sampling: Sampling, on_text: Callable[[str], None] = lambda text: None) -> Told:
        """One question to one method; `on_text` gets the answer so far, token by token."""
        return self._told(self.method(name), known_question(text, self.domain), sampling, on_text)

    def _told(self, method: Method, question: Question, sampling: Sampling, on_text: Callable[[str], None]) -> Told:
        written: list[int] = []

        def on_token(token: int) -> None:
            written.append(token)
            on_text(self.model.decode(written))

        answer, prompt, first, total = method.ask(question, False, self._settled(sampling), on_token)
        before, self.fingerprint = self.fingerprint, self.model.fingerprint()
        trained = method.trained_.details["training"]["trained_parameters"] if method.trained_ else 0
        return Told(
            method=method.name, prompt=prompt.text, written=tuple(written), text=answer.answer, first_s=first,
            total_s=total,
            prompt_tokens=answer.prompt_tokens, cached_tokens=answer.cached_tokens,
            usd=total / 3600 * self.settings.usd_per_hour, passages=prompt.passages, trained=trained,
            fingerprint_before=before, fingerprint_after=self.fingerprint,
        )  # fmt: skip

    def chances(self, told: Told, position: int, sampling: Sampling, most: int = 12) -> list[tuple[str, list[Chance]]]:
        """The likeliest tokens at a position of an answer, as the model gave them and after each setting in force.

        Args:
            position: 0 is the first token of the answer; its length, the token after its last.
        """
        with self.method(told.method).weights():
            logits = self.model.answer_logits(told.prompt, told.written)[position]
            settled, refusal = self._settled(sampling), None
            if position == 0 and settled.refuse_above is not None:
                word = self.model.abstention()
                refusal = Refusal(word, settled.refuse_above, self.model.chances([told.prompt], word))
        history = [*self.model.encode(told.prompt), *told.written[:position]]
        found = stages(logits, history, settled, refusal)
        shown = found[0][1].topk(most).indices.tolist()  # the same tokens at every stage, so that one sees what is cut
        return [
            (name, [Chance(self.model.tokenizer.decode([token]), float(chances[token])) for token in shown])
            for name, chances in found
        ]

    def _settled(self, sampling: Sampling) -> Sampling:
        """With the run's threshold of refusing, else the reader's."""
        return self.model.with_reader_threshold(
            sampling.model_copy(update={"refuse_above": self.settings.sampling.refuse_above})
        )

    @property
    def memories(self) -> list[str]:
        """Ways in which a text can be known, as a person would say them."""
        return [*MEMORIES, TRAINED] if self.is_lab else list(MEMORIES)

    def remember(self, way: str, text: str, question: str, sampling: Sampling) -> tuple[str, str]:
        """The answer to a question about a text in one of `memories`, and what changed to make it known."""
        if way == TRAINED:
            told = self.ask(str(first_of(self.methods, "none", adapted=True)), question, sampling)
            return told.text, f"an adapter of {told.trained:,} weights beside the model, when it was trained"
        if way == INDEXED:
            return self.indexed(text, question, sampling).text, "the index, a file beside the model"
        answer = self.paste(text if way == PASTING else "", question, sampling)
        self.fingerprint = self.model.fingerprint()
        return answer, "this prompt only" if way == PASTING else "nothing; the pasted prompt is gone"

    def paste(self, text: str, question: str, sampling: Sampling) -> str:
        """The answer with a text in the prompt, or without one where it is empty; the next call knows nothing of it."""
        passages = (Passage(PASTED, PASTED, "Pasted text", text),) if text else ()
        messages = PROMPT.messages(self.domain.settings.instruction, question, passages)
        answer, _ = self.model.generate_one(self.model.render(messages), sampling)
        return answer.text

    def indexed(self, text: str, question: str, sampling: Sampling) -> Told:
        """The answer of rag after the text was added to the domain's index: a copy of it, which is gone afterwards."""
        added = Document(id=PASTED, title="Pasted text", text=text)
        others = [document for document in self.domain.documents if text not in document.text]
        with tempfile.TemporaryDirectory() as scratch:
            method = self._made("rag", Path(scratch))
            method.prepare(self.domain.with_documents([*others, added]), self.model, silent)
            return self._told(method, Question(id="asked", question=question, answers=()), sampling, lambda text: None)

    def speeds(self, name: str, questions: Sequence[str], sampling: Sampling) -> list[dict[str, Any]]:
        """The same questions alone with nothing kept, alone behind the kept prefix, and in one batch.

        Returns:
            For each way its seconds a question and how many answers are those of the first way.
        """
        method = self.method(name)
        asked = [Question(id=f"asked-{n}", question=text, answers=()) for n, text in enumerate(questions)]
        prompts = [prompt.text for prompt in method.trace(asked)]
        ways: list[tuple[str, Callable[[], list[str]]]] = [
            ("alone, each reads its whole prompt", lambda: [self._alone(p, sampling, ()) for p in prompts]),
            ("alone, behind the shared prefix", lambda: [self._alone(p, sampling, method.prefix_) for p in prompts]),
            ("in one batch, behind the shared prefix", lambda: self._batch(prompts, sampling, method.prefix_)),
        ]
        rows: list[dict[str, Any]] = []
        first: list[str] = []
        with method.weights():
            for way, answer in ways:
                started = time.perf_counter()
                answers = answer()
                seconds = (time.perf_counter() - started) / len(prompts)
                first = first or answers
                same = sum(a == b for a, b in zip(first, answers, strict=True))
                rows.append({"way": way, "seconds": seconds, "same": same, "of": len(prompts)})
        return rows

    def _alone(self, prompt: Prompt, sampling: Sampling, prefix: Sequence[int]) -> str:
        return self.model.generate_one(prompt, sampling, prefix)[0].text

    def _batch(self, prompts: list[Prompt], sampling: Sampling, prefix: Sequence[int]) -> list[str]:
        found = {i: answer.text for batch in self.model.generate(prompts, sampling, prefix) for i, answer in batch}
        return [found[i] for i in range(len(prompts))]


def layers_of(model: LocalModel) -> list[dict[str, Any]]:
    """The network as it is: its parts in order with their sizes, numbers read off the weights."""
    config, network = model.network.config, model.network
    blocks = sum(p.numel() for n, p in network.named_parameters() if ".layers." in n and "lora_" not in n)
    embedding = network.get_input_embeddings().weight
    tied = network.get_output_embeddings().weight.data_ptr() == embedding.data_ptr()
    heads = f"{config.num_attention_heads} attention heads, {config.intermediate_size:,} units between"
    return [
        {"part": "input", "size": f"{embedding.shape[0]:,} tokens, each {embedding.shape[1]:,} numbers",
         "weights": embedding.numel()},
        {"part": f"{config.num_hidden_layers} layers", "size": heads, "weights": blocks},
        {"part": "output", "size": f"a probability for each of {embedding.shape[0]:,} tokens",
         "weights": 0 if tied else network.get_output_embeddings().weight.numel(),
         "note": "the same weights as the input" if tied else ""},
    ]  # fmt: skip
