"""The price book: the price that decides most as a slider, all others in a table with their sources."""

import pandas as pd
import streamlit as st

from evaluation.cost.prices import NAMES, PriceBook, prices_for
from evaluation.results.schema import Results

BY_HAND = "question_by_hand"
_GIVEN = "set on this page"
# As a person would name them.
WORDS = {
    "machine_hour": "this machine, an hour", "gpu_hour": "a rented GPU, an hour",
    "gpu_operations": "operations a second of that GPU", "token_in": "tokens in", "token_out": "tokens out",
    "token_cached": "tokens in, cached", "token_cache_write": "tokens written to the cache",
    "tuned_token_in": "tokens in, tuned model", "tuned_token_out": "tokens out, tuned model",
    "training_token": "tokens trained on", "embedding_token": "tokens embedded", "storage": "storage",
    BY_HAND: "a training wording, by hand",
}  # fmt: skip


def choose_prices(run: str, results: Results) -> PriceBook:
    """The book with what was changed here."""
    book = prices_for(results.model, results.run.usd_per_hour, results.run.token_prices)
    if any(method.usage and method.usage.wordings_by_hand for method in results.methods.values()):
        own = book.of(BY_HAND)
        each = st.slider(
            "Price of a training wording", 0.0, max(2.0, own), own, 0.05, key="wording", bind="query-params",
            help="What a person is paid for each question that training learns from. An assumption of the price book; "
                 "nothing here measured it.",
        )  # fmt: skip
        book = _with(book, BY_HAND, each)
    with st.expander("Prices and their sources"):
        lines = [{"name": name, "price of": WORDS.get(name, name), **getattr(book, name).model_dump()}
                 for name in NAMES if name != BY_HAND]  # fmt: skip
        fixed = ["per", "source", "date"]
        edited = st.data_editor(
            pd.DataFrame(lines), hide_index=True, key=f"prices-{run}", disabled=["price of", *fixed],
            column_order=("price of", "price", *fixed),
            column_config={"price": st.column_config.NumberColumn(min_value=0.0, required=True, format="%.6g")},
        )  # fmt: skip
    for name, price in zip(edited["name"], edited["price"], strict=True):
        book = _with(book, name, float(price))
    return book


def _with(book: PriceBook, name: str, price: float) -> PriceBook:
    return book if price == getattr(book, name).price else book.changed(name, price, _GIVEN)
