"""A table of the report as the app shows it: the report's own HTML, which is there at once and read by everybody."""

import streamlit as st

from evaluation.table import Table, html
from ui.text import plain


def show_table(table: Table) -> None:
    """The table under the head that stands there already, and its note; heads explain themselves under the pointer."""
    st.html(f'<div class="report-table">{html(table)}</div>')
    if table.note:
        st.caption(plain(table.note))
