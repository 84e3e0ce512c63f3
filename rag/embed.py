"""Sentence embeddings: MiniLM from its package, or any sentence-transformers model."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from data.errors import TriviumError
from data.progress import Progress, silent
from model.weights import DEFAULT_EMBEDDER, embedded_file
from rag.vectors import Vectors

_BATCH = 64  # texts between two progress reports


class Embedder(Protocol):
    """Texts to vectors of length 1, shape (texts, dimensions)."""

    name: str

    def encode(self, texts: Sequence[str], progress: Progress = silent) -> Vectors: ...


class SentenceEmbedder:
    """A sentence-transformers model: `all-minilm-l6-v2` (embedded), a hub id, or a local folder."""

    def __init__(self, name: str = DEFAULT_EMBEDDER, device: str = "cpu") -> None:
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()
        self.name = name
        source = str(embedded_file(name).parent) if name == DEFAULT_EMBEDDER else name
        if name != DEFAULT_EMBEDDER and not Path(name).is_dir() and name.count("/") != 1:
            raise TriviumError(f"unknown embedding model '{name}': use {DEFAULT_EMBEDDER}, a hub id, or a folder.")
        try:
            self.network: Any = SentenceTransformer(source, device=device, model_kwargs={"use_safetensors": True})
        except (OSError, ValueError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise TriviumError(f"the embedding model '{name}' cannot be loaded: {reason}") from error

    def encode(self, texts: Sequence[str], progress: Progress = silent) -> Vectors:
        """Embed texts, longest with longest, so that little is padded."""
        order = sorted(range(len(texts)), key=lambda index: -len(texts[index]))
        parts = []
        for at in range(0, len(order), _BATCH):
            batch = [texts[index] for index in order[at : at + _BATCH]]
            parts.append(self.network.encode(batch, normalize_embeddings=True, show_progress_bar=False))
            progress("embedding", min(at + _BATCH, len(order)), len(order))
        vectors = np.empty((len(texts), parts[0].shape[1]), dtype=np.float32)
        vectors[order] = np.concatenate(parts)
        return vectors
