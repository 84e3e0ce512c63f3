"""What each method costs under the reader's own volume, prices and price of an error, by the cost model."""

import streamlit as st

from evaluation.cost.page import cost_page
from evaluation.cost.sentences import assumptions, cost_sentences
from evaluation.cost.tables import bills_table, cost_table, crossings_table, ownership_table, setup_table
from evaluation.report.charts import pareto_chart
from evaluation.results.costs import CostPage
from evaluation.results.schema import Results
from evaluation.table import Table
from ui.charts import ownership_lines
from ui.costs.demand import choose_demand
from ui.costs.prices import choose_prices
from ui.costs.sentence import cheapest
from ui.header import choose_run
from ui.look import draw_still, say_first
from ui.reading import results_of, show_errors
from ui.tables import show_table
from ui.text import plain
from ui.workspace import workspace


@show_errors
def costs_page() -> None:
    """The sentence first; beside the sliders that it follows from the chart; then the tables."""
    run = choose_run(workspace(), "What does it cost?")
    if run is None:
        return
    results = results_of(run)
    first = st.container()
    controls, chart = st.columns([1, 2], gap="medium")
    with controls:
        scenario = choose_demand(results)
        book = choose_prices(run.name, results)
    page = cost_page(results, book, scenario)
    with first:
        _said(page)
    with chart:
        draw_still(ownership_lines(page), "Total cost month by month, by method")
        draw_still(pareto_chart(page), "Share answered correctly against cost of a question, by method")
    _tables(page, results)


def _said(page: CostPage) -> None:
    """What costs least, and the assumption that decides it."""
    if said := cheapest(page):
        say_first(said)
    for sentence in assumptions(page):
        st.text(sentence.partition("; --price")[0].rstrip(".") + ".")


def _tables(page: CostPage, results: Results) -> None:
    _open(cost_table(page))
    if matrix := crossings_table(page):
        _open(matrix)
    for table in filter(None, (setup_table(page), ownership_table(page), bills_table(page))):
        with st.expander(table.title):
            show_table(table)
    with st.expander("All of it in sentences"):
        for sentence in cost_sentences(page):
            st.markdown(f"- {plain(sentence)}")


def _open(table: Table) -> None:
    st.header(table.title, anchor=False)
    show_table(table)
