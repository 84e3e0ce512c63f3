"""A system of the user's as a method: it is asked the same questions and answers by itself, out of sight."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from data.errors import TriviumError
from data.findings import counted
from data.names import resolved
from data.progress import Progress
from data.prompt import Passage, PromptTemplate
from data.schema import Category, Domain, Question
from evaluation.contest.address import kind_of
from evaluation.contest.asking import Outcome, ask_all, ask_patiently
from evaluation.contest.reply import Reply
from evaluation.contest.system import Failure, Limits, Request, open_system
from evaluation.run.folder import RunFolder
from evaluation.run.preparing import Preparation, Refresh
from evaluation.run.records import NOT_ANSWERED, Answer, Latency, Phase, UsedContext
from evaluation.run.registry import spec_of
from evaluation.run.settings import RunSettings
from evaluation.run.traced import TracedPrompt
from model.language_model import LanguageModel, Prompt
from model.sampling import Sampling

NOT_TOLD = "n/a: the documents were changed here alone, and your system was not told"


class Contestant:
    """What the run does with a method (`evaluation.run.methods.Method`), done by a system of the user's.

    Args:
        folder: of the run; passages that come back are kept in its chunks.jsonl.
    """

    seed = 0
    runs_here = False  # its seconds are those of the clock, whatever this machine does beside
    prefix_: Sequence[int] = ()

    def __init__(self, name: str, settings: RunSettings, folder: Path, domain: Domain) -> None:
        self.spec, self.name, self.settings, self.folder = spec_of(name), name, settings, folder
        self.domain, self.address = domain, settings.contestants[name]
        limits = Limits(settings.contestant_timeout, settings.contestants_at_once)
        self.system_ = open_system(name, self.address, limits)
        self._kept: set[str] = set()  # ids of passages in chunks.jsonl

    @property
    def timed(self) -> bool:
        """Whether its seconds can be measured: answers from a file took none here."""
        return kind_of(self.address) != "file"

    def check(self, questions: Sequence[Question]) -> None:
        """See that it is there and can answer these, before anything is computed.

        Raises:
            TriviumError: it is not, or a file lacks answers and the settings do not permit that.
        """
        try:
            self.system_.ready()
        except Failure as failure:
            raise TriviumError(f"{self.name} ({self.address}): {failure.reason}.") from failure
        missing = self.system_.unanswered([self._request(question) for question in questions])
        if missing and not self.settings.skip_unanswered:
            raise TriviumError(
                f"{self.address}: it has no answer to {len(missing):,} of {counted(len(questions), 'question')}, the "
                f"first: '{missing[0].id}' ({missing[0].question}). Add them, or --skip-unanswered leaves them out of "
                f"the figures of {self.name} and says so."
            )

    def prepare(self, domain: Domain, model: LanguageModel, progress: Progress) -> Preparation:
        """Nothing is prepared here; who was asked, and when, is recorded."""
        self._kept = {row["chunk_id"] for row in RunFolder(self.folder).rows("chunks.jsonl")}
        asked = datetime.now(UTC).isoformat(timespec="seconds")
        return Preparation(0.0, 0.0, (), {"address": self.address, "asked": asked})

    def read_prefix(self, progress: Progress) -> None: ...

    def refresh(self, domain: Domain, progress: Progress) -> Refresh:
        """The documents change in this run alone."""
        return Refresh(NOT_TOLD, None)

    def askable(self, questions: Sequence[Question]) -> list[Question]:
        """All of them, but for those about changes: it still has the documents as they were."""
        return [question for question in questions if question.category is not Category.UPDATED]

    def trace(
        self, questions: Sequence[Question], template: PromptTemplate | None = None, closed_book: bool = False
    ) -> list[TracedPrompt]:
        """The questions; what the system makes of them is not seen."""
        return [TracedPrompt(question, Prompt.plain(question.question)) for question in questions]

    def _request(self, question: Question) -> Request:
        settings = self.domain.settings
        instruction = settings.prompt.system.format(instruction=settings.instruction)
        return Request(question.id, question.question, instruction, settings.language)

    def answer(
        self, prompts: Sequence[TracedPrompt], phase: Phase = "main", done: frozenset[int] = frozenset()
    ) -> Iterator[list[Answer]]:
        """Answers as they come, each a batch of its own, named after the question's place.

        Raises:
            TriviumError: a question was not answered. All that were are yielded before.
        """
        places = [place for place in range(len(prompts)) if place not in done]
        requests = [self._request(prompts[place].question) for place in places]
        try:
            for found in ask_all(
                self.system_, requests, self.settings.contestants_at_once, self.settings.skip_unanswered
            ):
                place, passages = places[found.place], self._passages(found.reply)
                self._keep(passages)
                yield [self._record(prompts[place].question, found, passages, phase, place)]
        except Failure as failure:
            raise self._stopped(prompts[places[failure.place]].question, failure) from failure

    def _stopped(self, question: Question, failure: Failure) -> TriviumError:
        skip = "" if failure.gone else ", or with --skip-unanswered to go on without such answers"
        return TriviumError(
            f"{self.name} ({self.address}) did not answer '{question.id}' ({question.question}): {failure.reason}. All "
            f"answers so far are kept: run the same command again to go on{skip}."
        )

    def ask(
        self, question: Question, cold: bool = False, sampling: Sampling | None = None,
        on_token: Callable[[int], None] | None = None,
    ) -> tuple[Answer, TracedPrompt, float, float]:  # fmt: skip
        """Answer one question alone; see `Method.ask`. When its first word came is not known."""
        reply, seconds = self._asked(question)
        prompt = replace(self.trace([question])[0], passages=self._passages(reply))
        answer = self._record(question, Outcome(0, reply, seconds), prompt.passages, "main", 0)
        return answer, prompt, seconds, seconds

    def _asked(self, question: Question) -> tuple[Reply, float]:
        try:
            return ask_patiently(self.system_, self._request(question))
        except Failure as failure:
            raise self._stopped(question, failure) from failure

    def measure(self, question: Question, cold: bool) -> Latency | None:
        """Ask one question alone for its seconds; None where it is not answered and need not be."""
        try:
            _, seconds = self._asked(question)
        except TriviumError:
            if self.settings.skip_unanswered:
                return None
            raise
        return Latency(method=self.name, question_id=question.id, cold=cold, ttft_s=None, total_s=seconds)

    def _record(
        self, question: Question, found: Outcome, passages: Sequence[Passage], phase: Phase, place: int
    ) -> Answer:
        reply = found.reply or Reply("")
        ended = "length" if reply.cut else "stop"
        told = reply.usage
        return Answer(
            method=self.name,
            question_id=question.id,
            seed=self.seed,
            phase=phase,
            batch=place,
            batch_rows=1,
            answer=reply.answer,
            finish_reason=ended if found.reply else f"{NOT_ANSWERED}: {found.reason}",
            prompt_sha256="",
            prompt_tokens=told.prompt_tokens or 0,
            cached_tokens=told.cached_tokens or 0,
            completion_tokens=told.completion_tokens or 0,
            tokens_known=None not in (told.prompt_tokens, told.completion_tokens),
            usd=told.usd,
            retrieval_s=0.0,
            generation_s=found.seconds / self.settings.contestants_at_once if self.timed else 0.0,
            contexts=tuple(UsedContext(document_id=p.document_id, chunk_id=p.chunk_id, score=None) for p in passages),
        )

    def _passages(self, reply: Reply | None) -> tuple[Passage, ...]:
        """The passages that came back, as the run keeps them."""
        known = {document.id for document in self.domain.documents}
        found = []
        for passage in (reply.passages if reply else None) or ():
            document = resolved(passage.document, known) if passage.document else None
            name = document or passage.document
            digest = hashlib.sha256(f"{name}\n{passage.text}".encode()).hexdigest()[:16]
            found.append(Passage(name, f"{self.name}#{digest}", name, passage.text))
        return tuple(found)

    def _keep(self, passages: Sequence[Passage]) -> None:
        """Write down what is new, before the answer that names it."""
        new = {passage.chunk_id: passage for passage in passages if passage.chunk_id not in self._kept}
        RunFolder(self.folder).append_rows("chunks.jsonl", map(asdict, new.values()))
        self._kept |= new.keys()

    def close(self) -> None:
        """End what it needs on this machine."""
        self.system_.close()


def look_for(
    names: Sequence[str], settings: RunSettings, folder: Path, domain: Domain, questions: Sequence[Question],
    progress: Progress,
) -> None:  # fmt: skip
    """Before hours of work: are those there that are still to be asked?

    Raises:
        TriviumError: one is not.
    """
    for name in names:
        progress(f"looking for {name}")
        with closing(Contestant(name, settings, folder, domain)) as contestant:
            contestant.check(questions)
