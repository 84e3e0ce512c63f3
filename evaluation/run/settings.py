"""All settings of a run, and the three profiles."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from data.prompt import PROMPT
from data.schema import Category
from evaluation.run.answer_length import room_for
from evaluation.run.demand import Demand
from evaluation.run.folder import RunFolder
from evaluation.run.registry import MethodSpec, default_methods
from finetune.settings import TrainingSettings
from model.options import ModelOptions
from model.sampling import Sampling
from model.weights import DEFAULT_EMBEDDER, DEFAULT_MODEL
from rag.vectors import AUTO, INDEX_NAMES

ProfileName = Literal["smoke", "standard", "full"]
# Settings that decide no answer: a run goes on under others.
FREE = (
    "domain",
    "usd_per_hour",
    "token_prices",
    "demand",
    "concurrency",
    "time_limit",
    "contestant_timeout",
    "contestants_at_once",
    "skip_unanswered",
    "prices",
    "ray",
)

UNTIL_DECIDED = ("until_decided", "smallest")


class Profile(BaseModel):
    """How much of a domain a run asks."""

    model_config = ConfigDict(frozen=True)

    limits: dict[Category, int] | None = None  # questions per category; None = all that the domain has
    one_wording: bool = True  # of each fact in each category
    train_sampled_only: bool = False  # train on the sampled facts and no others
    training_seeds: int = 1
    general: int | None = None  # general questions before and after training; None: all that there are
    latency_warm: int = 20  # questions asked one at a time with everything loaded
    latency_cold: int = 5  # … with the shared prefix forgotten before each


PROFILES: dict[str, Profile] = {
    "smoke": Profile(
        limits={Category.PARAPHRASED: 55, Category.HELD_OUT: 55, Category.UNANSWERABLE: 20},
        train_sampled_only=True,
        general=0,  # all of them take a minute and more
        latency_warm=6,
        latency_cold=1,  # each reads all injected tokens again, 20 s and more
    ),
    "standard": Profile(latency_cold=20),
    "full": Profile(one_wording=False, training_seeds=3, latency_cold=20),
}


# Settings that follow from the model where nobody set them, filled in when it is loaded (evaluation/run/fitting.py).
BY_MODEL = ("chunk_tokens", "top_k", "inject_tokens")
TRAINING_BY_MODEL = ("learning_rate", "alpha", "checkpointing", "spare", "rehearsal")


class RunSettings(BaseModel):
    """Everything that decides what a run does. Two runs with equal settings give equal answers on one machine.

    Of the settings in BY_MODEL those count that were set; what has its default here was left to the model. The settings
    in a run's record are filled in.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    domain: Path
    model: str = DEFAULT_MODEL
    device: str = "cpu"
    base_url: str | None = None  # of the server behind which the model is
    window: int | None = Field(None, ge=64)  # tokens of prompt and answer together, where the server does not say it
    concurrency: int = Field(16, ge=1)  # requests that the server gets at the same time
    time_limit: float = Field(300.0, gt=0)  # seconds for one answer of the server
    train_with: str | None = Field(None, min_length=1)  # weights of the served model for its adapter, or "hosted"
    load_in: Literal["4bit", "8bit"] | None = None  # weights on this machine, rounded when they are read
    methods: tuple[str, ...] = Field(default_factory=default_methods)
    profile: ProfileName = "standard"
    seed: int = 0
    until_decided: bool = False  # ask in random order, and end when the answers decide
    smallest: float = Field(5.0, gt=0, le=100)  # points; with until_decided: smaller differences do not matter
    sampling: Sampling = Sampling()
    answer_words: int | None = Field(None, ge=1)  # ask for full answers of at most so many words; None: short ones
    batch_size: int = Field(64, ge=1)  # prompts answered together, as far as memory allows
    ray: str | None = None  # cluster whose processes answer (evaluation/run/cluster.py)
    merge_adapter: bool = True  # add the adapter to the weights while it answers (float32 only)
    embedder: str = DEFAULT_EMBEDDER
    chunk_tokens: int = Field(128, ge=16)  # see BY_MODEL
    top_k: int = Field(2, ge=1)  # passages that retrieval puts into a prompt; see BY_MODEL
    inject_tokens: int | None = Field(None, ge=1)  # most of the documents in one prompt; see BY_MODEL
    search_by: Literal["meaning", "words", "both"] = "both"  # embeddings, BM25, or both fused by rank
    index: str = Field(
        AUTO, pattern=f"^({'|'.join(INDEX_NAMES)})$"
    )  # over the embeddings; auto: exact up to 50,000 passages
    training: TrainingSettings = TrainingSettings()
    usd_per_hour: float = Field(0.085, ge=0)  # assumed price of this machine; see docs/cost.md
    demand: Demand = Demand()  # how much is asked, and what errors cost the user
    training_seeds: int | None = Field(None, ge=1)  # trainings with different seeds; None: as the profile says
    prefix_tokens: int = Field(512, ge=2)  # virtual tokens of a trained prefix
    train_on: Literal["pairs", "documents", "both"] | None = None  # None: training wordings, else a self-study
    study_passages: int = Field(300, ge=1)  # most passages that a self-study asks about
    writer: str = ""  # of its questions, a model; empty: the one that is compared
    general: int | None = Field(None, ge=0)  # questions of general knowledge, at most; None: as the profile says
    reversed_training: bool = False  # train on questions asked in reverse too, where the domain has some
    allow_leaks: bool = False
    contestants: dict[str, str] = {}  # systems of the user's by name, with their addresses (evaluation/contest)
    contestant_timeout: float = Field(60.0, gt=0, le=3600)  # seconds for one answer of theirs
    contestants_at_once: int = Field(4, ge=1, le=64)  # questions that each of them is asked at once
    skip_unanswered: bool = False  # go on where one of them does not answer a question
    token_prices: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = {}  # of the price book, by name
    prices: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = {}  # dollars a question, by contestant

    @model_validator(mode="before")
    @classmethod
    def _room_for_long_answers(cls, values: Any) -> Any:
        words = values.get("answer_words") if isinstance(values, dict) else None
        if not isinstance(words, int):
            return values
        return values | {"sampling": room_for(words, Sampling.model_validate(values.get("sampling") or {}))}

    @property
    def model_options(self) -> ModelOptions:
        """How the model is loaded or reached."""
        return ModelOptions(
            self.device, self.base_url, self.load_in, self.window, self.concurrency, self.time_limit, self.train_with
        )  # fmt: skip

    @property
    def limits(self) -> Profile:
        return PROFILES[self.profile]

    @property
    def seeds(self) -> tuple[int, ...]:
        """Training seeds."""
        return tuple(self.seed + offset for offset in range(self.training_seeds or self.limits.training_seeds))

    def seeds_of(self, spec: MethodSpec) -> tuple[int, ...]:
        """Seeds with which a method is carried out."""
        return self.seeds if spec.seeded else (self.seed,)

    def left_to_the_model(self) -> list[str]:
        """Settings that nobody set and that follow from the model; "training.alpha" lies inside another."""
        inner = [f"training.{key}" for key in TRAINING_BY_MODEL if key not in self.training.model_fields_set]
        return [key for key in BY_MODEL if key not in self.model_fields_set] + inner

    def digest(self, content: str) -> str:
        """Short hash over settings (but for `FREE`), prompt and the domain's content: it names the run's folder."""
        unset = (*(() if self.contestants else ("contestants",)), *(() if self.until_decided else UNTIL_DECIDED))
        settings = self.model_dump(mode="json", exclude={*FREE, *unset})
        if self.training.processes == 1:
            del settings["training"]["processes"]
        if not self.training.spare:
            del settings["training"]["spare"]
        settings["left"] = self.left_to_the_model()
        return hashlib.sha256((json.dumps([settings, asdict(PROMPT)], sort_keys=True) + content).encode()).hexdigest()[
            :8
        ]


def settings_of(folder: RunFolder) -> RunSettings:
    """The settings that a run began with; what is new since has its default.

    Raises:
        TriviumError: run.json is damaged, or its settings are none of this version.
    """
    with folder.in_form():
        return RunSettings.model_validate(folder.record()["settings"])
