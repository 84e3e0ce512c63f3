"""The playground of a server: a question to the methods of a running `trivium serve`, with nothing loaded here."""

import os
from collections.abc import Sequence
from typing import Any

import streamlit as st

from data.errors import TriviumError
from data.findings import counted
from evaluation.run.registry import method_names, spec_of
from ui.reading import show_errors
from ui.text import plain, swatch

KEY = "TRIVIUM_SERVE_KEY"  # of the environment, as the server's own
PASSAGES, LETTERS = 8, 600  # that are shown of a prompt
PATIENCE_S = 150.0  # for an answer; the server itself gives up after its time limit


def _asked(address: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the server answers.

    Raises:
        TriviumError: it cannot be reached, or refuses; in the server's own words.
    """
    from openai import APIConnectionError, APIStatusError, OpenAI

    with OpenAI(base_url=f"{address}/v1", api_key=os.environ.get(KEY) or "none", timeout=PATIENCE_S) as client:
        try:
            said = client.post(path, body=body, cast_to=object) if body else client.get(path, cast_to=object)
        except APIConnectionError as error:
            raise TriviumError(f"{address}: no server answers there. Start `trivium serve RUN`.") from error
        except APIStatusError as error:
            told = error.body.get("message") if isinstance(error.body, dict) else None
            raise TriviumError(f"{address} answers {error.status_code}: {told or 'it says no more'}") from error
    if not isinstance(said, dict):
        raise TriviumError(f"{address}: this is no server of `trivium serve`.")
    return said


@show_errors
def remote_console(address: str) -> None:
    """Question and answers; those given last stay until something else is asked."""
    st.caption(plain(f"The server at {address} answers, as it was started. Nothing is loaded here."))
    try:
        listed = [str(one["id"]) for one in _asked(address, "/models")["data"]]
        names = [name for name in listed if name in method_names()]  # the embedding model is listed, too
        with st.form("ask a server", border=False):
            question = st.text_input("Question")
            methods = st.pills("Methods", names, selection_mode="multi", default=names)
            sent = st.form_submit_button("Ask", type="primary")
        if sent and question.strip() and methods:
            with st.spinner("Asking"):
                st.session_state["remote"] = _asked(address, "/ask", {"question": question, "methods": list(methods)})
        if told := st.session_state.get("remote"):
            _show(told["question"], told["answers"])
    except (KeyError, TypeError) as error:
        raise TriviumError(f"{address}: this is no server of `trivium serve`.") from error


def _show(question: str, answers: Sequence[dict[str, Any]]) -> None:
    """The answers, two a line."""
    st.markdown(f"**{plain(question)}**")
    for at in range(0, len(answers), 2):
        for place, one in zip(st.columns(2), answers[at : at + 2], strict=False):
            with place.container(border=True):
                _show_one(one)


def _show_one(one: dict[str, Any]) -> None:
    spec, usage, took = spec_of(one["method"]), one["usage"], one["seconds"]
    st.html(swatch(one["method"], spec.colour))
    st.caption(plain(spec.sentence))
    st.text(one["answer"] or "(nothing)")
    price = "price: n/a" if one["usd"] is None else f"${one['usd']:.7f} (assumed machine price)"
    st.text(
        f"{took['retrieval'] + took['generation']:.2f} s\n{usage['prompt_tokens']:,} tokens in "
        f"({usage['prompt_tokens_details']['cached_tokens']:,} cached), {usage['completion_tokens']:,} out\n{price}"
    )
    if passages := [passage for passage in one["passages"] if passage["text"]]:
        with st.expander(f"{counted(len(passages), 'passage')} in the prompt"):
            for passage in passages[:PASSAGES]:
                st.caption(plain(f"{passage['title']} ({passage['document_id']})"))
                st.text(passage["text"][:LETTERS])
