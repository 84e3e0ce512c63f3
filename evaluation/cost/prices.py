"""The price book: every price with its unit, its source and the day it was looked up; the user can bring another."""

import datetime
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.errors import TriviumError
from data.jsonl import field
from data.settings import read_toml
from evaluation.results.schema import ModelFacts

DEFAULT = Path(__file__).with_name("prices.toml")


class Price(BaseModel):
    """One line of the book."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    price: float = Field(ge=0, allow_inf_nan=False)
    per: str
    source: str = Field(min_length=1)
    date: datetime.date


class TokenPrices(BaseModel):
    """What a provider asks for a million tokens of one model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token_in: float = Field(ge=0, allow_inf_nan=False)
    token_cached: float = Field(ge=0, allow_inf_nan=False)
    token_out: float = Field(ge=0, allow_inf_nan=False)
    source: str = Field(min_length=1)
    date: datetime.date

    def lines(self) -> dict[str, Price]:
        """The same as lines of the book. A tuned model is priced like its base, since nothing else is known."""
        prices = {
            "token_in": self.token_in, "token_cached": self.token_cached, "token_out": self.token_out,
            "token_cache_write": self.token_in, "tuned_token_in": self.token_in, "tuned_token_out": self.token_out,
        }  # fmt: skip
        return {
            name: Price(price=price, per="million tokens", source=self.source, date=self.date)
            for name, price in prices.items()
        }


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
    models: dict[str, TokenPrices] = {}  # by the provider's names
    unpriced: str = ""  # that token prices are not those of the model that they are asked for; empty where they are

    def of(self, name: str) -> float:
        """A price as a number; of tokens, for one token."""
        line: Price = getattr(self, name)
        return line.price / 1e6 if line.per == "million tokens" else line.price

    def changed(self, name: str, price: float, source: str = "given on the command line") -> "PriceBook":
        """The same book with one price of the user's."""
        line: Price = getattr(self, name)
        content = line.model_dump() | {"price": price, "source": source}
        return self.model_copy(update={name: Price.model_validate(content)})

    def of_model(self, model: str) -> "PriceBook":
        """The same book with the token prices of this model, where it is known by its name or that with a date."""
        name = model.rpartition("/")[2]
        dated = r"(-\d{4}-?\d\d-?\d\d)?"
        key = next((key for key in self.models if re.fullmatch(re.escape(key) + dated, name)), "")
        return self.model_copy(update=self.models[key].lines() if key else {"unpriced": UNPRICED.format(model=model)})


UNPRICED = (
    "the price book has no prices of '{model}'; give yours, in dollars a million tokens: --price token_in=0.40 --price "
    "token_out=1.60"
)
NAMES = tuple(name for name in PriceBook.model_fields if name not in ("currency", "models", "unpriced"))


def _problem(error: ValidationError, path: str) -> str:
    first = error.errors()[0]
    place = field(error)
    if first["type"] == "missing":
        return f"{path}: the line '{place}' is missing. Copy it from evaluation/cost/prices.toml."
    return f"{path}: {place}: {first['msg'][0].lower()}{first['msg'][1:]}."


def read_prices(path: Path | None = None, changes: Sequence[str] = (), model: str = "") -> PriceBook:
    """The user's book, or the one that comes with Trivium, with single prices changed.

    Args:
        changes: as "gpu_hour=2.1".
        model: whose tokens are to be priced, by its name at a provider; empty: those of the book's own lines.

    Raises:
        TriviumError: no such file, a line is missing or impossible, or a change names no price.
    """
    path = path or DEFAULT
    try:
        book = PriceBook.model_validate(read_toml(path))
    except ValidationError as error:
        raise TriviumError(_problem(error, str(path))) from error
    book = book.of_model(model) if model else book
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
    given = {change.partition("=")[0] for change in changes}
    return book.model_copy(update={"unpriced": ""}) if {"token_in", "token_out"} <= given else book


def prices_for(
    model: ModelFacts, usd_per_hour: float, own: Mapping[str, float], path: Path | None = None,
    changes: Sequence[str] = (),
) -> PriceBook:  # fmt: skip
    """The book by which a run of this model is priced.

    Args:
        usd_per_hour, own: of the machine, and other prices of the book, as the run was told them.
        path: of another book; what the run was told is left out then.
        changes: single prices, as `read_prices` takes them.
    """
    told = {"machine_hour": usd_per_hour, **own}
    if usd_per_hour == read_prices().of("machine_hour"):
        del told["machine_hour"]  # nobody gave it
    known = [] if path else [f"{name}={price!r}" for name, price in told.items()]
    return read_prices(path, [*known, *changes], model.at_provider if model.bill == "api" else "")


def split_prices(texts: Sequence[str]) -> tuple[dict[str, float], list[str]]:
    """Prices of the book by their names, from "token_in=0.40", and the texts that name something else.

    Raises:
        TriviumError: a price of the book is none.
    """
    own = [text for text in texts if text.partition("=")[0] in NAMES]
    book = read_prices(changes=own)
    return {name: getattr(book, name).price for name in (text.partition("=")[0] for text in own)}, [
        text for text in texts if text not in own
    ]
