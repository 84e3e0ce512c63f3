"""The addresses that a server answers, as OpenAI's clients know them, and /v1/ask for all methods side by side."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response

from evaluation.export.folder import ServeSettings
from evaluation.serve import replies
from evaluation.serve.answering import Answering, Ask
from evaluation.serve.desk import Embed
from evaluation.serve.errors import ApiError, answer_errors_alike
from evaluation.serve.metrics import CONTENT_TYPE, Metrics
from evaluation.serve.requests import AskRequest, ChatRequest, Choosing, CompletionRequest, EmbeddingRequest
from evaluation.serve.run_jobs import add_run_jobs
from evaluation.serve.runs import add_runs
from evaluation.serve.service import Service


def make_app(answering: Answering, settings: ServeSettings, metrics: Metrics, ending: threading.Event) -> FastAPI:
    """The app around one set of methods.

    Args:
        ending: set when the server stops, so that what would stream on ends.
    """
    service = Service(answering, settings, metrics)

    @asynccontextmanager
    async def working(_: FastAPI) -> AsyncIterator[None]:
        service.desk.start()
        yield
        await asyncio.to_thread(service.desk.close)

    app = FastAPI(title="Trivium", docs_url=None, redoc_url=None, lifespan=working)
    answer_errors_alike(app)
    _add_openai(app, service)
    _add_own(app, service)
    if settings.runs:
        runs = Path(settings.runs).resolve()
        add_runs(app, runs)
        add_run_jobs(app, runs, settings.start_runs, ending)
    return app


def _add_openai(app: FastAPI, service: Service) -> None:
    @app.get("/v1/models")
    async def models() -> dict[str, Any]:
        """The methods, each a model; and the embedding model."""
        return {"object": "list", "data": [replies.model_entry(name, service.started) for name in service.names]}

    @app.get("/v1/models/{name:path}")
    async def model(name: str) -> dict[str, Any]:
        if name not in service.names:
            raise service.unknown(name)
        return replies.model_entry(name, service.started)

    @app.post("/v1/chat/completions")
    async def chat(asked: ChatRequest, request: Request) -> Any:
        """The last message is the question."""
        sampling = service.sampling(asked)
        own = service.answering.record.instruction
        instruction = "" if asked.instruction == own else asked.instruction
        ask = Ask(asked.model, asked.question, sampling, instruction, asked.said, service.others(asked.others))
        if not asked.stream:
            (told,) = await service.answers(request, [ask])
            return replies.chat(told, asked.model, service.fingerprint)

        def piece(text: str, reason: str | None) -> dict[str, Any]:
            delta = {} if reason else {"role": "assistant", "content": text}
            return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}

        head = replies.head("chat.completion.chunk", replies.new_id("chatcmpl"), asked.model, service.fingerprint)
        return await service.stream(request, ask, head, piece, replies.chat_logprobs, _with_usage(asked))

    @app.post("/v1/completions")
    async def completions(asked: CompletionRequest, request: Request) -> Any:
        """Each prompt is a question."""
        sampling = service.sampling(asked)
        others = service.others(asked.logprobs)
        asks = [Ask(asked.model, question, sampling, others=others) for question in asked.questions]
        if not asked.stream:
            return replies.completion(await service.answers(request, asks), asked.model, service.fingerprint)

        def piece(text: str, reason: str | None) -> dict[str, Any]:
            return {"index": 0, "text": text, "logprobs": None, "finish_reason": reason}

        head = replies.head("text_completion", replies.new_id("cmpl"), asked.model, service.fingerprint)
        return await service.stream(request, asks[0], head, piece, replies.completion_logprobs, _with_usage(asked))

    @app.post("/v1/embeddings")
    async def embeddings(asked: EmbeddingRequest, request: Request) -> dict[str, Any]:
        """Vectors of the model that passages were embedded with."""
        if not service.answering.embedder_name or asked.model != service.answering.embedder_name:
            raise service.unknown(asked.model)
        ((vectors, tokens),) = await service.answers(request, [Embed(asked.texts)])
        if asked.dimensions not in (None, vectors.shape[1]):
            raise ApiError(400, f"vectors have {vectors.shape[1]} dimensions.", "invalid_value", "dimensions")
        return replies.embeddings(vectors, asked.model, asked.encoding_format, tokens)


def _with_usage(asked: Choosing) -> bool:
    return bool(asked.stream_options and asked.stream_options.include_usage)


def _add_own(app: FastAPI, service: Service) -> None:
    @app.post("/v1/ask")
    async def ask(asked: AskRequest, request: Request) -> dict[str, Any]:
        """One question to all methods, with passages, tokens, seconds and price."""
        names = list(dict.fromkeys(asked.methods)) or list(service.answering.methods)
        if strange := [name for name in names if name not in service.answering.methods]:
            raise service.unknown(strange[0])
        asks = [Ask(name, asked.question, service.answering.sampling(name)) for name in names]
        told = await service.answers(request, asks)
        return {"question": asked.question, "answers": [replies.side_by_side(one) for one in told]}

    @app.get("/healthz")
    async def health() -> dict[str, Any]:
        """Whether it answers, and how many requests wait."""
        return {"status": "ok", "waiting": service.desk.waiting}

    @app.get("/metrics")
    async def metrics() -> Response:
        """Prometheus' text."""
        service.metrics.waiting.set(service.desk.waiting)
        return Response(service.metrics.text(), media_type=CONTENT_TYPE)
