"""Readings of a small domain, with the passages and the search that a command would give them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.progress import silent
from data.schema import Domain
from finetune.reader_examples import Mixture, ReadingMaker
from rag.retrieve import Retrieval


@pytest.fixture
def make_maker(tiny_model: Any, embedder: Any, tmp_path: Path) -> Callable[[Domain, Mixture], ReadingMaker]:
    def make(domain: Domain, mixture: Mixture) -> ReadingMaker:
        retrieval = Retrieval(embedder, tmp_path / "index" / str(len(list(tmp_path.glob("index/*")))))
        passages = retrieval.prepare(domain, tiny_model, silent).chunks
        return ReadingMaker(domain, tiny_model, passages, retrieval.nearest, mixture)

    return make
