"""Which wording of the prompt lets the base model use a passage best? Measured on real question sets.

    python -m benchmarks.prompt_variants FOLDER [FOLDER …] --questions 30

Each FOLDER holds documents.jsonl and questions.jsonl (see docs/prompt.md for the sets used there). Every variant is
asked the same questions with the gold passage and two others; the chosen passage sizes are the defaults of a run.
Writes a Markdown table with the share answered correctly, the share of unanswerable questions refused, and words per
answer. The variant with the best mean over the sets became `data.prompt.PROMPT`.
"""

import argparse
import random
from dataclasses import replace
from pathlib import Path

from data import jsonl
from data.documents import split_title
from data.prompt import PROMPT, Passage, PromptTemplate
from data.schema import Document, Question
from evaluation.grading.rules import GradeName, grade
from model.local import LocalModel
from model.sampling import Sampling
from rag.chunk import chunk

INSTRUCTION = "Answer the question in a few words."
UNKNOWN = " If you do not know the answer, reply with the single word unknown."
PLAIN = PromptTemplate(
    system="{instruction}" + UNKNOWN,
    context="Documents:\n\n{passages}\n\n",
    passage="{title}\n{text}",
    question="Question: {question}",
)
VARIANTS = {
    "passages, then `Question:`": PLAIN,
    "… ending in `Answer:`": replace(PLAIN, question="Question: {question}\nAnswer:"),
    "… ending in `Short answer:`": replace(PLAIN, question="Question: {question}\nShort answer:"),
    "… ending in `Short answer:`, without titles": replace(
        PLAIN, passage="{text}", question="Question: {question}\nShort answer:"
    ),
    "… ending in `Short answer:`, under the heading `Text:`": replace(
        PLAIN, context="Text:\n{passages}\n\n", question="Question: {question}\nShort answer:"
    ),
    "… without the heading `Documents:`": replace(
        PLAIN, context="{passages}\n\n", question="Question: {question}\nAnswer:"
    ),
    "… without titles": replace(PLAIN, passage="{text}", question="Question: {question}\nAnswer:"),
    "… told to use the words of the text": replace(
        PLAIN, system="{instruction} Use the words of the text." + UNKNOWN, question="Question: {question}\nAnswer:"
    ),
    "instruction beside the question": replace(
        PLAIN, system="You are a helpful assistant." + UNKNOWN, question="{question}\nAnswer in a few words:"
    ),
    "question alone, no labels": replace(PLAIN, context="{passages}\n\n", question="{question}"),
    "no permission to say unknown": replace(PLAIN, system="{instruction}", question="Question: {question}\nAnswer:"),
}  # fmt: skip


def read_set(folder: Path, n: int, seed: int) -> tuple[list[Document], list[Question]]:
    """A seeded sample of the short-answer questions of a set, and all its documents."""
    documents = []
    for row in jsonl.read(folder / "documents.jsonl"):
        title, text = split_title(row["text"], row["title"])
        documents.append(Document(id=row["id"], title=row["title"] or title, text=text))
    questions = []
    for row in jsonl.read(folder / "questions.jsonl"):
        if row["document_ids"] and (not row["answers"] or len(row["answers"][0].split()) <= 6):
            keys = ("id", "question", "answers", "document_ids")
            questions.append(Question.model_validate({key: row[key] for key in keys}))
    return documents, random.Random(seed).sample(questions, min(n, len(questions)))


def passages_for(question: Question, chunks: dict[str, list[Passage]], draw: random.Random) -> list[Passage]:
    """The passage with the answer and two others, in random order."""
    own = chunks[question.document_ids[0]]
    gold = next((c for c in own if any(a.lower() in c.text.lower() for a in question.answers)), own[0])
    others = draw.sample([c for name, some in chunks.items() if name not in question.document_ids for c in some], 2)
    mixed = [gold, *others]
    draw.shuffle(mixed)
    return mixed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--questions", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--chunk-tokens", type=int, default=128)
    parser.add_argument("--only", default="", help="variants whose name holds this text")
    options = parser.parse_args()
    model = LocalModel()
    prepared = []
    for folder in options.folders:
        documents, questions = read_set(folder, options.questions, options.seed)
        chunks: dict[str, list[Passage]] = {}
        for passage in chunk(documents, model, options.chunk_tokens):
            chunks.setdefault(passage.document_id, []).append(passage)
        draw = random.Random(options.seed)
        prepared.append((folder.name, [(q, passages_for(q, chunks, draw)) for q in questions]))
    print("| variant | " + " | ".join(name for name, _ in prepared) + " | mean | unanswerable refused | words |")
    print("| --- " * (len(prepared) + 4) + "|")
    for name, template in VARIANTS.items():
        if options.only in name:
            chosen = " (the default)" if template == PROMPT else ""
            print(measure(name + chosen, template, model, prepared), flush=True)


def measure(
    name: str,
    template: PromptTemplate,
    model: LocalModel,
    prepared: list[tuple[str, list[tuple[Question, list[Passage]]]]],
) -> str:
    """One row of the table."""
    rates, refused, unanswerable, words, replies = [], 0, 0, 0, 0
    for _, pairs in prepared:
        prompts = [model.render(template.messages(INSTRUCTION, q.question, passages)) for q, passages in pairs]
        texts = {i: g.text for batch in model.generate(prompts, Sampling()) for i, g in batch}
        grades = [(q, grade(q, texts[i]).grade) for i, (q, _) in enumerate(pairs)]
        answerable = [g for q, g in grades if q.answerable]
        rates.append((sum(g is GradeName.CORRECT for g in answerable), len(answerable)))
        refused += sum(g is GradeName.ABSTAINED for q, g in grades if not q.answerable)
        unanswerable += len(grades) - len(answerable)
        words += sum(len(text.split()) for text in texts.values())
        replies += len(texts)
    cells = [f"{right} of {n}" for right, n in rates]
    mean = sum(right / n for right, n in rates) / len(rates)
    return f"| {name} | {' | '.join(cells)} | {mean:.0%} | {refused} of {unanswerable} | {words / replies:.1f} |"


if __name__ == "__main__":
    main()
