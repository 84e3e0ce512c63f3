"""The app that `trivium ui` starts: pages over one workspace. It reads run folders and starts runs as processes."""

from pathlib import Path

import streamlit as st

from ui.answers_page import answers_page
from ui.costs_page import costs_page
from ui.data_page import data_page
from ui.lab_page import lab_page
from ui.playground_page import playground_page
from ui.report_page import report_page
from ui.runs_page import runs_page

st.set_page_config(page_title="Trivium", page_icon=str(Path(__file__).with_name("icon.svg")), layout="wide")
report = st.Page(report_page, title="Report", icon=":material/flag:", default=True)
st.session_state["report_page"] = report
pages = [
    report,
    st.Page(answers_page, title="Answers", url_path="answers", icon=":material/forum:"),
    st.Page(costs_page, title="Costs", url_path="costs", icon=":material/payments:"),
    st.Page(data_page, title="Data", url_path="data", icon=":material/folder_open:"),
    st.Page(playground_page, title="Playground", url_path="playground", icon=":material/science:"),
    st.Page(lab_page, title="Lab", url_path="lab", icon=":material/school:"),
    st.Page(runs_page, title="Runs", url_path="runs", icon=":material/play_circle:"),
]
st.navigation(pages, position="top").run()
