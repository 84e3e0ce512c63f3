"""A table of the report as the app shows it."""

import pandas as pd
import streamlit as st

from evaluation.table import Table
from ui.text import plain


def show_table(table: Table) -> None:
    """The table under the head that stands there already, and its note."""
    help_of = {column.name: st.column_config.Column(help=column.help) for column in table.columns if column.help}
    st.dataframe(pd.DataFrame(table.rows, columns=table.heads), hide_index=True, column_config=help_of)
    if table.note:
        st.caption(plain(table.note))
