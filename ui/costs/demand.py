"""Volume, months, changes and the price of an error, as sliders; each stands in the address."""

from typing import cast

import streamlit as st

from evaluation.results.costs import Billing, Scenario
from evaluation.results.schema import Results

BILLS = {
    "machine": "this machine, by measured seconds",
    "gpu": "a rented GPU, by operations (projected)",
    "api": "a public API, by tokens",
}
_STEPS = tuple(round(10 * 10 ** (step / 5)) for step in range(31))  # 10 to 10 million


def _round(number: int) -> int:
    """In two digits, as people say volumes."""
    size = int(10 ** max(0, len(str(number)) - 2))
    return round(number / size) * size


VOLUMES = tuple(map(_round, _STEPS))


def choose_demand(results: Results) -> Scenario:
    """At first that of the run. Volume and months, what changes, and what errors cost."""
    own = results.costs.scenario
    asked = round(own.queries_per_month)
    volume = st.select_slider(
        "Questions a month", sorted({*VOLUMES, asked}), asked, format_func=lambda n: f"{n:,}", key="volume",
        bind="query-params",
    )  # fmt: skip
    months = st.slider("Months", 1, 36, own.months, key="months", bind="query-params")
    wrong = st.slider(
        "Cost of a wrong answer", 0.0, max(5.0, own.wrong_answer), own.wrong_answer, 0.01, key="wrong",
        bind="query-params", help="What it costs you when an answer is wrong. It then counts in everything below.",
    )  # fmt: skip
    silent = st.slider(
        "Cost of an “unknown”", 0.0, max(5.0, own.no_answer), own.no_answer, 0.01, key="silent", bind="query-params",
        help="What it costs you when the reply is “unknown” although there is an answer.",
    )  # fmt: skip
    updates = st.slider(
        "Changed documents a month", 0, 100, min(100, round(own.updates_per_month)), key="changes",
        bind="query-params", help="They are indexed or read again, or the adapter is trained again.",
    )  # fmt: skip
    bill, hits, tokens, size = _more(results)
    return Scenario(
        bill=bill, queries_per_month=float(volume), updates_per_month=updates, months=months, wrong_answer=wrong,
        no_answer=silent, cache_hits=hits, corpus_tokens=tokens, model_size=size,
    )  # fmt: skip


def _more(results: Results) -> tuple[Billing, float, float | None, float | None]:
    """Way of billing, share of cache hits, tokens of another corpus, weights of another model; folded."""
    own = results.costs.scenario
    with st.expander("Another bill, corpus or model"):
        bill = st.radio(
            "Billed as", list(BILLS), list(BILLS).index(own.bill), format_func=lambda name: BILLS[name], key="bill",
            bind="query-params",
            help="By the seconds measured in this run, by operations computed from formulas, or by tokens at list "
                 "prices.",
        )  # fmt: skip
        hits = st.slider(
            "Injected corpus found in the cache", 0, 100, round(100 * own.cache_hits), 5, format="%d %%", key="hits",
            bind="query-params", help="Of the questions of methods that paste the documents. Others have none to find.",
        )  # fmt: skip
        corpus, weights = int(results.domain.corpus_tokens), results.model.parameters
        tokens = st.number_input("Corpus size, in tokens (projected)", 1, 10**9, corpus, key="corpus",
                                 bind="query-params")  # fmt: skip
        size = st.number_input("Model size, in weights (projected)", 1, 10**13, int(weights), format="%d", key="size",
                               bind="query-params") if weights else weights  # fmt: skip
    return (
        cast(Billing, bill or "machine"), hits / 100, None if tokens == corpus else float(tokens),
        None if size is None or size == weights else float(size),
    )  # fmt: skip
