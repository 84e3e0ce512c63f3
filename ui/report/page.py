"""The verdict, the figures behind it, and for each figure the answers behind that."""

from functools import partial
from pathlib import Path

import streamlit as st

from data.findings import counted
from evaluation.report.charts import accuracy_chart, cost_chart, pareto_chart
from evaluation.report.methods_table import methods_table, yardsticks_table
from evaluation.report.render import render
from evaluation.report.sections import findings_table, grading_sentences
from evaluation.report.special_tables import all_tables
from evaluation.report.tables import audit_table
from evaluation.results.schema import Results
from evaluation.run.folder import RunFolder
from ui.header import choose_run
from ui.look import draw
from ui.reading import results_of, show_errors
from ui.report.behind import causes_of_errors, kinds_of_question
from ui.tables import show_table
from ui.text import plain
from ui.workspace import workspace

FORMS = {"html": "text/html", "md": "text/markdown", "csv": "text/csv"}


@show_errors
def report_page() -> None:
    """Pick a run: verdict, table, charts, causes, audit."""
    run = choose_run(workspace(), "Which method answers best?")
    if run is None:
        return
    results = results_of(run)
    _verdict(run, results)
    _figures(results)
    name = str(st.session_state["run-choice"])
    kinds_of_question(name, results)
    causes_of_errors(name, results)
    for table in [*all_tables(results), audit_table(results)]:
        with st.expander(table.title, expanded=False):
            show_table(table)
    with st.expander("How it was graded"):
        for sentence in grading_sentences(results):
            st.text(sentence)


def _verdict(run: Path, results: Results) -> None:
    model, domain, made = results.model, results.domain, results.run
    st.caption(plain(
        f"{domain.name}: {counted(domain.n_asked, 'question')} about {counted(domain.n_documents, 'document')}; "
        f"{model.name} on {model.device}, profile {made.profile}, {made.created[:10]}"
    ))  # fmt: skip
    said = st.success if results.verdict.recommended else st.info
    said(plain(results.verdict.summary), icon=":material/flag:")
    for table in filter(None, (methods_table(results), yardsticks_table(results))):
        show_table(table)
    for warning in results.audit.warnings:
        st.warning(plain(warning))
    if known := findings_table(results):
        with st.expander(known.title, expanded=any(found.severity == "error" for found in results.findings)):
            show_table(known)
    if reasons := results.verdict.reasons:
        with st.expander("Why"):
            for reason in reasons:
                st.text(reason)
    with st.container(horizontal=True):
        for form, kind in FORMS.items():
            st.download_button(
                f"Download {form.upper()}", partial(render, RunFolder(run), form), f"{run.name}.{form}", kind,
                key=f"download-{form}", on_click="ignore",
            )  # fmt: skip


def _figures(results: Results) -> None:
    left, right = st.columns(2)
    draw(accuracy_chart(results), left, None)
    for kind in results.categories:
        draw(accuracy_chart(results, kind), left, None)
    draw(pareto_chart(results.costs), right)
    draw(cost_chart(results), right)
