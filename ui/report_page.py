"""The verdict, the figures behind it, and for each figure the answers behind that."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from data.findings import counted
from evaluation.analysis.causes import CAUSE_NAMES, Cause
from evaluation.analysis.compare import compare_runs
from evaluation.analysis.graded_run import GradedAnswer
from evaluation.numbers import percent, signed_points
from evaluation.report.charts import accuracy_chart, cost_chart, pareto_chart
from evaluation.report.render import render
from evaluation.report.sections import findings_table, grading_sentences
from evaluation.report.special_tables import all_tables
from evaluation.report.tables import audit_table, methods_table
from evaluation.results.schema import Results
from evaluation.run.folder import RunFolder
from ui.answers_table import open_question, select_question
from ui.choose import choose_run, draw, graded_run_of, results_of, show_errors, workspace
from ui.tables import show_table
from ui.text import plain

FORMS = {"html": "text/html", "md": "text/markdown", "csv": "text/csv"}


@show_errors
def report_page() -> None:
    """Pick a run: verdict, table, charts, causes, audit. Pick a second: what was gained and lost."""
    space = workspace()
    run = choose_run(space, "Which method answers best?")
    if run is None:
        return
    results = results_of(run)
    _verdict(run, results)
    _figures(run, results)
    _behind(run, results)
    for table in [*all_tables(results), audit_table(results)]:
        with st.expander(table.title, expanded=False):
            show_table(table)
    with st.expander("How it was graded"):
        for sentence in grading_sentences(results):
            st.text(sentence)
    _compared(space.runs, run)


def _verdict(run: Path, results: Results) -> None:
    model, domain, made = results.model, results.domain, results.run
    st.caption(plain(
        f"{domain.name}: {counted(domain.n_asked, 'question')} about {counted(domain.n_documents, 'document')}; "
        f"{model.name} on {model.device}, profile {made.profile}, {made.created[:10]}"
    ))  # fmt: skip
    said = st.success if results.verdict.recommended else st.info
    said(plain(results.verdict.summary), icon=":material/flag:")
    show_table(methods_table(results))
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


def _figures(run: Path, results: Results) -> None:
    left, right = st.columns(2)
    draw(accuracy_chart(results), left, None)
    for kind in results.categories:
        draw(accuracy_chart(results, kind), left, None)
    draw(pareto_chart(results.costs), right)
    draw(cost_chart(results), right)


def _behind(run: Path, results: Results) -> None:
    """Two tables of counts; a chosen cell shows its answers."""
    methods, kinds = results.methods, results.categories
    st.subheader("Right answers by kind of question", anchor=False)
    st.caption("Click a number to see the answers behind it.")
    cells = {
        name: {kind: f"{c.correct} of {c.scored} ({percent(c.accuracy)})" for kind, c in m.categories.items()}
        for name, m in methods.items()
    }
    _linked(run, cells, kinds, {kind: kind for kind in kinds}, lambda judged, kind: judged.category == kind, "kinds")
    causes = [cause for cause in CAUSE_NAMES if any(cause in m.causes for m in methods.values())]
    if causes:
        st.subheader("Causes of errors", anchor=False)
        st.caption("Every answer that is not right has one cause.")
        counts = {name: {str(c): str(m.causes.get(c, 0)) for c in causes} for name, m in methods.items()}
        names = {str(c): CAUSE_NAMES[Cause(c)] for c in causes}
        _linked(run, counts, [str(c) for c in causes], names, lambda judged, cause: judged.cause == cause, "causes")


def _linked(
    run: Path, cells: dict[str, dict[str, str]], rows: Sequence[str], names: dict[str, str],
    belongs: Callable[[GradedAnswer, str], bool], key: str,
) -> None:  # fmt: skip
    """A table of methods by kind whose chosen cell is followed by its answers."""
    frame = pd.DataFrame(
        [[names[row], *(cells[name].get(row, "–") for name in cells)] for row in rows], columns=["", *cells]
    )
    event = st.dataframe(frame, hide_index=True, key=f"table-{key}", on_select="rerun", selection_mode="single-cell")
    chosen = event["selection"]["cells"]
    if chosen and (method := chosen[0][1]) in cells:
        graded, row = graded_run_of(run), rows[chosen[0][0]]
        st.markdown(f"**{plain(method)}**: {plain(names[row])}")
        own = [j for j in graded.answers if j.answer.method == method and belongs(j, row)]
        if found := select_question(own, f"behind-{key}-{method}-{row}", 300):
            open_question(graded, *found)


def _compared(runs: Path, run: Path) -> None:
    """The same questions in another run: what this one gained and lost."""
    others = [path.name for path in workspace().finished() if path != run]
    if not others:
        return
    st.subheader("Compare with another run", anchor=False)
    before = st.selectbox("Earlier run", others, index=None, placeholder="Choose a run")
    if before is None:
        return
    found = compare_runs(RunFolder(runs / before), RunFolder(run))
    rows = [
        [name, percent(m.accuracy_before), percent(m.accuracy_after), f"{signed_points(m.difference)} points",
         f"{signed_points(m.ci_low)} to {signed_points(m.ci_high)}", len(m.gained), len(m.lost), m.n_pairs]
        for name, m in found.methods.items()
    ]  # fmt: skip
    columns = ["method", "before", "now", "difference", "95 % interval", "gained", "lost", "questions in both"]
    st.dataframe(pd.DataFrame(rows, columns=columns), hide_index=True)
    for name, method in found.methods.items():
        flips = [{"": "gained", **dict(flip)} for flip in method.gained]
        flips += [{"": "lost", **dict(flip)} for flip in method.lost]
        if flips:
            with st.expander(plain(f"{name}: {len(method.gained)} gained, {len(method.lost)} lost")):
                st.dataframe(pd.DataFrame(flips).drop(columns="question_id"), hide_index=True)
    for key, (old, new) in found.settings_changed.items():
        st.text(f"Setting changed: {key} was {old}, now {new}")
