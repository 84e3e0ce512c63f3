"""How long should a passage be, and how many should retrieval give this model? Measured on real question sets.

    python -m benchmarks.passages FOLDER [FOLDER …] --questions 25

Retrieval is real: every document of a set is in the index. Prints, for each length and number of passages, how often a
gold document's passage was among them and the share of questions answered correctly.
"""

import argparse
import tempfile
from pathlib import Path

from benchmarks.prompt_variants import INSTRUCTION, read_set
from data.progress import silent
from data.prompt import PROMPT
from data.schema import Document, Domain, DomainSettings, Question
from evaluation.grading.rules import GradeName, grade
from model.local import LocalModel
from model.sampling import Sampling
from rag.embed import SentenceEmbedder
from rag.retrieve import Retrieval

LENGTHS = (64, 128)
NUMBERS = (1, 2, 3)


def measure(
    model: LocalModel, embedder: SentenceEmbedder, documents: list[Document], questions: list[Question], length: int
) -> list[str]:
    """For each number of passages: found and answered, as text."""
    settings = DomainSettings(name="set", instruction=INSTRUCTION)
    domain = Domain(folder=Path(), settings=settings, documents=tuple(documents), questions=tuple(questions))
    cells = []
    with tempfile.TemporaryDirectory() as folder:
        retrieval = Retrieval(embedder, Path(folder), max(NUMBERS), length)
        retrieval.prepare(domain, model, silent)
        ranked = retrieval.contexts(questions)
    for number in NUMBERS:
        given = [context.passages[:number] for context in ranked]
        messages = [
            PROMPT.messages(INSTRUCTION, q.question, passages) for q, passages in zip(questions, given, strict=True)
        ]
        prompts = [model.render(message) for message in messages]
        texts = {i: g.text for batch in model.generate(prompts, Sampling()) for i, g in batch}
        right = sum(grade(q, texts[i]).grade is GradeName.CORRECT for i, q in enumerate(questions))
        found = sum(
            any(p.document_id in q.document_ids for p in passages) for q, passages in zip(questions, given, strict=True)
        )
        cells.append(f"{found} / {right}")
    return cells


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--questions", type=int, default=25)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    model, embedder = LocalModel(), SentenceEmbedder()
    print("| set (answerable) | tokens | " + " | ".join(f"{n} passages: found / right" for n in NUMBERS) + " |")
    print("| --- " * (len(NUMBERS) + 2) + "|")
    for folder in options.folders:
        documents, questions = read_set(folder, options.questions, options.seed)
        answerable = [question for question in questions if question.answerable]
        for length in LENGTHS:
            cells = measure(model, embedder, documents, answerable, length)
            print(f"| {folder.name} ({len(answerable)}) | {length} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
