"""Draft questions from documents alone: pick answer spans, let a model write the question, keep what passes the rules.

What the compared model knows or can read is never a filter (that would decide the comparison beforehand); it is
stored with each draft as a tag.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from data.leaks import near_pairs
from data.progress import Progress
from data.prompt import NO_ABSTENTION, PROMPT, Passage
from data.schema import Document, Question
from data.sentences import sentences
from data.spans import DANGLING, Span, answer_spans, clause_around, gap_request, in_place_question, question_start
from data.written_questions import Dropped, why_dropped
from evaluation.grading.rules import GradeName, grade
from model.language_model import LanguageModel, Prompt, prefix_of
from model.sampling import Sampling
from rag.embed import Embedder
from rag.vectors import Vectors

SENTENCE_WORDS = range(6, 46)
ROUND = 64  # candidates written together
NEAREST = 3  # sentences among which retrieval must find the evidence
LIKE = 0.6  # least cosine of question with answer and evidence
_SAMPLING = Sampling(max_new_tokens=28, stop=("\n",))

# The model is shown four texts with an answer and a question, or a request, and goes on in the same way.
_SHOWN = (
    ("The mill at Larkham", "The mill was bought in 1894 by the brothers Hask for 310 pounds.", "310 pounds"),
    ("Notes on the Tolva bridge", "Its architect, Mira Sandholt, never crossed it herself.", "Mira Sandholt"),
    ("Regulations of the reading room", "Maps are handed out until 16:45 on weekdays.", "16:45"),
    ("Erdmann Glass: annual report", "The works at Quill employ 73 people and use two furnaces.", "73 people"),
)
STYLES = {
    "question": (
        "How much did the brothers Hask pay for the mill at Larkham?",
        "Who was the architect of the Tolva bridge?",
        "Until what time are maps handed out in the reading room on weekdays?",
        "How many people work for Erdmann Glass at Quill?",
    ),
    "request": (
        "State how much the brothers Hask paid for the mill at Larkham.",
        "State who the architect of the Tolva bridge was.",
        "State until what time the reading room hands out maps on weekdays.",
        "State how many people Erdmann Glass employs at Quill.",
    ),
}


@dataclass(frozen=True)
class Candidate:
    """A span of a sentence that a question could ask for."""

    document: Document
    evidence: str
    before: str  # the sentence before, which may say who "she" is
    span: Span

    def prompt(self, style: str, start: str = "") -> str:
        """A text to go on with: shown examples of one style, then this one up to its question, or up to its start."""
        texts = [
            f"Text: {title}. {text}\nAnswer: {answer}\nQuestion: {question}\n\n"
            for (title, text, answer), question in zip(_SHOWN, STYLES[style], strict=True)
        ]
        before = self.before if DANGLING.match(self.evidence) else ""
        text = f"{self.document.title.rstrip('.')}. {before} {self.evidence}"
        return "".join(texts) + f"Text: {' '.join(text.split())}\nAnswer: {self.span.text}\nQuestion: {start}".rstrip()


@dataclass
class Draft:
    """A kept question with its answer and evidence, and further wordings for training."""

    question: str
    candidate: Candidate
    wordings: list[str] = field(default_factory=list)
    tags: dict[str, Any] = field(default_factory=dict)


def candidates(documents: Sequence[Document], seed: int) -> list[Candidate]:
    """All answer spans, the documents in turn, those of one document in seeded order."""
    by_document = []
    for document in documents:
        found, before = [], ""
        for sentence in sentences(document.text, "en"):
            if len(sentence.split()) in SENTENCE_WORDS and sentence.endswith(".") and sentence[0].isupper():
                found += [Candidate(document, sentence, before, span) for span in answer_spans(sentence)]
            before = sentence
        random.Random(f"{seed} {document.id}").shuffle(found)
        by_document.append(found)
    longest = max(map(len, by_document), default=0)
    return [found[turn] for turn in range(longest) for found in by_document if turn < len(found)]


def complete_prompts(model: LanguageModel, prompts: Sequence[str]) -> list[str]:
    """How the model goes on with each prompt, up to the end of the line."""
    if not prompts:
        return []
    texts = [""] * len(prompts)
    plain = [Prompt.plain(text) for text in prompts]
    other = Prompt.plain(prompts[0][: prompts[0].rindex("Text:")] + "Text: 7")
    for batch in model.generate(plain, _SAMPLING, prefix_of(model, [*plain, other])):
        for place, answer in batch:
            texts[place] = _after(prompts[place].rpartition("Question:")[2], answer.text)
    return texts


def _after(start: str, text: str) -> str:
    """What was written after the start of a question; a chat model likes to begin with the start itself."""
    start, text = start.strip(), text.strip().removeprefix("Question:").strip()
    return text[len(start) :].strip() if text.casefold().startswith(start.casefold()) else text


class Drafting:
    """Writes and filters drafts until there are enough; `proposed` and `dropped` count what became of all others.

    Args:
        kept_apart: test wordings that the user brought; nothing drafted may come near them.
    """

    def __init__(
        self, model: LanguageModel, embedder: Embedder, documents: Sequence[Document], kept_apart: Sequence[str] = ()
    ) -> None:
        self.model, self.embedder, self.documents = model, embedder, documents
        self.kept_apart = list(kept_apart)
        self.proposed = 0
        self.dropped: Counter[Dropped] = Counter()
        self.drafts: list[Draft] = []
        self._sentences = list(dict.fromkeys(s for document in documents for s in sentences(document.text, "en")))
        self._places = {sentence: place for place, sentence in enumerate(self._sentences)}
        self._vectors: Vectors | None = None

    def run(self, wanted: int, seed: int, progress: Progress) -> list[Draft]:
        """At most `wanted` drafts, each with a question and, where the rules keep them, further wordings."""
        self._vectors = self.embedder.encode(self._sentences, progress)
        pool, asked = candidates(self.documents, seed), set[tuple[str, str]]()
        for at in range(0, len(pool), ROUND):
            progress("writing questions", len(self.drafts), wanted)
            chosen = [c for c in pool[at : at + ROUND] if (c.evidence, c.span.text) not in asked]
            asked |= {(c.evidence, c.span.text) for c in chosen}
            self._keep(chosen, wanted)
            if len(self.drafts) == wanted:
                break
        progress("writing further wordings")
        self._add_requests()
        return self.drafts

    def _keep(self, chosen: Sequence[Candidate], wanted: int) -> None:
        """Write a question with the start that suits each answer, and keep what passes all rules."""
        starts = [question_start(candidate.evidence, candidate.span) for candidate in chosen]
        texts = complete_prompts(
            self.model, [c.prompt("question", start) for c, start in zip(chosen, starts, strict=True)]
        )
        for candidate, start, text in zip(chosen, starts, texts, strict=True):
            if len(self.drafts) == wanted:
                return
            self.proposed += 1
            outcome = self._best(candidate, f"{start} {text}")
            if isinstance(outcome, Draft):
                self.drafts.append(outcome)
            else:
                self.dropped[outcome] += 1

    def _best(self, candidate: Candidate, proposal: str) -> Draft | Dropped:
        """The model's question where it passes, else the sentence itself as a question, else why neither does."""
        passed, reasons = [], []
        clause = clause_around(candidate.evidence, candidate.span)
        in_place = in_place_question(candidate.evidence, candidate.span)
        for question in (proposal, in_place) if in_place else (proposal,):
            own = "" if question == in_place else clause
            reason = self._broken(candidate, question, own) or self._unlike(candidate, question)
            if reason:
                reasons.append(reason)
            else:
                passed.append(question)
        if not passed:
            return reasons[0]
        question = passed[0]
        if near_pairs([draft.question for draft in self.drafts], [question]):
            return Dropped.DUPLICATE
        if near_pairs(self.kept_apart, [question]):
            return Dropped.LEAK
        gap = gap_request(candidate.evidence, candidate.span)
        others = [text for text in (*passed[1:], gap) if text and not near_pairs(self.kept_apart, [text])]
        return Draft(question, candidate, others, {"writer": "rule" if question == in_place else "model"})

    def _broken(self, candidate: Candidate, question: str, clause: str) -> Dropped | None:
        document = candidate.document
        surroundings = f"{document.title}\n{document.text}"
        return why_dropped(question, candidate.span.text, candidate.evidence, surroundings, clause)

    def _unlike(self, candidate: Candidate, question: str) -> Dropped | None:
        """What the embedding model objects to: it finds other sentences first, or question and answer mean another."""
        assert self._vectors is not None
        asked, told = self.embedder.encode([question, f"{question} {candidate.span.text}"])
        own = self._vectors[self._places[candidate.evidence]]
        if int((self._vectors @ asked > float(own @ asked)).sum()) >= NEAREST:
            return Dropped.NOT_FOUND
        return None if float(own @ told) >= LIKE else Dropped.UNLIKE

    def _add_requests(self) -> None:
        """One more wording for each draft: the same as a request ("State how many …"), where it passes the rules."""
        starts = [question_start(d.candidate.evidence, d.candidate.span) for d in self.drafts]
        opened = [f"State {start[0].lower()}{start[1:]}" for start in starts]
        prompts = [d.candidate.prompt("request", o) for d, o in zip(self.drafts, opened, strict=True)]
        for draft, start, text in zip(self.drafts, opened, complete_prompts(self.model, prompts), strict=True):
            candidate, request = draft.candidate, f"{start} {text}"
            clause = clause_around(candidate.evidence, candidate.span)
            broken = self._broken(candidate, request, clause) or self._unlike(candidate, request)
            if not broken and not near_pairs(self.kept_apart, [request]):
                draft.wordings.append(request)


def add_tags(drafts: Sequence[Draft], model: LanguageModel, instruction: str, progress: Progress) -> Iterator[Draft]:
    """Each draft with what the compared model does with it: whether it knows it, and whether it reads it."""
    done = 0
    progress("asking the base model", done, 2 * len(drafts))
    passages = [
        (Passage(d.candidate.document.id, "", d.candidate.document.title, d.candidate.evidence),) for d in drafts
    ]
    for tag, template, given in (("known", NO_ABSTENTION, False), ("read", PROMPT, True)):
        prompts = [
            model.render(template.messages(instruction, draft.question, passage if given else ()))
            for draft, passage in zip(drafts, passages, strict=True)
        ]
        for batch in model.generate(prompts, Sampling(), prefix_of(model, prompts)) if prompts else ():
            for place, answer in batch:
                draft = drafts[place]
                asked = Question(id="draft", question=draft.question, answers=(draft.candidate.span.text,))
                draft.tags[tag] = grade(asked, answer.text).grade is GradeName.CORRECT
            done += len(batch)
            progress("asking the base model", done, 2 * len(drafts))
    yield from drafts
