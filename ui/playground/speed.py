"""The same questions in three ways of asking, timed."""

import pandas as pd
import streamlit as st

from evaluation.lab.playground import Playground
from evaluation.lab.speeds import speeds
from model.sampling import Sampling
from ui.playground.ground import LOCK

QUESTIONS = 4


def speed(ground: Playground) -> None:
    """Pick a method and measure."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Method", ground.methods, key="speed-method", width=200)
        wanted = st.button(f"Measure {QUESTIONS} questions in three ways")
    if wanted:
        questions = [question.question for question in ground.domain.split("test")][:QUESTIONS]
        with LOCK, st.spinner("Answering the same questions three times"):
            rows = speeds(ground, name, questions, Sampling())
        frame = pd.DataFrame([
            {"way": row["way"], "seconds a question": round(row["seconds"], 3),
             "same answers": f"{row['same']} of {row['of']}"}
            for row in rows
        ])  # fmt: skip
        st.dataframe(frame, hide_index=True, alt="Seconds a question by way of asking")
