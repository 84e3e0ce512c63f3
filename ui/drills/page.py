"""What changes what is answered: the drills of a run, each with its sentences, charts and tables."""

from pathlib import Path

import streamlit as st

from evaluation.drills.registry import BUILT_IN
from evaluation.report.drill_charts import curve_chart, in_words
from evaluation.report.study import told
from evaluation.results.drill import FOLDER, drill_path, read_drill
from ui.drills.more import more_drills
from ui.first_visit import SAMPLE_RUN
from ui.header import choose_run
from ui.look import draw_still
from ui.reading import show_errors
from ui.tables import show_table
from ui.text import plain
from ui.workspace import workspace


@show_errors
def drills_page() -> None:
    """Pick a run: a tab for each of its drills, of which the open one is drawn; then a form that starts others."""
    space = workspace()
    run = choose_run(space, "What changes what is answered?")
    if run is None:
        return
    done = _done(run)
    if done:
        for tab, name in zip(st.tabs(done, key="drill", on_change="rerun", bind="query-params"), done, strict=True):
            with tab:
                if tab.open:
                    _drill(run, name)
    else:
        st.info(
            "A drill changes one thing on top of a finished run, noise beside the right passage or the temperature, "
            "and measures every method again. None was carried out on this run.", icon=":material/tune:",
        )  # fmt: skip
    if st.session_state["run-choice"] == SAMPLE_RUN:
        st.caption("Drills need a run of your own: the sample can only be read.")
    else:
        more_drills(space, run, done)


def _done(run: Path) -> list[str]:
    """Names of the drills whose results lie there, in the order in which a study tells them."""
    there = {path.stem for path in (run / FOLDER).glob("[!.]*.json")}
    return [*(name for name in BUILT_IN if name in there), *sorted(there - BUILT_IN.keys())]


@show_errors
def _drill(run: Path, name: str) -> None:
    """One drill. A damaged one is a sentence, and the others stay."""
    drill = told(read_drill(drill_path(run, name)))
    results = drill.results
    st.header(plain(results.question), anchor=False)
    st.markdown("\n".join(f"- {plain(sentence)}" for sentence in results.sentences))
    for place, curve in enumerate(results.curves):
        if place % 2 == 0:
            columns = st.columns(2)
        draw_still(curve_chart(curve), in_words(curve), columns[place % 2])
    for table in drill.tables:
        st.subheader(plain(table.title), anchor=False)
        show_table(table)
    for what, why in results.not_applicable.items():
        st.caption(plain(f"n/a: {what}: {why}"))
    st.caption(plain(drill.conditions))
