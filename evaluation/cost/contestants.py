"""What a question costs with a system of the user's: as the user says, as it says itself, or by the tokens it names."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from evaluation.cost.prices import PriceBook
from evaluation.results.method import ContestantFacts, Tokens
from evaluation.results.schema import Results

NO_PRICE = "it did not say what it used; --price {name}=0.002 gives dollars a question"
_BEYOND = "; set-up and updates are not known"


@dataclass(frozen=True)
class QuestionPrice:
    """Dollars of a question, their standard error, and where they come from."""

    usd: float
    error: float
    source: str


def question_price(facts: ContestantFacts, tokens: Tokens, book: PriceBook) -> QuestionPrice | None:
    """The price of a question; None where nobody gave one."""
    if facts.price is not None:
        return QuestionPrice(facts.price, 0.0, "your price of a question" + _BEYOND)
    if facts.told_usd is not None:
        error = facts.told_usd_sd / sqrt(facts.told_n) if facts.told_usd_sd is not None else 0.0
        return QuestionPrice(facts.told_usd, error, f"as it told of {facts.told_n} answers" + _BEYOND)
    if tokens.prompt is None or tokens.cached is None or tokens.completion is None:
        return None
    usd = (tokens.prompt - tokens.cached) * book.of("token_in") + tokens.cached * book.of("token_cached")
    return QuestionPrice(
        usd + tokens.completion * book.of("token_out"), 0.0, "tokens as it told, list prices" + _BEYOND
    )


def with_prices(results: Results, prices: Mapping[str, float]) -> Results:
    """The same results with dollars a question that the user gives for contestants, by name."""
    methods = dict(results.methods)
    for name, price in prices.items():
        if facts := methods[name].contestant:
            known = facts.model_copy(update={"price": price})
            methods[name] = methods[name].model_copy(update={"contestant": known})
    return results.model_copy(update={"methods": methods})
