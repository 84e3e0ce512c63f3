"""What other packages add: own names stay, a package that does not work and an unknown name are one sentence."""

from importlib.metadata import EntryPoint

import pytest

from data.errors import TriviumError
from evaluation import extensions
from evaluation.extensions import installed, load, unknown


def test_what_is_trivium_s_own_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [EntryPoint("rag", "theirs:A", "g"), EntryPoint("graph", "theirs:B", "g")]
    monkeypatch.setattr(extensions, "entry_points", lambda group: entries if group == "g" else [])
    assert list(installed("g", {"rag"})) == ["graph"]
    assert installed("other", {"rag"}) == {}


def test_what_an_entry_names_is_loaded_or_told() -> None:
    assert load("drill", EntryPoint("path", "pathlib:Path", "g")).__name__ == "Path"
    with pytest.raises(TriviumError, match=r"the drill 'gone' \(nowhere:Nothing\) cannot be loaded: .*nowhere"):
        load("drill", EntryPoint("gone", "nowhere:Nothing", "g"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nois", "unknown drill 'nois'. Did you mean 'noise'? Known: noise, size, or a file."),
        ("xyz", "unknown drill 'xyz'. Known: noise, size, or a file."),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest_known_one(name: str, said: str) -> None:
    assert str(unknown("drill", name, ["noise", "size"], ", or a file")) == said
