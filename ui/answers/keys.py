"""Keys of the keyboard that do what a button on the page does; not while a person types.

The keys that are heard now stand at the body of the page (`data-keys`): a page that is drawn may not listen yet.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import streamlit as st

_SCRIPT = """
const TYPING = 'input, textarea, select, [contenteditable="true"], [role="combobox"], [role="slider"], [role="dialog"]'
export default function (component) {
  const { data, setTriggerValue } = component
  const pressed = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return
    const at = event.composedPath()[0]
    if (at instanceof Element && at.closest(TYPING)) return
    if (!data.keys.includes(event.key)) return
    event.preventDefault()
    event.stopImmediatePropagation()
    setTriggerValue('pressed', event.key)
  }
  const marks = document.body.dataset
  const mine = data.keys.join(' ')
  window.addEventListener('keydown', pressed, true)
  marks.keys = mine
  return () => {
    window.removeEventListener('keydown', pressed, true)
    if (marks.keys === mine) delete marks.keys
  }
}
"""


@cache
def _component() -> Any:
    return st.components.v2.component("trivium_keys", js=_SCRIPT)


def on_key(keys: Sequence[str], act: Callable[[str], None]) -> None:
    """Call `act` with the key before the page is drawn again, whenever one of these is pressed."""

    def pressed() -> None:
        if key := st.session_state["keys"].pressed:
            act(key)

    _component()(key="keys", data={"keys": list(keys)}, on_pressed_change=pressed, height=1)
