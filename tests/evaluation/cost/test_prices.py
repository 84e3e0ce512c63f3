"""The price book, and what is said of impossible ones."""

from pathlib import Path

import pytest

from data.errors import TriviumError
from evaluation.cost.prices import DEFAULT, NAMES, read_prices, split_prices


def test_a_token_has_a_millionth_of_the_price_of_a_million() -> None:
    book = read_prices()
    assert book.of("token_in") == pytest.approx(0.40e-6), "for one token"
    assert book.of("machine_hour") == 0.085


def test_one_price_is_changed_and_no_other() -> None:
    book, changed = read_prices(), read_prices(changes=["gpu_hour=2.5"])
    assert changed.of("gpu_hour") == 2.5
    assert all(getattr(book, name) == getattr(changed, name) for name in NAMES if name != "gpu_hour")
    assert changed.gpu_hour.source == "given on the command line"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("gpu_hour=-1", "greater than or equal to 0"),
        ("gpu_hour=nan", "finite"),
        ("gpu_hour=inf", "finite"),
        ("gpu_hour=cheap", "'cheap' is no number"),
        ("gpu_hour", "'' is no number"),
        ("gpu=1", "there is no price 'gpu'. Known: machine_hour, gpu_hour"),
    ],
)
def test_an_impossible_price_is_refused(change: str, said: str) -> None:
    with pytest.raises(TriviumError, match=said):
        read_prices(changes=[change])


def test_a_book_with_a_missing_line_is_refused(tmp_path: Path) -> None:
    text = DEFAULT.read_text(encoding="utf-8")
    start = text.index("[token_cached]")
    path = tmp_path / "mine.toml"
    path.write_text(text[:start] + text[text.index("[token_cache_write]") :], encoding="utf-8")
    with pytest.raises(TriviumError, match=r"mine\.toml: the line 'token_cached' is missing"):
        read_prices(path)
    path.write_text("currency = ", encoding="utf-8")
    with pytest.raises(TriviumError, match="not valid TOML"):
        read_prices(path)
    with pytest.raises(TriviumError, match=r"gone\.toml: No such file"):
        read_prices(tmp_path / "gone.toml")


def test_a_model_behind_a_server_has_its_own_token_prices() -> None:
    for name in ("gpt-5.4-nano", "gpt-5.4-nano-2026-03-05", "openai/gpt-5.4-nano"):
        book = read_prices(model=name)
        assert [book.of(line) for line in ("token_in", "token_cached", "token_out")] == pytest.approx(
            [0.20e-6, 0.02e-6, 1.25e-6]
        )
        assert (book.unpriced, book.token_in.source) == ("", read_prices().models["gpt-5.4-nano"].source)


def test_a_model_that_the_book_does_not_know_says_so_until_prices_are_given() -> None:
    assert "no prices of 'gpt-5.4-nano-turbo'" in read_prices(model="gpt-5.4-nano-turbo").unpriced
    assert read_prices(model="mine", changes=["token_in=1"]).unpriced
    assert not read_prices(model="mine", changes=["token_in=1", "token_out=2"]).unpriced


def test_prices_of_the_book_and_of_own_systems_are_told_apart() -> None:
    assert split_prices(["token_in=0.5", "mine=0.002"]) == ({"token_in": 0.5}, ["mine=0.002"])
    with pytest.raises(TriviumError, match="--price token_in=x"):
        split_prices(["token_in=x"])
