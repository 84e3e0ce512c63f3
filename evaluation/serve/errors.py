"""What goes wrong, in the form in which OpenAI's clients read it."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from data.errors import TriviumError
from evaluation.serve.desk import Full

_CODES = {400: "invalid_json", 404: "not_found", 405: "method_not_allowed"}  # of what the framework itself refuses
_TYPES = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}
LOG = logging.getLogger("trivium.serve")


class ApiError(Exception):
    """An answer other than 200.

    Args:
        status: of HTTP.
        code: by which programs know it.
        param: the field of the request that it is about.
    """

    def __init__(
        self, status: int, message: str, code: str, param: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.param, self.headers = status, message, code, param, headers

    def body(self) -> dict[str, Any]:
        """As OpenAI's API words it."""
        kind = _TYPES.get(self.status, "invalid_request_error" if self.status < 500 else "server_error")
        return {"error": {"message": self.message, "type": kind, "param": self.param, "code": self.code}}

    def response(self) -> JSONResponse:
        return JSONResponse(self.body(), self.status, self.headers)


def as_api_error(error: BaseException) -> ApiError:
    """Any error of a request; what nobody foresaw is told without its details, which may hold text of documents."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, Full):
        wait = {"Retry-After": str(error.retry_after)}
        return ApiError(429, "too many requests wait; try again later.", "queue_full", headers=wait)
    if isinstance(error, TriviumError):
        too_long = "exceed the window" in str(error)
        return ApiError(400 if too_long else 503, str(error), "context_length_exceeded" if too_long else "unavailable")
    LOG.error("an error that nobody foresaw", exc_info=error)
    return ApiError(500, "an error that nobody foresaw; the server's log has it.", "internal_error")


def _of_validation(error: RequestValidationError) -> ApiError:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path"))
    if first["type"] == "json_invalid":
        return ApiError(400, "the body is not valid JSON.", "invalid_json")
    return ApiError(400, f"{field or 'the body'}: {first['msg']}.", "invalid_value", field or None)


def answer_errors_alike(app: FastAPI) -> None:
    """Every error of an app has the one form."""

    async def validation(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return _of_validation(error).response()

    async def http(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        code = _CODES.get(error.status_code, "http_error")
        return ApiError(error.status_code, str(error.detail), code, headers=dict(error.headers or {})).response()

    async def other(_: Request, error: Exception) -> JSONResponse:
        return as_api_error(error).response()

    app.add_exception_handler(RequestValidationError, validation)
    app.add_exception_handler(HTTPException, http)
    for kind in (ApiError, Full, TriviumError, Exception):
        app.add_exception_handler(kind, other)
