"""Sentence embeddings: MiniLM from its package, or any sentence-transformers model."""

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from data.errors import TriviumError
from data.progress import Progress, silent
from model.memory import memory_for
from model.weights import DEFAULT_EMBEDDER, embedded_file
from rag.vectors import Vectors

_BATCH = 64  # texts between two progress reports
_LENGTH_TOLERANCE = 1e-3  # of vectors that should have length 1


class Embedder(Protocol):
    """Texts to vectors of length 1, float32, shape (texts, dimensions)."""

    name: str
    device: str  # where it computes: cpu, cuda, mps

    @property
    def fingerprint(self) -> str:
        """What vectors depend on, as a digest: two models with the same one give the same vectors."""

    def encode(self, texts: Sequence[str], progress: Progress = silent) -> Vectors:
        """One vector a text, in their order; (0, dimensions) for no text."""


class SentenceEmbedder:
    """A sentence-transformers model: `all-minilm-l6-v2` (embedded), a hub id, or a local folder.

    Raises:
        TriviumError: no such model, or it cannot be loaded from safetensors.
    """

    def __init__(self, name: str = DEFAULT_EMBEDDER, device: str = "cpu") -> None:
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()
        self.name, self.device = name, device
        source = str(embedded_file(name).parent) if name == DEFAULT_EMBEDDER else name
        if name != DEFAULT_EMBEDDER and not Path(name).is_dir() and name.count("/") != 1:
            raise TriviumError(f"unknown embedding model '{name}': use {DEFAULT_EMBEDDER}, a hub id, or a folder.")
        try:
            self.network: Any = SentenceTransformer(source, device=device, model_kwargs={"use_safetensors": True})
        except (OSError, ValueError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise TriviumError(f"the embedding model '{name}' cannot be loaded: {reason}") from error

    def encode(self, texts: Sequence[str], progress: Progress = silent) -> Vectors:
        """Embed texts, longest with longest, so that little is padded.

        Raises:
            TriviumError: a text gets a vector that is zero or not finite, which no search could find.
        """
        if not texts:
            return np.empty((0, self.network.get_embedding_dimension()), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda index: -len(texts[index]))
        parts = []
        for at in range(0, len(order), _BATCH):
            batch = [texts[index] for index in order[at : at + _BATCH]]
            with memory_for(
                "embedding the passages", "Use a smaller --embedder, or --search-by words, which needs none."
            ):
                parts.append(self.network.encode(batch, normalize_embeddings=True, show_progress_bar=False))
            progress("embedding", min(at + _BATCH, len(order)), len(order))
        vectors = np.empty((len(texts), parts[0].shape[1]), dtype=np.float32)
        vectors[order] = np.concatenate(parts)
        self._refuse_useless(texts, vectors)
        return vectors

    def _refuse_useless(self, texts: Sequence[str], vectors: Vectors) -> None:
        lengths = np.linalg.norm(vectors, axis=1)
        useless = np.flatnonzero(~(np.abs(lengths - 1) < _LENGTH_TOLERANCE))  # so that NaN counts as useless
        if len(useless):
            text = " ".join(texts[useless[0]].split())[:60]
            raise TriviumError(
                f"the embedding model '{self.name}' gives no usable vector (zero or not a number) for {len(useless)} "
                f"of {len(texts)} texts, such as '{text}'. Its weights may be damaged; use another --embedder."
            )

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over weights, layers and tokenizer."""
        import torch

        digest = hashlib.sha256(f"{self.network!r} {self.network.max_seq_length}".encode())
        for name, tensor in sorted(self.network.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
        digest.update(json.dumps(self.network.tokenizer.get_vocab(), sort_keys=True).encode())
        return digest.hexdigest()
