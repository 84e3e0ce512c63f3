"""A finished run of the tiny model with every kind of method that can be exported and served."""

import os
from pathlib import Path

import pytest
from fakes import write_domain
from typer.testing import CliRunner

KINDS = "base,inject,rag,lora,lora+rag,prefix,oracle"


@pytest.fixture(scope="session")
def finished_run(tiny_model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its domain is gone: nothing but the run's own folder may be needed."""
    from evaluation.cli.main import app

    root = tmp_path_factory.mktemp("served")
    domain, run = write_domain(root / "domain"), root / "run"
    options = ["--max-new-tokens", "6", "--chunk-tokens", "60", "--general", "0", "--epochs", "2", "--device", "cpu"]
    options += ["--prefix-tokens", "8", "--profile", "smoke", "--model", str(tiny_model_folder), "--methods", KINDS]
    environment = {"TRIVIUM_CACHE": str(root / "cache"), "HF_HUB_OFFLINE": os.environ.get("HF_HUB_OFFLINE", "1")}
    done = CliRunner().invoke(app, ["run", str(domain), "--out", str(run), *options], env=environment)
    assert done.exit_code == 0, done.output
    domain.rename(root / "moved away")
    return run
