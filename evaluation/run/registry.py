"""The methods that can be compared: one record each, Trivium's own and those that installed packages bring.

A package of anyone's adds a method through the entry point group `trivium.methods`; docs/methods.md has an example.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint
from typing import Any, Literal, get_args
from zlib import crc32

from data.errors import TriviumError
from evaluation.contest.address import PREFIX
from evaluation.extensions import installed, load, unknown

GROUP = "trivium.methods"
Context = Literal["none", "all", "search", "gold", "unseen"]
Kind = Literal["candidate", "yardstick", "contestant"]


@dataclass(frozen=True)
class MethodSpec:
    """What a method is. What differs between two methods is their records and what `prepare` makes, nothing else.

    Raises:
        TriviumError: a name that is no plain word, a colour that is not #rrggbb, an unknown context or kind.
    """

    name: str
    context: Context  # what it puts into the prompt: nothing, all documents, found passages, the gold passage, unseen
    sentence: str  # for people: what the method knows the documents from
    colour: str  # one everywhere, told apart by all common kinds of colour blindness
    prepare: str  # "module:function" from Setup to Parts (evaluation/run/preparing.py); imported when it is first used
    adapted: bool = False  # weights beside the base model were trained on the documents
    seeded: bool = False  # trained once for each training seed
    learns: str = ""  # methods that name the same have the same trained weights; by itself: its own
    # A candidate can be chosen, a yardstick only shows what the others' figures mean, a contestant is the user's own.
    kind: Kind = "candidate"
    retriever: str = ""  # methods that name the same one get the same passages, which the audit checks
    plain_too: bool = False  # the same prompts go to the model without its trained reader, where it has one
    by_default: bool = False  # asked where a run names no methods
    title: str = ""  # what it does in a word or two, for people who do not know its name

    def __post_init__(self) -> None:
        if not re.fullmatch(rf"({PREFIX})?[a-z0-9][a-z0-9+_.-]*", self.name):
            raise TriviumError(f"a method is named '{self.name}': use small letters, digits, +, -, _ and dots.")
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", self.colour):
            raise TriviumError(f"the method '{self.name}' has the colour '{self.colour}': use the form #rrggbb.")
        if self.context not in get_args(Context) or self.kind not in get_args(Kind):
            raise TriviumError(f"the method '{self.name}' has context '{self.context}' and kind '{self.kind}'.")

    @property
    def closed_book(self) -> bool:
        """Whether nothing of the documents is in the prompt."""
        return self.context == "none"

    @property
    def is_contestant(self) -> bool:
        """Whether it is a system of the user's, which answers by itself."""
        return self.kind == "contestant"

    @property
    def needs_gold(self) -> bool:
        """Whether it can be asked only what has a gold passage."""
        return self.context == "gold"

    @property
    def knows_nothing(self) -> bool:
        """Whether it is the bare model: no documents, no training."""
        return self.closed_book and not self.adapted

    @property
    def training(self) -> str:
        """What methods with the same trained weights have in common; empty where nothing was trained."""
        return (self.learns or self.name) if self.adapted else ""

    def seed(self, seed: int) -> int:
        """The seed that its answers carry: of its training, 0 where nothing is trained by seed."""
        return seed if self.seeded else 0

    def load(self) -> Callable[..., Any]:
        """The function that prepares it."""
        module, _, function = self.prepare.partition(":")
        found: Callable[..., Any] = getattr(import_module(module), function)
        return found


_OWN = "evaluation.run.preparing:"
# Colours: Okabe & Ito 2008, "Color Universal Design"; readable on white and on black.
BUILT_IN = (
    MethodSpec(
        "base", "none", "The model as it is. It is given the question and nothing else.", "#8c8c8c",
        _OWN + "nothing", kind="yardstick", by_default=True, title="Bare model",
    ),
    MethodSpec(
        "inject", "all",
        "All documents are pasted into the prompt; the model reads them once and keeps what it read.", "#e69f00",
        _OWN + "all_documents", by_default=True, title="Paste all",
    ),
    MethodSpec(
        "rag", "search",
        "Passages that the index finds are pasted into this prompt. The index is a file beside the model.", "#0083d6",
        _OWN + "search", retriever="index", plain_too=True, by_default=True, title="Search",
    ),
    MethodSpec(
        "lora", "none",
        "Nothing is pasted. An adapter beside the model was trained on the documents, before this question.", "#d55e00",
        _OWN + "adapter", adapted=True, seeded=True, learns="lora", by_default=True, title="Train",
    ),
    MethodSpec(
        "lora+rag", "search", "The adapter that was trained before, and passages that the index finds.", "#cc79a7",
        _OWN + "adapter_and_search", adapted=True, seeded=True, learns="lora", retriever="index", by_default=True,
        title="Train and search",
    ),
    MethodSpec(
        "lora-pairs", "none",
        "Nothing is pasted. An adapter was trained on the domain's training questions alone.", "#980c39",
        _OWN + "pairs_adapter", adapted=True, seeded=True, title="Train on questions",
    ),
    MethodSpec(
        "prefix", "none",
        "Nothing is pasted. Keys and values before the prompt were trained on the documents, no weights.", "#22b9fc",
        _OWN + "prefix", adapted=True, seeded=True, learns="prefix", title="Train a prefix",
    ),
    MethodSpec(
        "prefix+rag", "search", "The prefix that was trained before, and passages that the index finds.", "#d908c8",
        _OWN + "prefix_and_search", adapted=True, seeded=True, learns="prefix", retriever="index",
        title="Train a prefix and search",
    ),
    MethodSpec(
        "oracle", "gold",
        "The passage that holds the answer is pasted, as no real system can: the best that perfect search could do.",
        "#009e73", _OWN + "gold", kind="yardstick", plain_too=True, by_default=True, title="Ceiling",
    ),
)  # fmt: skip
# Of the users' own systems; chosen so that colours seen by the colour-blind differ by 15 or more in CIELAB.
CONTESTANT_COLOURS = ("#5434f4", "#934925", "#784691", "#326755", "#ac8e53", "#8b0bcb")
PRIMARY_CONTRASTS = (("rag", "lora"), ("inject", "rag"), ("lora+rag", "rag"))  # named before any run


@cache
def _own() -> dict[str, MethodSpec]:
    return {spec.name: spec for spec in BUILT_IN}


def _installed() -> dict[str, EntryPoint]:
    return installed(GROUP, _own())


def method_names() -> tuple[str, ...]:
    """All methods that can be named, Trivium's own first."""
    return (*_own(), *sorted(_installed()))


def default_methods() -> tuple[str, ...]:
    """The methods of a run that names none."""
    return tuple(spec.name for spec in BUILT_IN if spec.by_default)


_given: dict[str, str] = {}  # colours of contestants, by name


def _colour_of_contestant(name: str) -> str:
    """The same each time, as its name says; another one where two of a process would share it."""
    first = crc32(name.encode()) % len(CONTESTANT_COLOURS)
    ordered = (*CONTESTANT_COLOURS[first:], *CONTESTANT_COLOURS[:first])
    free = (colour for colour in ordered if colour not in _given.values())
    return _given.setdefault(name, next(free, ordered[0]))


def _contestant(name: str) -> MethodSpec:
    sentence = "Your own system. What it does with a question is not seen."
    return MethodSpec(
        name, "unseen", sentence, _colour_of_contestant(name), "", kind="contestant", title="Your own system"
    )


def spec_of(name: str) -> MethodSpec:
    """The record of a method; of a contestant, whatever its name is after "own:".

    Raises:
        TriviumError: there is none of this name, or the package that brings it does not work.
    """
    if name in _own():
        return _own()[name]
    if name.startswith(PREFIX):
        return _contestant(name)
    entry = _installed().get(name)
    if entry is None:
        raise unknown("method", name, method_names())
    return _loaded(entry)


@cache
def _loaded(entry: EntryPoint) -> MethodSpec:
    spec = load("method", entry)
    if not isinstance(spec, MethodSpec) or spec.name != entry.name:
        raise TriviumError(f"the method '{entry.name}': {entry.value} is no MethodSpec of that name.")
    return spec


def first_of(names: Iterable[str], context: Context, adapted: bool = False) -> str | None:
    """The first of these methods with this context, trained or not; None where there is none."""
    specs = map(spec_of, names)
    return next((spec.name for spec in specs if (spec.context, spec.adapted) == (context, adapted)), None)


def example_of(context: Context, adapted: bool = False, learns: str = "") -> str:
    """The method of Trivium's own that shows what this context, trained or not, does alone."""
    alike = (spec for spec in BUILT_IN if (spec.context, spec.adapted) == (context, adapted))
    return next(spec.name for spec in alike if learns in ("", spec.learns))


def candidates(names: Iterable[str]) -> list[str]:
    """Those of these methods that a user can choose, own systems among them."""
    return [name for name in names if spec_of(name).kind != "yardstick"]


def primary_pairs(names: Iterable[str]) -> list[tuple[str, str]]:
    """The comparisons of a run that are named before it: those above, and each of the user's own systems with search.

    Who names a system on the command line has said before the run what is to be compared.
    """
    there = list(names)
    search = first_of(there, "search")
    own = [(name, search) for name in there if spec_of(name).is_contestant and search]
    return [pair for pair in PRIMARY_CONTRASTS if {*pair} <= {*there}] + own


def adapted(names: Iterable[str]) -> list[str]:
    """Those of these methods that were trained on the documents."""
    return [name for name in names if spec_of(name).adapted]


def label(name: str) -> str:
    """A method for people, within a sentence: "paste all (inject)"; the name alone where no record has more."""
    known = _own().get(name) or (spec_of(name) if name in _installed() else None)
    return f"{known.title[0].lower()}{known.title[1:]} ({name})" if known and known.title else name


def trainers(names: Iterable[str]) -> list[str]:
    """Of these methods the first of each training; the others that name the same training use its weights."""
    first: dict[str, str] = {}
    for name in adapted(names):
        first.setdefault(spec_of(name).training, name)
    return list(first.values())


def seed_of(name: str, seed: int) -> int:
    """The seed that a method's answers carry in a run of this seed."""
    return spec_of(name).seed(seed)


def chosen_methods(text: str) -> Sequence[str]:
    """The methods of a comma-separated list.

    Raises:
        TriviumError: one is unknown, or none is named.
    """
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names:
        raise TriviumError("--methods names no method.")
    return tuple(spec_of(name).name for name in names)
