"""A finished run of the tiny model, with its domain, whose answers are ranked; each test gets its own copy."""

import os
import shutil
from pathlib import Path

import pytest
from fakes import add_special_questions, write_domain
from typer.testing import CliRunner


@pytest.fixture(scope="session")
def preferred_run(tiny_model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from evaluation.cli.main import app

    root = tmp_path_factory.mktemp("preferred")
    domain, run = add_special_questions(write_domain(root / "domain")), root / "run"
    options = ["--max-new-tokens", "6", "--general", "0", "--epochs", "2", "--device", "cpu", "--profile", "smoke"]
    options += ["--model", str(tiny_model_folder), "--methods", "base,lora"]
    environment = {"TRIVIUM_CACHE": str(root / "cache"), "HF_HUB_OFFLINE": os.environ.get("HF_HUB_OFFLINE", "1")}
    done = CliRunner().invoke(app, ["run", str(domain), "--out", str(run), *options], env=environment)
    assert done.exit_code == 0, done.output
    return run


@pytest.fixture
def run(preferred_run: Path, tmp_path: Path) -> Path:
    shutil.copytree(preferred_run, tmp_path / "run")
    return tmp_path / "run"
