"""The network: the model's parts with their sizes, frozen, and where an adapter lies beside them."""

from collections.abc import Sequence

import streamlit as st

from evaluation.lab.memories import learnt
from evaluation.lab.network import layers_of
from evaluation.lab.playground import Playground, TracedAnswer


def network(ground: Playground, told: Sequence[TracedAnswer]) -> None:
    """Three parts side by side."""
    trained = {learnt(one.method): one.trained for one in told if one.trained}
    for place, part in zip(st.columns(3), layers_of(ground.model), strict=True):
        with place.container(border=True):
            st.markdown(f"**{part['part']}** :blue-badge[frozen]")
            st.text(f"{part['size']}\n{part['weights']:,} weights{'; ' + part['note'] if part.get('note') else ''}")
            if "layers" in part["part"]:
                for kind, numbers in trained.items():
                    where = "before every prompt" if kind == "prefix" else "beside it"
                    st.markdown(f":orange-badge[{kind} {where}: {numbers:,} trained numbers]")
