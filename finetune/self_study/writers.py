"""Who writes the questions of a self-study: an adapter made for it, the model itself, or another model."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from data.cache_entry import sha256_of
from data.errors import TriviumError
from data.files import read_text
from finetune.adapter import WEIGHTS, Adapter, switched_on
from finetune.self_study.writing import Writer
from finetune.writer import RECORD
from model.language_model import LanguageModel, Trainable, offers

Load = Callable[[str], LanguageModel]


def writer_of(model: LanguageModel, name: str, embedded: Path, load: Load) -> Writer:
    """The writer of this name.

    Args:
        model: that the writing is for.
        name: a folder that `finetune.writer.train_writer` wrote, or any model; empty: the embedded writer where one is
            there and belongs to this model, else the model itself.
        embedded: folder of the embedded writer.
        load: loads a model by its name.

    Raises:
        TriviumError: the writer of the folder belongs to another model, or was changed.
    """
    if name and not (Path(name) / RECORD).exists():
        return Writer(load(name), name)
    folder = Path(name) if name else embedded
    trainable = offers(model, Trainable)
    if trainable and (folder / RECORD).exists():
        record = json.loads(read_text(folder / RECORD))
        if record["base_fingerprint"] == trainable.fingerprint():
            return _with_adapter(trainable, folder, record)
    if name:
        raise TriviumError(f"{folder}: this writer belongs to another model than {model.name}.")
    return Writer(model, model.name)


def _with_adapter(model: Trainable, folder: Path, record: dict[str, Any]) -> Writer:
    if sha256_of(folder / WEIGHTS) != record["sha256"]:
        raise TriviumError(f"{folder / WEIGHTS}: the writer has changed since it was trained. Make it again.")
    adapter = Adapter(folder, record["sha256"], record, reused=True)
    return Writer(model, f"writer {record['sha256'][:12]}", lambda: switched_on(model, adapter))
