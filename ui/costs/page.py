"""What each method costs under the reader's own volume, prices and price of an error, by the cost model."""

from pathlib import Path
from typing import cast

import pandas as pd
import streamlit as st

from evaluation.cost.page import cost_page
from evaluation.cost.prices import NAMES, PriceBook, prices_for
from evaluation.cost.sentences import cost_sentences
from evaluation.cost.tables import cost_table, ownership_table
from evaluation.numbers import percent, price
from evaluation.report.charts import pareto_chart
from evaluation.results.costs import Billing, CostPage, Scenario
from evaluation.results.schema import Results
from evaluation.run.registry import candidates
from ui.charts import ownership_lines
from ui.header import choose_run
from ui.look import draw
from ui.reading import results_of, show_errors
from ui.tables import show_table
from ui.text import plain
from ui.workspace import workspace

BILLS = {
    "machine": "this machine, by measured seconds",
    "gpu": "a rented GPU, by operations (projected)",
    "api": "a public API, by tokens",
}


@show_errors
def costs_page() -> None:
    """Sliders first, then the sentence that follows from them, charts and tables."""
    run = choose_run(workspace(), "What does it cost?")
    if run is None:
        return
    results = results_of(run)
    scenario = _scenario(results)
    book = _prices(run, results)
    page = cost_page(results, book, scenario)
    if said := _cheapest(page, scenario):
        st.success(plain(said), icon=":material/payments:")
    left, right = st.columns(2)
    draw(ownership_lines(page), left)
    draw(pareto_chart(page), right)
    for table in (cost_table(page), ownership_table(page)):
        st.header(table.title, anchor=False)
        show_table(table)
    st.header("Break-even points", anchor=False)
    for sentence in cost_sentences(page):
        st.text(sentence)


def _cheapest(page: CostPage, scenario: Scenario) -> str:
    """Which method costs least, for a right answer and in all; nothing where only base was run.

    A contestant is left out: what it takes to set up is not known.
    """
    known = {name: page.methods[name] for name in candidates(page.methods) if page.methods[name].fixed is not None}
    usable = {name: row for name, row in known.items() if row.fits}
    right = {name: row.per_correct for name, row in usable.items() if row.per_correct is not None}
    if not right:
        return ""
    best, least = min(right, key=lambda name: right[name]), min(usable, key=lambda name: usable[name].total or 0.0)
    asked = f"At {scenario.queries_per_month:,.0f} questions a month over {scenario.months} months"
    text = f"{asked}, a right answer costs least with {best}: {price(1000 * right[best], page.currency)} per 1,000."
    if least != best:
        text += f" The smallest bill is that of {least}, which answers {percent(usable[least].accuracy)} right."
    return text


def _scenario(results: Results) -> Scenario:
    """Volume, changes, prices of errors and the way of billing."""
    bill = st.segmented_control(
        "Billed as", list(BILLS), default="machine", format_func=lambda name: BILLS[name],
        help="By the seconds measured in this run, by operations computed from formulas, or by tokens at list prices.",
    )  # fmt: skip
    one, two, three = st.columns(3)
    volume = one.select_slider(
        "Questions a month", [10 * 10 ** (step / 5) for step in range(31)], 10_000.0,
        format_func=lambda n: f"{n:,.0f}",
    )  # fmt: skip
    updates = two.slider("Changed documents a month", 0, 100, 0, help="rag indexes them again, lora trains again.")
    months = three.slider("Months", 1, 36, 12)
    wrong = one.slider("Cost of a wrong answer", 0.0, 5.0, 0.0, 0.01)
    silent = two.slider(
        "Cost of an “unknown”", 0.0, 5.0, 0.0, 0.01, help="Cost of answering “unknown” when an answer exists."
    )
    hits = three.slider("Cache hits of the injected corpus", 0, 100, 100, 5, format="%d %%")
    corpus = results.domain.corpus_tokens
    with st.expander("Another corpus size or model size (projected by formula)"):
        left, right = st.columns(2)
        tokens = left.number_input("Corpus size, in tokens", 1, 10**9, int(corpus))
        own = results.model.parameters
        size = right.number_input("Model size, in weights", 1, 10**13, int(own), format="%d") if own else own
    return Scenario(
        bill=cast(Billing, bill or "machine"), queries_per_month=volume, updates_per_month=updates, months=months,
        wrong_answer=wrong, no_answer=silent, cache_hits=hits / 100,
        corpus_tokens=None if tokens == int(corpus) else float(tokens),
        model_size=None if size is None or size == own else float(size),
    )  # fmt: skip


def _prices(run: Path, results: Results) -> PriceBook:
    """The price book, in which each price can be changed."""
    book = prices_for(results.model, results.run.usd_per_hour, results.run.token_prices)
    with st.expander("Prices, each with its source: adjust them to your own"):
        lines = [{"name": name, **getattr(book, name).model_dump()} for name in NAMES]
        edited = st.data_editor(
            pd.DataFrame(lines), hide_index=True, disabled=["name", "per", "source", "date"], key=f"prices-{run.name}",
            column_config={"price": st.column_config.NumberColumn(min_value=0.0, required=True, format="%.6g")},
        )  # fmt: skip
    for name, own in zip(edited["name"], edited["price"], strict=True):
        if own != getattr(book, name).price:
            book = book.changed(name, float(own))
    return book
