"""What the product asks of a language model, and how a caller finds out whether a model can do more.

Every model has a name, a window, a way to count tokens, to render messages and to answer. Whatever else is needed
(weights, probabilities, training) is a capability: `need` returns it or says in one sentence that it is missing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

from data.errors import Incapable
from data.progress import Progress
from data.prompt import Message
from model.operations import Shapes
from model.sampling import Sampling

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from torch import Tensor

    from model.decoding.prefix import SharedPrefix

BATCH_SIZE = 64  # prompts; docs/speed.md has the measurement


class Prompt(str):
    """The text that a model reads, together with what it was made of.

    Args:
        pieces: text of the template and contents of messages in turn, beginning and ending with the template's.
        messages: the messages themselves, for models that render on their own side.
    """

    pieces: tuple[str, ...]
    messages: tuple[Message, ...]

    def __new__(cls, pieces: Sequence[str], messages: Sequence[Message] = ()) -> "Prompt":
        made = super().__new__(cls, "".join(pieces))
        made.pieces, made.messages = tuple(pieces), tuple(messages)
        return made

    @classmethod
    def plain(cls, text: str) -> "Prompt":
        """Text to go on with, without a template; all of it is data."""
        return cls(("", text, ""), [{"role": "user", "content": text}])


@dataclass(frozen=True)
class Generation:
    """One answer of the model with what it took. Seconds are the batch's, divided evenly among its rows."""

    text: str
    finish_reason: str  # "stop": the model ended or a stop sequence came; "length": the answer limit
    prompt_tokens: int
    cached_tokens: int  # of these, read before as the shared prefix
    completion_tokens: int
    seconds: float
    batch: int
    slowdown: float | None = None  # of the machine that answered, where that is another one (model/speed.py)


Batches = Iterator[list[tuple[int, Generation]]]


class LanguageModel(Protocol):
    """What every model can do."""

    name: str
    device: str  # where it computes: cpu, cuda, mps; "elsewhere" where that is not known
    plain_name: str  # of the same model without its trained reader; empty where it has none
    notes: list[str]  # what loading found that the user should know
    tell: Callable[[str], None]  # called with what the user should know later

    @property
    def window(self) -> int:
        """Tokens that prompt and answer may have together."""
        ...

    def identity(self) -> Mapping[str, Any]:
        """All that decides what this model answers, as far as it can be known: for the record of a run."""
        ...

    def go_on_as(self, identity: Mapping[str, Any]) -> None:
        """Take over from a run that began earlier what changes by itself: the date that a template prints."""
        ...

    def count_tokens(self, text: str) -> int: ...

    def render(self, messages: Sequence[Message]) -> Prompt: ...

    def generate(
        self,
        prompts: Sequence[Prompt],
        sampling: Sampling,
        prefix: Sequence[int] = (),
        batch_size: int = BATCH_SIZE,
        done: frozenset[int] = frozenset(),
    ) -> Batches:
        """Answer prompts, yielding each batch when it is finished as (index of the prompt, answer) pairs.

        Args:
            prefix: what `PrefixSharing.prefix_of` found.
            done: numbers of batches that are not generated again; the others hold the same prompts as in a full run.

        Raises:
            TriviumError: a prompt leaves no room for the answer in the model's window.
        """
        ...

    def generate_one(
        self, prompt: Prompt, sampling: Sampling, prefix: Sequence[int] = (),
        on_token: Callable[[int], None] | None = None,
    ) -> tuple[Generation, float]:  # fmt: skip
        """Answer one prompt; also returns the seconds until its first token.

        Args:
            on_token: called with each token id as it is written, where the model has token ids.
        """
        ...


@runtime_checkable
class Weights(LanguageModel, Protocol):
    """Capability: the weights can be looked at."""

    @property
    def parameters(self) -> int: ...
    def fingerprint(self) -> str:
        """SHA-256 over all base weights, without adapters."""
        ...

    def shapes(self) -> Shapes: ...


@runtime_checkable
class PrefixSharing(LanguageModel, Protocol):
    """Capability: what many prompts begin with is read once."""

    def prefix_of(self, prompts: Sequence[Prompt]) -> list[int]:
        """The tokens that all these prompts begin with."""
        ...

    def read_shared(self, prefix: Sequence[int]) -> None:
        """Read a prefix ahead of the first prompt, so that no answer's time holds it."""
        ...

    def forget_prefixes(self) -> None:
        """Read the next prompt from its first token, as in a new process."""
        ...


@runtime_checkable
class MemoryBound(LanguageModel, Protocol):
    """Capability: how long a prompt can be is a matter of memory here."""

    def tokens_in_memory(self, answer: int) -> int:
        """Tokens that a prompt may have now; its window where memory holds that much.

        Args:
            answer: tokens that are written after it.
        """
        ...


@runtime_checkable
class Logits(LanguageModel, Protocol):
    """Capability: the probabilities of the next token can be seen."""

    def encode(self, text: str) -> list[int]: ...
    def decode(self, ids: Sequence[int]) -> str:
        """The text of tokens, without control tokens."""
        ...

    def token_text(self, token: int) -> str:
        """One token as it stands in the vocabulary's text, control tokens too."""
        ...

    def with_reader_threshold(self, sampling: Sampling) -> Sampling: ...
    def chances(self, prompts: Sequence[Prompt], answer: Sequence[int], prefix: Sequence[int] = ()) -> list[float]:
        """The probability that the answer to each prompt begins with these tokens."""
        ...

    def answer_logits(self, prompt: Prompt, written: Sequence[int], prefix: Sequence[int] = ()) -> "Tensor": ...
    def abstention(self) -> list[int]:
        """The tokens of a refusal."""
        ...


@runtime_checkable
class Refusing(LanguageModel, Protocol):
    """Capability: a server's chances decide on `Sampling.refuse_above`; Incapable where it does not show enough."""

    def check_threshold(self, above: float) -> None: ...


@runtime_checkable
class Trainable(Weights, Protocol):
    """Capability: an adapter can be trained beside the weights and switched on."""

    network: Any  # a causal language model of transformers
    shares_prefixes: bool
    virtual: "SharedPrefix | None"  # trained keys and values that stand before every prompt now

    def end_token(self) -> int:
        """The token that ends an answer, as training teaches it.

        Raises:
            TriviumError: the model names none.
        """
        ...

    def encode(self, text: str) -> list[int]: ...
    def adapted(self, adapter: str, virtual: "SharedPrefix | None" = None) -> "AbstractContextManager[None]":
        """Answer with what was trained and is switched on by the caller; what was read before is kept apart.

        Args:
            adapter: its digest.
            virtual: trained keys and values that stand before every prompt, as far as that is what was trained.
        """
        ...


@runtime_checkable
class TakesAdapters(LanguageModel, Protocol):
    """Capability: a server answers with what was trained for it."""

    train_with: str  # weights that adapters are trained on, or HOSTED

    def check_adapters(self) -> None:
        """Raise Incapable where the server takes no adapters."""
        ...

    def load_adapter(self, name: str, folder: Path) -> None:
        """Have the server load an adapter under a name."""
        ...

    def answering_as(self, name: str) -> "AbstractContextManager[None]":
        """While this is open, answers come from the adapter or the tuned model of this name."""
        ...

    def hosted_job(self, examples: Sequence[dict[str, Any]], kept: Path, seed: int, progress: Progress) -> Any:
        """A job of the provider's on conversations, waited for."""
        ...


@runtime_checkable
class Served(LanguageModel, Protocol):
    """Capability: a server answers, and says what it can do."""

    def abilities(self) -> Mapping[str, str]:
        """What the server can do, in words, by what is asked of it."""
        ...


@runtime_checkable
class Inspectable(Logits, PrefixSharing, Trainable, Protocol):
    """Capability: all of these together, for what shows how a model works inside."""


_MISSING: dict[type, str] = {
    Weights: "weights that can be looked at",
    PrefixSharing: "a prompt that is read in parts",
    MemoryBound: "a measure of its memory",
    Logits: "the probabilities of the next token",
    Refusing: "the probabilities of the next token",
    Trainable: "weights that can be trained",
    TakesAdapters: "a server that takes adapters",
    Served: "a server that answers",
    Inspectable: "weights and probabilities that can be looked at",
}
Capability = TypeVar("Capability")


def lacking(model: LanguageModel, capability: type) -> str:
    """Why something is n/a; empty where the model has the capability."""
    return "" if isinstance(model, capability) else f"{model.name} gives no {_MISSING[capability].removeprefix('a ')}"


def offers(model: object, capability: type[Capability]) -> Capability | None:
    """The model as one that has the capability; None where it has not."""
    return model if isinstance(model, capability) else None


def need(model: LanguageModel, capability: type[Capability], what_for: str) -> Capability:
    """The model as one that has the capability.

    Raises:
        Incapable: it has not; `what_for` begins the sentence.
    """
    if not isinstance(model, capability):
        raise Incapable(f"{what_for} needs {_MISSING[capability]}; {model.name} gives none.")
    return model


def prefix_of(model: LanguageModel, prompts: Sequence[Prompt]) -> list[int]:
    """The tokens that these prompts begin with; none where the model shares no prefixes."""
    sharing = offers(model, PrefixSharing)
    return sharing.prefix_of(prompts) if sharing else []
