"""How the next token of an answer was chosen: its probabilities, and what each setting cuts away."""

from collections.abc import Sequence

import streamlit as st

from evaluation.lab.playground import Playground, TracedAnswer
from model.sampling import Sampling
from ui.charts import chances_chart
from ui.playground.ground import LOCK


def next_token(ground: Playground, told: Sequence[TracedAnswer], sampling: Sampling) -> None:
    """Bars at one position of an answer: as the model gave them, and after each setting."""
    st.caption(
        "At each step the model gives every token a probability. The settings above only reshape these bars. Move them "
        "to see what each one cuts away."
    )
    left, right = st.columns(2)
    name = left.selectbox("Answer of", [one.method for one in told], key="answer_of", persist_state="session")
    one = next(one for one in told if one.method == name)
    position = right.slider("Position", 0, max(1, len(one.written)), 0, help="0 is the first token of the answer.")
    position = min(position, len(one.written))
    st.text("So far: " + (ground.model.decode(one.written[:position]) or "(nothing)"))
    with LOCK:
        found = ground.chances(one, position, sampling)
    for place, (stage, chances) in zip(st.columns(len(found)), found, strict=True):
        rows = [{"token": repr(chance.token), "probability": chance.probability} for chance in chances]
        place.altair_chart(chances_chart(rows, stage), width="stretch")
