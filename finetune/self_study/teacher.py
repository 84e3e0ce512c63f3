"""What the model says with the passage before it: its likeliest tokens, for a student without one (distillation).

Hinton, Vinyals and Dean 2015, arXiv 1503.02531; of contexts: Snell, Klein and Zhong 2022, arXiv 2209.15189. For each
token of an answer the few likeliest are kept: they hold nearly all of the chance, in a thousandth of the bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import load_file, save
from torch import Tensor

from data.files import write_bytes
from data.progress import Progress
from data.prompt import Passage
from data.schema import Domain, Question
from finetune.examples import Example, Taught
from finetune.train import hidden_states
from model.decoding.prefix import common_prefix
from model.language_model import Trainable

TOP = 8  # tokens kept for each token of an answer
_TOGETHER = 16  # answers that are read at once


@torch.no_grad()
def top_tokens(model: Trainable, group: Sequence[Example]) -> list[tuple[Tensor, Tensor]]:
    """For each example the likeliest tokens (answer tokens, TOP), int32, and their logarithmic chances, float16."""
    shared = common_prefix([example.prompt for example in group]) if model.shares_prefixes and len(group) > 1 else 0
    rows = [[*example.prompt, *example.completion][shared:-1] for example in group]
    hidden = hidden_states(model, group[0].prompt[:shared], rows)
    found, end = [], 0
    for row, example in zip(rows, group, strict=True):
        end += len(row)
        logits = model.network.get_output_embeddings()(hidden[end - len(example.completion) : end]).float()
        chances, tokens = logits.log_softmax(dim=-1).topk(min(TOP, logits.shape[-1]))
        found.append((tokens.int().cpu(), chances.half().cpu()))
    return found


class Teacher:
    """Asks the model that has the passage, once for each question, and keeps what it says in a file.

    Args:
        passages: of the documents, by id.
    """

    def __init__(self, domain: Domain, model: Trainable, passages: Mapping[str, Passage]) -> None:
        self.domain, self.model, self.passages = domain, model, passages

    def _reading(self, question: Question, student: Example) -> Example:
        """The same answer behind the prompt that has the passage."""
        settings, passage = self.domain.settings, self.passages[question.meta["passage"]]
        messages = settings.prompt.messages(settings.instruction, question.question, (passage,))
        return replace(student, prompt=tuple(self.model.encode(self.model.render(messages))))

    def write(self, path: Path, questions: Sequence[Question], students: Sequence[Example], progress: Progress) -> None:
        """Ask about all questions, passage by passage.

        Args:
            students: the questions as examples without a passage, in the same order.
        """
        by_passage: dict[str, list[int]] = {}
        for place, question in enumerate(questions):
            by_passage.setdefault(question.meta["passage"], []).append(place)
        tensors: dict[str, Tensor] = {}
        done = 0
        for places in by_passage.values():
            for at in range(0, len(places), _TOGETHER):
                part = places[at : at + _TOGETHER]
                group = [self._reading(questions[place], students[place]) for place in part]
                for place, (tokens, chances) in zip(part, top_tokens(self.model, group), strict=True):
                    tensors |= {f"{place}.tokens": tokens, f"{place}.chances": chances}
                done += len(part)
            progress("asking the teacher", done, len(questions))
        write_bytes(path, save(tensors))


def taught(path: Path, students: Sequence[Example], share: float) -> list[Example]:
    """The examples with what their teacher said, kept in a file by `Teacher.write`.

    Args:
        share: of the loss that goes by the teacher; the rest goes by the answer.
    """
    tensors = load_file(path)
    examples = []
    for place, student in enumerate(students):
        tokens, chances = tensors[f"{place}.tokens"], tensors[f"{place}.chances"]
        rows = tuple(map(tuple, tokens.tolist())), tuple(map(tuple, chances.float().tolist()))
        examples.append(replace(student, teacher=Taught(*rows, share)))
    return examples
