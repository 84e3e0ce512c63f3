"""Whatever is sent to an address, it is answered or refused in the one form, and the server goes on."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

OPERATIONS = [
    ("GET", "/v1/models"), ("GET", "/v1/models/{name}"), ("POST", "/v1/chat/completions"), ("POST", "/v1/completions"),
    ("POST", "/v1/embeddings"), ("POST", "/v1/ask"), ("GET", "/healthz"), ("GET", "/metrics"), ("GET", "/v1/runs"),
    ("GET", "/v1/runs/{name}"), ("GET", "/v1/runs/{name}/results"), ("GET", "/v1/runs/{name}/report"),
    ("POST", "/v1/runs"), ("POST", "/v1/runs/{name}/stop"), ("POST", "/v1/runs/{name}/resume"),
    ("GET", "/v1/runs/{name}/events"),
]  # fmt: skip
FIXED = settings(
    max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def _refused_alike(response: Any) -> None:
    assert response.status_code < 500, response.text
    if response.status_code >= 400:
        assert set(response.json()["error"]) == {"message", "type", "param", "code"}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workspace") / "runs"


def test_every_address_is_tried(serve: Callable[..., Any], empty: Path) -> None:
    with serve(runs=str(empty)) as address:
        schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
        there = {(one.ok().method.upper(), one.ok().path) for one in schema.get_all_operations()}
    assert there == set(OPERATIONS)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_anything_that_fits_the_description_is_answered_or_refused(
    serve: Callable[..., Any], empty: Path, method: str, path: str
) -> None:
    with serve(runs=str(empty), start_runs=True, max_tokens=8) as address:
        schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
        cases = schema[path][method].as_strategy()

        @FIXED
        @given(case=cases)
        def sent(case: Any) -> None:
            body = case.body if isinstance(case.body, dict) else None
            if body and "model" in body and len(str(body["model"])) % 2:
                body["model"] = "rag"  # half of them reach a method
            _refused_alike(case.call(timeout=60))

        sent()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=8,
)
AS_JSON = {"Content-Type": "application/json"}
KEYS = st.sampled_from([
    "model", "messages", "prompt", "input", "question", "methods", "stop", "stream", "seed", "temperature", "n",
    "domain", "name", "options",
])  # fmt: skip


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/ask", "/v1/runs"])
def test_any_json_under_known_names_is_answered_or_refused(serve: Callable[..., Any], empty: Path, path: str) -> None:
    import requests

    with serve(runs=str(empty), start_runs=True, max_tokens=8) as address:

        @FIXED
        @given(body=st.dictionaries(KEYS, JSON) | JSON)
        def sent(body: Any) -> None:
            fixed = body | {"model": "rag"} if isinstance(body, dict) and "model" in body else body
            # json.dumps, not requests' json=: that one refuses NaN and Infinity, which a careless client does send
            _refused_alike(requests.post(f"{address}{path}", data=json.dumps(fixed), headers=AS_JSON, timeout=60))

        sent()


# What json.dumps and careless clients send though it is no JSON, or no text, or no size that a number has.
ODD = ["NaN", "Infinity", "-Infinity", "1e999", "9" * 400, '"\\ud800"', '"\\u0000"', "[" * 5000 + "]" * 5000]
ASKED = {
    "/v1/chat/completions": '{"model": "rag", "messages": [{"role": "user", "content": %s}], "%s": %s}',
    "/v1/completions": '{"model": "rag", "prompt": %s, "%s": %s}',
    "/v1/embeddings": '{"model": "rag", "input": %s, "%s": %s}',
    "/v1/ask": '{"question": %s, "%s": %s}',
    "/v1/runs": '{"domain": %s, "%s": %s}',
}


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd[:9])
@pytest.mark.parametrize("path", ASKED)
def test_odd_values_are_refused_in_the_one_form(serve: Callable[..., Any], empty: Path, path: str, odd: str) -> None:
    import requests

    with serve(runs=str(empty), start_runs=True, max_tokens=8) as address:
        for key in ("temperature", "seed", "max_tokens", "n", "options", "name", "methods", "stop"):
            for asked in ('"What is this?"', odd):
                sent = ASKED[path] % (asked, key, odd)
                _refused_alike(requests.post(f"{address}{path}", data=sent, headers=AS_JSON, timeout=60))
