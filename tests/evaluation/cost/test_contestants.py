"""What a question costs with a system of the user's: whose word counts first, by hand."""

from typing import Any

import pytest

from evaluation.cost.contestants import question_price
from evaluation.cost.prices import read_prices
from evaluation.results.method import ContestantFacts, Tokens

BOOK = read_prices(changes=["token_in=2", "token_cached=0.5", "token_out=8"])  # dollars a million
NONE = Tokens(prompt=None, cached=None, completion=None)


def facts(**fields: Any) -> ContestantFacts:
    given = {"price": None, "told_n": 0, "told_usd": None, "told_usd_sd": None} | fields
    return ContestantFacts.model_validate({
        "address": "http://x", "asked_with": "http", "asked": "", "not_answered": 0, "why_not": {},
        "returned_passages": False, **given,
    })  # fmt: skip


def test_the_users_price_comes_before_what_was_told_and_that_before_tokens() -> None:
    tokens = Tokens(prompt=1000, cached=400, completion=50)
    told = {"told_n": 4, "told_usd": 0.02, "told_usd_sd": 0.01}
    first = question_price(facts(price=0.5, **told), tokens, BOOK)
    second = question_price(facts(**told), tokens, BOOK)
    third = question_price(facts(), tokens, BOOK)
    assert first is not None
    assert second is not None
    assert third is not None
    assert (first.usd, first.error) == (0.5, 0.0)
    assert (second.usd, second.error) == (0.02, 0.005)
    assert third.usd == pytest.approx((600 * 2 + 400 * 0.5 + 50 * 8) / 1e6)
    assert all(price.source.endswith("; set-up and updates are not known") for price in (first, second, third))


def test_without_any_of_these_there_is_no_price() -> None:
    assert question_price(facts(), NONE, BOOK) is None
    assert question_price(facts(price=0.0), NONE, BOOK) is not None, "free is a price"
