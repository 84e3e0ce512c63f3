"""What the model says with the passage before it: its likeliest tokens, for a student without one (distillation).

Hinton, Vinyals and Dean 2015, arXiv 1503.02531; of contexts: Snell, Klein and Zhong 2022, arXiv 2209.15189. For each
token of an answer the few likeliest are kept: they hold nearly all of the chance, in a thousandth of the bytes.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save
from torch import Tensor

from data.cache_entry import cache_folder, obtain
from data.files import read_text, write_bytes, write_json
from data.progress import Progress
from data.prompt import Passage
from data.schema import Domain, Question
from finetune.examples import Example, Taught
from finetune.train import hidden_states
from model.decoding.prefix import common_prefix
from model.language_model import Trainable
from model.speed import speedometer

TOP = 8  # tokens kept for each token of an answer
_TOGETHER = 16  # answers that are read at once
_SAID, _RECORD = "said.safetensors", "teacher.json"


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


@dataclass(frozen=True)
class Teaching:
    """Examples with what their teacher said, and what asking it took."""

    examples: list[Example]
    record: dict[str, Any]  # questions, seconds, calibrated_s, bytes


def reading(domain: Domain, model: Trainable, question: Question, passage: Passage, student: Example) -> Example:
    """The same answer behind the prompt that has the passage."""
    settings = domain.settings
    messages = settings.prompt.messages(settings.instruction, question.question, (passage,))
    return replace(student, prompt=tuple(model.encode(model.render(messages))))


def write_said(
    path: Path, model: Trainable, examples: Sequence[Example], groups: Sequence[str], progress: Progress
) -> None:
    """Ask the model what it says after each prompt, and keep it in a file.

    Args:
        groups: the name of each example's group; a group is read together, and its prompts share their beginning.
    """
    together: dict[str, list[int]] = {}
    for place, name in enumerate(groups):
        together.setdefault(name, []).append(place)
    tensors: dict[str, Tensor] = {}
    done = 0
    for places in together.values():
        for at in range(0, len(places), _TOGETHER):
            part = places[at : at + _TOGETHER]
            said = top_tokens(model, [examples[place] for place in part])
            for place, (tokens, chances) in zip(part, said, strict=True):
                tensors |= {f"{place}.tokens": tokens, f"{place}.chances": chances}
            done += len(part)
        progress("asking the teacher", done, len(examples))
    write_bytes(path, save(tensors))


def obtain_teaching(
    domain: Domain,
    model: Trainable,
    asked: Sequence[tuple[Question, Passage]],
    students: Sequence[Example],
    share: float,
    progress: Progress,
) -> Teaching:
    """The examples with what the model says to them behind their passages: from the cache, or asked now.

    Args:
        asked: each question with the passage that the teacher has.
        students: the questions as examples without a passage, in the same order.
        share: of the loss that goes by the teacher; the rest goes by the answer.
    """
    readings = [
        reading(domain, model, question, passage, student)
        for (question, passage), student in zip(asked, students, strict=True)
    ]
    content = [model.fingerprint(), TOP, [(reading.prompt, reading.completion) for reading in readings]]
    folder = cache_folder() / "teachers" / hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]

    def make(scratch: Path) -> None:
        meter = speedometer(model.device)
        meter.look()
        started = meter.now()
        write_said(scratch / _SAID, model, readings, [passage.chunk_id for _, passage in asked], progress)
        meter.look()
        ended = meter.now()
        took = {"seconds": ended.clock - started.clock, "calibrated_s": meter.calibrated(started, ended)}
        size = (scratch / _SAID).stat().st_size
        write_json(scratch / _RECORD, took | {"questions": len(readings), "bytes": size})

    obtain(folder, make, "answers of the teacher", progress)
    return Teaching(taught(folder / _SAID, students, share), json.loads(read_text(folder / _RECORD)))


def taught(path: Path, students: Sequence[Example], share: float) -> list[Example]:
    """The examples with what their teacher said, kept in a file by `write_said`.

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
