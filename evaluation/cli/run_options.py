"""Options of a run as options of a command: what typer reads, and the groups of its help."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from evaluation.run.options import (
    ASKED,
    COST,
    METHODS,
    MODEL,
    OPTIONS,
    OUTPUT,
    OWN,
    RETRIEVAL,
    SERVER,
    TRAINING,
    RunOption,
    as_settings,
)

PANELS = (
    "Arguments",
    ASKED,
    METHODS,
    OWN,
    MODEL,
    SERVER,
    RETRIEVAL,
    TRAINING,
    COST,
    OUTPUT,
    "Options",
)  # in this order


def _parameter(option: RunOption) -> inspect.Parameter:
    """An option as a parameter that typer reads."""
    read = typer.Option(help=option.help, min=option.least, max=option.most, rich_help_panel=option.panel)
    return inspect.Parameter(
        option.name, inspect.Parameter.KEYWORD_ONLY, default=option.default, annotation=Annotated[option.kind, read]
    )


def with_run_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command all these options. It gets them in its parameter `chosen`, a dict in the form of RunSettings."""
    own = [p for p in inspect.signature(command).parameters.values() if p.name != "chosen"]

    @wraps(command)
    def with_options(**values: Any) -> None:
        own = {option.name: values.pop(option.name) for option in OPTIONS}
        command(**values, chosen=as_settings(own))

    parameters = [*own, *(_parameter(option) for option in OPTIONS)]
    with_options.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    with_options.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return with_options


class Grouped(TyperCommand):
    """A command whose help shows its options in groups, in the order of PANELS."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record:
                title = getattr(parameter, "rich_help_panel", None)
                kind = "Arguments" if parameter.param_type_name == "argument" else "Options"
                groups.setdefault(title or kind, []).append(record)
        for title in PANELS:
            with formatter.section(title):
                formatter.write_dl(groups[title])
