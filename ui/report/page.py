"""The decision first, then the figures behind it, and for each figure the answers behind that."""

from functools import partial
from pathlib import Path

import streamlit as st

from data.findings import counted
from evaluation.report.cards import cards
from evaluation.report.charts import cost_chart, pareto_chart
from evaluation.report.methods_table import methods_table, yardsticks_table
from evaluation.report.outcomes import outcome_bars
from evaluation.report.render import render
from evaluation.report.sections import findings_table, grading_sentences
from evaluation.report.special_tables import all_tables
from evaluation.report.tables import audit_table
from evaluation.results.schema import Results
from evaluation.run.folder import RunFolder
from ui.header import choose_run
from ui.look import draw_still
from ui.reading import results_of, show_errors
from ui.report.behind import causes_of_errors, kinds_of_question
from ui.report.decision import show_decision, show_reasons
from ui.tables import show_table
from ui.text import plain
from ui.workspace import workspace

FORMS = {"html": "text/html", "md": "text/markdown", "csv": "text/csv"}


@show_errors
def report_page() -> None:
    """Pick a run: what to take, how sure that is, what it costs, why; then tables and charts."""
    run = choose_run(workspace(), "Which method answers best?")
    if run is None:
        return
    results, name = results_of(run), str(st.session_state["run-choice"])
    show_decision(results.verdict)
    for shown in filter(None, (outcome_bars(results), cards(results))):
        st.html(shown)
    show_reasons(name, results)
    _methods(results)
    kinds_of_question(name, results)
    causes_of_errors(name, results)
    _charts(results)
    _details(results)
    _made_of(run, results)


def _methods(results: Results) -> None:
    for table in filter(None, (methods_table(results), yardsticks_table(results))):
        st.header(table.title, anchor=False)
        show_table(table)


def _charts(results: Results) -> None:
    left, right = st.columns(2)
    draw_still(pareto_chart(results.costs), "Share answered correctly against cost of a question, by method", left)
    draw_still(cost_chart(results), "Share answered correctly against seconds a question, by method", right)


def _details(results: Results) -> None:
    """What few readers need, folded; what is wrong with the domain is open."""
    if known := findings_table(results):
        with st.expander(known.title, expanded=any(found.severity == "error" for found in results.findings)):
            show_table(known)
    for table in [*all_tables(results), audit_table(results)]:
        with st.expander(table.title):
            show_table(table)
    with st.expander("How it was graded"):
        for sentence in grading_sentences(results):
            st.text(sentence)


def _made_of(run: Path, results: Results) -> None:
    """What was run, and its files to take along."""
    model, domain, made = results.model, results.domain, results.run
    st.caption(plain(
        f"{domain.name}: {counted(domain.n_asked, 'question')} about {counted(domain.n_documents, 'document')}; "
        f"{model.name} on {model.device}, profile {made.profile}, {made.created[:10]}"
    ))  # fmt: skip
    with st.container(horizontal=True):
        for form, kind in FORMS.items():
            st.download_button(
                f"Download {form.upper()}", partial(render, RunFolder(run), form), f"{run.name}.{form}", kind,
                key=f"download-{form}", on_click="ignore",
            )  # fmt: skip
