"""Options of `trivium run`: grouped in help, with the defaults that the settings have."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from typer.testing import CliRunner

from data.errors import TriviumError
from evaluation.cli.main import app
from evaluation.cli.run_options import PANELS
from evaluation.run.options import OPTIONS, RunOption, as_settings
from evaluation.run.settings import RunSettings
from finetune.settings import TrainingSettings
from model.sampling import Sampling


def test_help_groups_every_option_by_purpose() -> None:
    text = CliRunner().invoke(app, ["run", "--help"]).output
    heads = [line.rstrip(":") for line in text.splitlines() if re.fullmatch(r"[A-Z][\w ]+:", line)]
    assert heads == list(PANELS)
    for option in OPTIONS:
        assert f"--{option.name.replace('_', '-')}" in text
    retrieval = text[text.index("Retrieval:") : text.index("Training:")]
    assert "--top-k" in retrieval
    assert "--epochs" not in retrieval


def test_defaults_are_those_of_the_settings(tmp_path: Path) -> None:
    """Options set nothing of their own: with all defaults the settings are those that name only a domain."""
    chosen = as_settings({option.name: option.default for option in OPTIONS})
    chosen["methods"] = tuple(chosen["methods"].split(","))
    found, bare = RunSettings.model_validate(chosen | {"domain": tmp_path}), RunSettings(domain=tmp_path)
    assert found == bare
    assert found.left_to_the_model() == bare.left_to_the_model()


@pytest.mark.parametrize("kind", [RunSettings, TrainingSettings, Sampling])
@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_no_setting_takes_what_is_no_number(kind: type[BaseModel], value: float, tmp_path: Path) -> None:
    """JSON has none of them, so the run's record could not be written."""
    required = {"domain": tmp_path} if kind is RunSettings else {}
    for name, field in kind.model_fields.items():
        if field.annotation in (float, float | None):
            with pytest.raises(ValidationError, match=name):
                kind.model_validate({name: value} | required)


@pytest.mark.parametrize("option", [option for option in OPTIONS if option.kind in (float, float | None)])
def test_an_option_that_is_no_number_is_one_sentence(option: RunOption, make_domain: Any) -> None:
    name = f"--{option.name.replace('_', '-')}"
    folder = str(make_domain(facts=1))
    for command in (["run", folder, "--out", f"{folder}/../run"], ["check", folder, "--no-model"]):
        done = CliRunner().invoke(app, [*command, name, "inf"])
        assert isinstance(done.exception, TriviumError | SystemExit), done.exception
        assert name in f"{done.exception} {done.output}"
        assert done.exit_code


def test_weights_in_fewer_bits_are_trained_by_one_process(make_domain: Any) -> None:
    command = ["run", str(make_domain()), "--load-in", "4bit", "--train-processes", "2", "--device", "cpu"]
    done = CliRunner().invoke(app, command)
    assert isinstance(done.exception, TriviumError)
    assert "Leave --train-processes out" in str(done.exception)


def test_what_is_no_address_of_a_cluster_is_told(make_domain: Any) -> None:
    done = CliRunner().invoke(app, ["run", str(make_domain()), "--ray", "http://head", "--device", "cpu"])
    assert isinstance(done.exception, TriviumError)
    assert str(done.exception).startswith("--ray http://head: use local, auto, or host:port")
