"""A fine-tuning job of a provider: examples are uploaded, the job is waited for, its model answers.

A job costs money, so its number is written down as soon as it exists: a stopped run goes on waiting for the same one.
"""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from data.errors import ServerFailure, TriviumError
from data.progress import Progress
from data.sealed import read_sealed, write_sealed
from model.endpoint.address import Address
from model.endpoint.failures import failure

_PAUSE = 15.0  # seconds between two looks at a job
_FILE = "job.json"


@dataclass(frozen=True)
class HostedJob:
    """A job that has ended well.

    Args:
        examples_sha256: of what was uploaded.
        model: that it made.
        tokens: that were trained on, as the provider bills them: those of all passes.
        seconds: from its creation to its end, as the provider says.
    """

    examples_sha256: str
    job: str
    model: str
    tokens: int
    seconds: float
    examples: int

    @property
    def sha256(self) -> str:
        """Of what makes it this very model."""
        return hashlib.sha256(f"{self.model} {self.examples_sha256}".encode()).hexdigest()

    @classmethod
    def obtain(
        cls, address: Address, model: str, examples: Sequence[dict[str, Any]], kept: Path, seed: int,
        progress: Progress,
    ) -> "HostedJob":  # fmt: skip
        """The job for these examples: the one that `kept` tells of, or a new one.

        Args:
            examples: each {"messages": [...]}, the last one the answer.
            kept: folder of the run in which the job is written down.

        Raises:
            ServerFailure: the provider refuses, the job fails, or it was cancelled.
            TriviumError: what was written down of an earlier job is damaged.
        """
        content = "".join(json.dumps(example, ensure_ascii=False) + "\n" for example in examples).encode()
        digest, file = hashlib.sha256(content).hexdigest(), kept / _FILE
        known = _written(file)
        if known.get("examples_sha256") == digest and "model" in known:
            return cls(**known)
        if known.get("examples_sha256") != digest:
            known = {"examples_sha256": digest, "job": _start(address, model, content, seed)}
            kept.mkdir(parents=True, exist_ok=True)
            write_sealed(file, known)
        ended = _wait(address, model, known["job"], progress)
        took = float((ended.get("finished_at") or 0) - (ended.get("created_at") or 0))
        found = cls(
            **known, model=str(ended["fine_tuned_model"]), tokens=int(ended.get("trained_tokens") or 0),
            seconds=max(0.0, took), examples=len(examples),
        )  # fmt: skip
        write_sealed(file, asdict(found))
        return found


def _written(file: Path) -> dict[str, Any]:
    """What was written down of a job; empty where there was none."""
    if not file.exists():
        return {}
    try:
        return read_sealed(file)
    except ValueError as error:
        raise TriviumError(
            f"{file}: not what was written, so the job that was paid for cannot be told. Put a copy of the file back, "
            "or delete it to start another job, which the provider bills."
        ) from error


def _start(address: Address, model: str, content: bytes, seed: int) -> str:
    """Upload the examples and create the job; returns its number."""
    from openai import OpenAIError

    try:
        uploaded = address.client.files.create(file=("trivium.jsonl", content), purpose="fine-tune")
        job = address.client.fine_tuning.jobs.create(
            training_file=uploaded.id, model=model, seed=seed, suffix="trivium"
        )  # fmt: skip
    except (OpenAIError, ValueError) as error:
        raise failure(error, address, model) from error
    return str(job.id)


def _wait(address: Address, model: str, job: str, progress: Progress) -> dict[str, Any]:
    """The job when it has ended well."""
    from openai import OpenAIError

    while True:
        try:
            found = address.client.fine_tuning.jobs.retrieve(job).to_dict()
        except (OpenAIError, ValueError) as error:
            raise failure(error, address, model) from error
        status = str(found.get("status"))
        progress(f"the provider's fine-tuning job {job}: {status}")
        if status == "succeeded" and found.get("fine_tuned_model"):
            return found
        if status in ("failed", "cancelled"):
            told = found.get("error")
            reason = str(told.get("message") or status) if isinstance(told, dict) else status
            raise ServerFailure(f"{address.url}: the fine-tuning job {job} has {status} ({reason[:200]}).")
        time.sleep(_PAUSE)
