"""Keys of the keyboard that do what a button on the page does; not while a person types."""

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
  window.addEventListener('keydown', pressed, true)
  return () => window.removeEventListener('keydown', pressed, true)
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
