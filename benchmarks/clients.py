"""LangChain and LlamaIndex against `trivium serve`: every answer of a run asked again, whole and as a stream.

LlamaIndex cannot be installed beside Trivium's own pins, so this file imports nothing of Trivium and runs in an
environment of its own:

    trivium serve runs/my-run
    pip install langchain-openai           # or llama-index-llms-openai-like
    python benchmarks/clients.py langchain http://localhost:8321/v1 runs/my-run
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

KEY = "none"
Asking = Callable[[str, str], tuple[str, str]]  # (method, question) -> the answer, and the same as a stream


def langchain(address: str) -> Asking:
    """Its ChatOpenAI; no temperature is sent, so that it is the run's."""
    from langchain_openai import ChatOpenAI

    def ask(method: str, question: str) -> tuple[str, str]:
        model = ChatOpenAI(base_url=address, api_key=KEY, model=method, temperature=None)
        return str(model.invoke(question).content), "".join(str(part.content) for part in model.stream(question))

    return ask


def llamaindex(address: str) -> Asking:
    """Its OpenAILike; its class OpenAI refuses every model that is not OpenAI's own before it asks anything."""
    from llama_index.core.llms import ChatMessage
    from llama_index.llms.openai_like import OpenAILike

    def ask(method: str, question: str) -> tuple[str, str]:
        model = OpenAILike(api_base=address, api_key=KEY, model=method, is_chat_model=True, temperature=0)
        said = [ChatMessage(role="user", content=question)]
        return str(model.chat(said).message.content), "".join(part.delta or "" for part in model.stream_chat(said))

    return ask


def asked(run: Path) -> Iterator[tuple[str, str, str]]:
    """Method, question and answer of each answer of a run."""

    def rows(name: str) -> list[dict[str, str]]:
        return [json.loads(line) for line in (run / name).read_text(encoding="utf-8").split("\n") if line]

    questions = {row["id"]: row["question"] for row in rows("questions.jsonl")}
    for row in rows("answers.jsonl"):
        if row["phase"] == "main":
            yield row["method"], questions[row["question_id"]], row["answer"]


def main(client: str, address: str, run: str) -> int:
    """Prints how many answers are the run's; returns how many are not."""
    ask = {"langchain": langchain, "llamaindex": llamaindex}[client](address)
    with urlopen(f"{address}/models") as reply:  # the address is the user's own server
        served = {model["id"] for model in json.load(reply)["data"]}
    wanted = [one for one in asked(Path(run)) if one[0] in served]
    found = [ask(method, question) for method, question, _ in wanted]
    whole, streamed = (sum(one[n] == answer for one, (*_, answer) in zip(found, wanted, strict=True)) for n in (0, 1))
    print(f"{client}: of {len(wanted)} answers {whole} are the run's, {streamed} as a stream")
    return 2 * len(wanted) - whole - streamed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]) > 0)
