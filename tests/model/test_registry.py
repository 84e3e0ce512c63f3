"""A name's prefix says what kind of model it is, and one row adds a kind."""

from pathlib import Path
from typing import Any

import pytest

from data.errors import TriviumError
from model import registry
from model.local import LocalModel
from model.options import ModelOptions


@pytest.mark.parametrize(
    ("name", "kind"),
    [("scripted:a.jsonl", "scripted"), ("smollm2-135m-q4", ""), ("./a:b", ""), ("C:\\model", ""), ("org/name", "")],
)
def test_the_kind_is_read_off_the_prefix(name: str, kind: str) -> None:
    assert registry.kind_of(name) == kind


def test_a_name_without_a_prefix_has_its_weights_here(tiny_model_folder: Path) -> None:
    assert isinstance(registry.load_model(str(tiny_model_folder), ModelOptions("cpu")), LocalModel)


def echo(name: str, options: ModelOptions) -> Any:
    return name, options.device


def test_one_row_adds_a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.MODELS, "echo", f"{__name__}:echo")
    monkeypatch.setattr(registry, "import_module", lambda name: type("Module", (), {"echo": staticmethod(echo)}))
    assert registry.load_model("echo:some/model:tag", ModelOptions("cpu")) == ("some/model:tag", "cpu")


def test_only_weights_that_are_read_here_can_be_rounded() -> None:
    with pytest.raises(TriviumError, match=r"--load-in: the weights of 'scripted:a\.jsonl' are not read by Trivium"):
        registry.load_model("scripted:a.jsonl", ModelOptions("cpu", load_in="4bit"))


def test_an_address_is_for_models_behind_a_server() -> None:
    with pytest.raises(TriviumError, match="--base-url: the model 'smollm2-135m-q4' is not behind a server"):
        registry.load_model("smollm2-135m-q4", ModelOptions("cpu", base_url="http://localhost:8000/v1"))
