"""The ways in which a text can be known to a model: pasted, indexed, or trained into an adapter or a prefix."""

import tempfile
from pathlib import Path

from data.progress import silent
from data.prompt import Passage
from data.schema import Document, Question
from evaluation.lab.playground import Playground, TracedAnswer
from evaluation.run.registry import adapted, example_of, spec_of
from model.sampling import Sampling

PASTED = "pasted.md"  # id of a text that a person gave
PASTING, ANEW, INDEXED = "Paste it and ask", "Start a new session and ask", "Add it to the index and ask"
MEMORIES = (PASTING, ANEW, INDEXED)
TRAINED = {kind: f"Ask the {kind} that was trained on it" for kind in ("adapter", "prefix")}


def memories(ground: Playground) -> list[str]:
    """Ways in which a text can be known, as a person would say them."""
    return [*MEMORIES, TRAINED[learnt(_trained_method(ground))]] if ground.is_lab else list(MEMORIES)


def learnt(method: str) -> str:
    """What a trained method has learnt into: adapter or prefix."""
    return "prefix" if spec_of(method).learns == "prefix" else "adapter"


def beside(answer: TracedAnswer) -> str:
    """What was trained for the method that answered."""
    if learnt(answer.method) == "prefix":
        return f"a prefix of {answer.trained:,} numbers before every prompt"
    return f"an adapter of {answer.trained:,} weights beside the model"


def _trained_method(ground: Playground) -> str:
    """The method of a lab's training that answers from what was trained alone."""
    return next(name for name in adapted(ground.methods) if spec_of(name).context == "none")


def remember(ground: Playground, way: str, text: str, question: str, sampling: Sampling) -> tuple[str, str]:
    """The answer to a question about a text in one of `memories`, and what changed to make it known."""
    if way in TRAINED.values():
        answer = ground.ask(_trained_method(ground), question, sampling)
        return answer.text, f"{beside(answer)}, when it was trained"
    if way == INDEXED:
        return indexed(ground, text, question, sampling).text, "the index, which is a file beside the model"
    said = paste(ground, text if way == PASTING else "", question, sampling)
    ground.fingerprint = ground.model.fingerprint()
    return said, "only this prompt" if way == PASTING else "nothing: the pasted prompt is gone"


def paste(ground: Playground, text: str, question: str, sampling: Sampling) -> str:
    """The answer with a text in the prompt, or without one where it is empty; the next call knows nothing of it."""
    passages = (Passage(PASTED, PASTED, "Pasted text", text),) if text else ()
    messages = ground.domain.settings.prompt.messages(ground.domain.settings.instruction, question, passages)
    generated, _ = ground.model.generate_one(ground.model.render(messages), sampling)
    return generated.text


def indexed(ground: Playground, text: str, question: str, sampling: Sampling) -> TracedAnswer:
    """The answer of rag after the text was added to the domain's index: a copy of it, which is gone afterwards."""
    added = Document(id=PASTED, title="Pasted text", text=text)
    others = [document for document in ground.domain.documents if text not in document.text]
    with tempfile.TemporaryDirectory() as scratch:
        method = ground.new_method(example_of("search"), Path(scratch))
        method.prepare(ground.domain.with_documents([*others, added]), ground.model, silent)
        return ground.trace(method, Question(id="asked", question=question, answers=()), sampling, lambda text: None)
