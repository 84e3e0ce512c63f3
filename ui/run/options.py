"""Every option of `trivium run`, read off the command itself, so that form and command cannot differ."""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import streamlit as st
from typer.models import OptionInfo

from evaluation.cli.run import run
from ui.text import plain

IN_FORM = ("methods", "model", "profile", "seed", "seeds", "out")  # the form itself asks for these
DEFAULT = "as by default"


@dataclass(frozen=True)
class Option:
    """One option: what it is called, what it takes and what stands in its help.

    Args:
        kind: of its value; bool for a switch.
        choices: names, where it takes one of a few.
        many: whether it may be given several times.
    """

    name: str
    flag: str
    kind: type
    default: Any
    help: str
    panel: str
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    many: bool = False

    def arguments(self, value: Any) -> list[str]:
        """As it stands on the command line; nothing where nobody chose."""
        if value is None or value == "":
            return []
        if self.many:
            return [part for line in str(value).splitlines() if line.strip() for part in (self.flag, line.strip())]
        if self.kind is bool:
            return [self.flag if value else f"--no-{self.flag.removeprefix('--')}"]
        return [self.flag, str(value)]


@cache
def run_options() -> tuple[Option, ...]:
    """All options of the command, in its order."""
    return tuple(_options())


def _options() -> Iterator[Option]:
    for name, parameter in inspect.signature(run).parameters.items():
        if get_origin(parameter.annotation) is not Annotated:
            continue
        annotation, info = get_args(parameter.annotation)
        if not isinstance(info, OptionInfo):
            continue  # an argument
        kind, choices, many = _kind(annotation)
        named = (info.default, *(info.param_decls or ()))  # under Annotated, typer keeps the first name as the default
        names = [part for part in named if isinstance(part, str) and part.startswith("--")]
        yield Option(
            name=name, flag=names[0] if names else f"--{name.replace('_', '-')}", kind=kind,
            default=parameter.default, help=info.help or "", panel=info.rich_help_panel or "", choices=choices,
            least=info.min, most=info.max, many=many,
        )  # fmt: skip


def _kind(annotation: Any) -> tuple[type, tuple[str, ...], bool]:
    """Kind of the value, the names that it may have, and whether there may be several."""
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(part for part in get_args(annotation) if part is not NoneType)
    if get_origin(annotation) is list:
        return str, (), True
    if get_origin(annotation) is Literal:
        return str, tuple(map(str, get_args(annotation))), False
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return str, tuple(member.value for member in annotation), False
    return annotation if annotation in (bool, int, float) else str, (), False


def choose_options() -> dict[str, list[str]]:
    """The folded part of the form; returns the arguments of each option that was chosen, by its name."""
    chosen: dict[str, list[str]] = {}
    with st.expander("All other options", icon=":material/tune:"):
        st.caption("As in `trivium run --help`. What you leave empty follows the default.")
        groups: dict[str, list[Option]] = {}
        for option in run_options():
            if option.name not in IN_FORM:
                groups.setdefault(option.panel, []).append(option)
        for panel, options in groups.items():
            st.markdown(f"**{plain(panel)}**")
            places = st.columns(3)
            for number, option in enumerate(options):
                if arguments := option.arguments(_widget(option, places[number % 3])):
                    chosen[option.name] = arguments
    return chosen


def _widget(option: Option, place: Any) -> Any:
    """Asks for one value; None: nobody chose."""
    label, key = option.flag.removeprefix("--").replace("-", " ").capitalize(), f"option-{option.name}"
    default = "" if option.default is None or option.default == "" else f"default: {option.default}"
    told = {"key": key, "help": plain(option.help), "persist_state": "session"}
    if option.kind is bool:
        given = place.selectbox(label, [DEFAULT, "yes", "no"], **told)
        return None if given == DEFAULT else given == "yes"
    if option.choices:
        given = place.selectbox(label, [DEFAULT, *option.choices], **told)
        return None if given == DEFAULT else given
    if option.many:
        return place.text_area(label, placeholder="one a line", height=80, **told)
    if option.kind in (int, float):
        return place.number_input(label, value=None, placeholder=default or DEFAULT, **_bounds(option), **told)
    return place.text_input(label, placeholder=default or DEFAULT, **told).strip()


def _bounds(option: Option) -> Mapping[str, Any]:
    """Limits and form of a number; Streamlit wants all of one kind."""
    kind = option.kind
    limits = {"min_value": option.least, "max_value": option.most}
    found: dict[str, Any] = {name: kind(value) for name, value in limits.items() if value is not None}
    return found | ({"step": 1} if kind is int else {"step": 0.01, "format": "%g"})
