"""A table of the report as the app shows it."""

import pandas as pd
import streamlit as st

from evaluation.table import Table
from ui.text import plain


def show_table(table: Table) -> None:
    """The table under the head that stands there already, and its note."""
    st.dataframe(pd.DataFrame(table.rows, columns=list(table.columns)), hide_index=True)
    if table.note:
        st.caption(plain(table.note))
