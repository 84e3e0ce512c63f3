"""The record of a kept method: all that decides its answers beside its files, and which run it comes from."""

import platform
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from data.prompt import PromptTemplate
from data.schema import Domain, DomainSettings
from evaluation.run.run_record import package_versions
from evaluation.run.settings import RunSettings
from model.sampling import Sampling

# Of the machine that ran it, of the user's own systems, or of no consequence for an answer.
_LEFT_OUT = {"domain", "contestants", "methods", "demand", "prices", "writer", "train_with"}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class ModelRecord(_Part):
    """Which model answered: what it is called, and digests by which another one is told."""

    name: str
    files: dict[str, str] = {}  # of each part, known without loading it; empty where it lies elsewhere
    identity: dict[str, Any] = {}  # of weights, tokenizer and template, once it is loaded
    bill: Literal["machine", "api"] = "machine"
    facts: dict[str, Any] = {}  # the model as run.json describes it


class EmbedderRecord(_Part):
    """Which model embedded the passages."""

    name: str
    files: dict[str, str] = {}
    fingerprint: str = ""


class MethodRecord(_Part):
    """One method of one run. The settings are the run's, those that name something of its machine left out."""

    version: Literal[1] = 1
    run: str
    created: str  # the run
    method: str
    seed: int
    domain: str  # its name
    language: str
    instruction: str
    prompt: PromptTemplate
    prompt_frame: str  # the model's chat template around marks for system and user
    settings: dict[str, Any]
    sampling: Sampling  # with the threshold of refusing that was set on dev questions
    model: ModelRecord
    embedder: EmbedderRecord | None = None  # None: nothing is searched by meaning
    trained: Literal["adapter", "prefix", ""] = ""
    trained_sha256: str = ""
    versions: dict[str, str] = {}

    def run_settings(self, folder: Path) -> RunSettings:
        """The settings with which the method answers; what was left out has its default."""
        return RunSettings.model_validate(
            self.settings | {"domain": str(folder), "methods": (self.method,), "sampling": self.sampling}
        )

    def empty_domain(self, folder: Path) -> Domain:
        """A domain without documents and questions, with the wording of the run's prompt."""
        settings = _Worded(name=self.domain, language=self.language, instruction=self.instruction, wording=self.prompt)
        return Domain(folder=folder, settings=settings, documents=(), questions=())


class _Worded(DomainSettings):
    """Settings of a domain whose prompt is that of the run, whatever this version of the program words."""

    wording: PromptTemplate

    @property
    def prompt(self) -> PromptTemplate:
        return self.wording


def kept_settings(settings: RunSettings) -> dict[str, Any]:
    """Of a run's settings those that a record holds."""
    return settings.model_dump(mode="json", exclude=_LEFT_OUT)


def versions_now() -> dict[str, str]:
    """Of what computes here."""
    return {"python": platform.python_version()} | package_versions()
