"""On a telephone the menu is a drawer over the page; it closes when a page was chosen from it."""

from functools import cache
from typing import Any

import streamlit as st

# Streamlit remembers an open drawer beyond a reload, too. Nothing is done where the menu stands beside the page.
_SCRIPT = """
export default function ({ data }) {
  if (!window.matchMedia('(max-width: 768px)').matches || window.triviumPage === data.page) return
  window.triviumPage = data.page
  const close = () => document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click()
  const drawer = document.querySelector('[data-testid="stSidebar"]')
  if (drawer && drawer.getBoundingClientRect().right > 0) close()
}
"""


@cache
def _component() -> Any:
    return st.components.v2.component("trivium_menu", js=_SCRIPT)


def fold_menu(page: str) -> None:
    """Close the drawer whenever another page is shown than before."""
    with st.container(key="fold-menu"):
        _component()(key="fold", data={"page": page}, height=1)
