"""Options of `trivium run`: grouped in help, with the defaults that the settings have."""

import re

from typer.testing import CliRunner

from evaluation.cli.main import app
from evaluation.cli.run_options import OPTIONS, PANELS
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


def test_defaults_are_those_of_the_settings(tmp_path: object) -> None:
    """Options set nothing of their own: with all defaults the settings are those that name only a domain."""
    chosen: dict[str, object] = {}
    for option in OPTIONS:
        place, (*outer, last) = chosen, option.field.split(".")
        for name in outer:
            place = place.setdefault(name, {})  # type: ignore[assignment]
        place[last] = tuple(option.default.split(",")) if option.name == "methods" else option.default
    assert RunSettings.model_validate(chosen | {"domain": tmp_path}) == RunSettings(domain=tmp_path)  # type: ignore[arg-type]
