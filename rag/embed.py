"""Sentence embeddings: MiniLM from its package, or any sentence-transformers model."""

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from data.errors import TriviumError
from data.findings import counted
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
        from transformers.utils.logging import disable_progress_bar, set_verbosity_error

        disable_progress_bar()
        set_verbosity_error()  # its report of weights that were not found: told below, as an error
        self.name, self.device = name, device
        source = str(embedded_file(name).parent) if name == DEFAULT_EMBEDDER else name
        if name != DEFAULT_EMBEDDER and not Path(name).is_dir() and name.count("/") != 1:
            raise TriviumError(f"unknown embedding model '{name}': use {DEFAULT_EMBEDDER}, a hub id, or a folder.")
        try:
            self.network: Any = SentenceTransformer(source, device=device, model_kwargs={"use_safetensors": True})
        except Exception as error:  # foreign files make the libraries fail in any way
            reason = (str(error).strip() or type(error).__name__).partition("\n")[0]
            raise TriviumError(f"the embedding model '{name}' cannot be loaded: {reason}") from error
        self.unread = self._unread() if name != DEFAULT_EMBEDDER else []  # whose digest was checked

    def _unread(self) -> list[str]:
        """Weights that no file holds, which the library fills with random numbers.

        Raises:
            TriviumError: vectors depend on one. On those of a pooler, which many files leave out, none does.
        """
        from transformers import PreTrainedModel

        network = next((part for part in self.network.modules() if isinstance(part, PreTrainedModel)), None)
        if network is None:
            return []
        _, report = type(network).from_pretrained(
            network.name_or_path, config=network.config, use_safetensors=True, trust_remote_code=False,
            output_loading_info=True, device_map="meta",
        )  # fmt: skip
        missing = sorted(report["missing_keys"])
        if needed := [name for name in missing if not name.startswith("pooler.")]:
            raise TriviumError(
                f"the embedding model '{self.name}' is not whole: {counted(len(needed), 'weight')} of it missing, the "
                f"first: {needed[0]}. Use another --embedder."
            )
        return missing

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

    def count_tokens(self, texts: Sequence[str]) -> int:
        """How many tokens these texts have, marks of beginning and end included."""
        return sum(map(len, self.network.tokenizer(list(texts))["input_ids"]))

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
        """SHA-256 over the weights that were read, layers and tokenizer."""
        import torch

        digest = hashlib.sha256(f"{self.network!r} {self.network.max_seq_length}".encode())
        weights = self.network.state_dict().items()
        unread = tuple(f".{name}" for name in self.unread)  # other random numbers each time
        for name, tensor in sorted(one for one in weights if not one[0].endswith(unread)):
            digest.update(name.encode())
            digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
        digest.update(json.dumps(self.network.tokenizer.get_vocab(), sort_keys=True).encode())
        return digest.hexdigest()
