"""The form offers what the command has: no option more, none less, each as the command reads it."""

import subprocess
import sys
from typing import Any

import pytest
import typer

from evaluation.cli.main import app
from ui.run.options import Option, run_options


def test_every_option_of_the_command_is_there() -> None:
    command: Any = typer.main.get_command(app)
    flags = {parameter.opts[0] for parameter in command.commands["run"].params if parameter.opts[0].startswith("--")}
    assert {option.flag for option in run_options()} == flags


def _value(option: Option) -> Any:
    if option.kind is bool:
        return True
    if option.choices:
        return option.choices[-1]
    if option.kind in (int, float):
        return option.kind(option.least or option.most or 1)
    return "mine=http://localhost:1/ask" if option.name == "method" else "mine=0.5" if option.many else "x"


@pytest.mark.parametrize("option", run_options(), ids=lambda option: str(option.name))
def test_the_command_reads_what_the_form_writes(option: Option) -> None:
    command: Any = typer.main.get_command(app)
    run = command.commands["run"]
    found = run.make_context("run", ["domain", *option.arguments(_value(option))]).params[option.name]
    expected = [_value(option)] if option.many else _value(option)
    assert (found if not hasattr(found, "value") else found.value) == expected or str(found) == str(expected)


def test_no_value_is_no_argument() -> None:
    assert [option.arguments(None) for option in run_options()] == [[]] * len(run_options())


def test_several_values_of_one_option_stand_on_lines() -> None:
    method = next(option for option in run_options() if option.name == "method")
    assert method.arguments("a=x\n\n b=y ") == ["--method", "a=x", "--method", "b=y"]


def test_reading_the_options_loads_no_model_library() -> None:
    code = "import sys, ui.run.options as o; o.run_options(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
