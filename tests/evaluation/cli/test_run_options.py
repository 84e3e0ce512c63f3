"""Options of `trivium run`: grouped in help, with the defaults that the settings have."""

import re
from pathlib import Path

from typer.testing import CliRunner

from evaluation.cli.main import app
from evaluation.cli.run_options import OPTIONS, PANELS, as_settings
from evaluation.run.settings import RunSettings


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
