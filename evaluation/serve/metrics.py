"""What a server counts, in Prometheus' text form."""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from evaluation.run.records import Answer

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128)


class Metrics:
    """Counters of one server; two servers of one process have their own."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter("trivium_requests", "Requests", ["path", "status"], registry=registry)
        self._seconds = Histogram(
            "trivium_request_seconds", "From the first byte to the last", ["path"], buckets=_SECONDS, registry=registry
        )
        self._answers = Counter("trivium_answers", "Answers", ["method", "finish_reason"], registry=registry)
        self._tokens = Counter("trivium_tokens", "Tokens", ["method", "kind"], registry=registry)
        self._batches = Histogram(
            "trivium_batch_questions", "Questions answered together", buckets=_ROWS, registry=registry
        )
        self.waiting = Gauge("trivium_waiting", "Requests that wait for the model", registry=registry)

    def request(self, path: str, status: int, seconds: float) -> None:
        """A request that is over. The path is one of the server's own, whatever was asked for."""
        self._requests.labels(path, str(status)).inc()
        self._seconds.labels(path).observe(seconds)

    def answer(self, answer: Answer) -> None:
        """An answer of a method, with its tokens."""
        self._answers.labels(answer.method, answer.finish_reason).inc()
        for kind, count in (
            ("prompt", answer.prompt_tokens), ("cached", answer.cached_tokens), ("answer", answer.completion_tokens)
        ):  # fmt: skip
            self._tokens.labels(answer.method, kind).inc(count)

    def batch(self, questions: int) -> None:
        """A batch that was answered."""
        self._batches.observe(questions)

    def text(self) -> bytes:
        """All of it."""
        return generate_latest(self._registry)
