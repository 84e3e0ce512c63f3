"""The price book: every price with its unit, its source and the day it was looked up; the user can bring another."""

import datetime
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.errors import TriviumError
from data.settings import read_toml

DEFAULT = Path(__file__).with_name("prices.toml")


class Price(BaseModel):
    """One line of the book."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    price: float = Field(ge=0, allow_inf_nan=False)
    per: str
    source: str = Field(min_length=1)
    date: datetime.date


class PriceBook(BaseModel):
    """All prices. The comments in prices.toml say what each is for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: str  # a label
    machine_hour: Price
    gpu_hour: Price
    gpu_operations: Price
    token_in: Price
    token_out: Price
    token_cached: Price
    token_cache_write: Price
    tuned_token_in: Price
    tuned_token_out: Price
    training_token: Price
    embedding_token: Price
    storage: Price
    question_by_hand: Price

    def of(self, name: str) -> float:
        """A price as a number; of tokens, for one token."""
        line: Price = getattr(self, name)
        return line.price / 1e6 if line.per == "million tokens" else line.price

    def changed(self, name: str, price: float) -> "PriceBook":
        """The same book with one price of the user's."""
        line: Price = getattr(self, name)
        content = line.model_dump() | {"price": price, "source": "given on the command line"}
        return self.model_copy(update={name: Price.model_validate(content)})


NAMES = tuple(name for name in PriceBook.model_fields if name != "currency")


def _problem(error: ValidationError, path: str) -> str:
    first = error.errors()[0]
    place = ".".join(map(str, first["loc"]))
    if first["type"] == "missing":
        return f"{path}: the line '{place}' is missing. Copy it from evaluation/cost/prices.toml."
    return f"{path}: {place}: {first['msg'][0].lower()}{first['msg'][1:]}."


def read_prices(path: Path | None = None, changes: Sequence[str] = ()) -> PriceBook:
    """The user's book, or the one that comes with Trivium, with single prices changed.

    Args:
        changes: as "gpu_hour=2.1".

    Raises:
        TriviumError: no such file, a line is missing or impossible, or a change names no price.
    """
    path = path or DEFAULT
    try:
        book = PriceBook.model_validate(read_toml(path))
    except ValidationError as error:
        raise TriviumError(_problem(error, str(path))) from error
    for change in changes:
        name, _, number = change.partition("=")
        if name not in NAMES:
            raise TriviumError(f"--price {change}: there is no price '{name}'. Known: {', '.join(NAMES)}.")
        try:
            book = book.changed(name, float(number))
        except ValidationError as error:
            raise TriviumError(_problem(error, f"--price {change}")) from error
        except ValueError as error:
            raise TriviumError(f"--price {change}: '{number}' is no number.") from error
    return book
