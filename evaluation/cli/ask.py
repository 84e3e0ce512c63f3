"""One question, every method, side by side in the terminal."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from data.errors import TriviumError
from data.gold import GoldPassages
from data.load import load_domain
from data.schema import Domain, Question
from evaluation.cli.display import Display
from evaluation.run.folder import RunFolder
from evaluation.run.plan import make_plan
from evaluation.run.questions import known_question
from evaluation.run.registry import spec_of
from evaluation.run.settings import RunSettings
from model.sampling import Sampling


def ask_everyone(text: str, path: Path, methods: Sequence[str], console: Console) -> None:
    """Print a table with each method's answer and what it took."""
    if not text.strip():
        raise TriviumError("the question is empty.")
    settings = RunSettings.model_validate(RunFolder(path).record()["settings"])
    domain = load_domain(settings.domain)
    question = known_question(text, domain)
    with Display(console) as display:
        display("loading the model and the libraries")
        rows, same = _answers(question, domain, settings, path, methods or settings.methods, display)
    table = Table("method", "answer", "grade", "seconds", "prompt tokens", "answer tokens", "$ (assumed)")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    console.print(table)
    if question.answers:
        console.print(f"Accepted: {' | '.join(question.answers)}", markup=False, highlight=False)
    console.print("Base weights: " + ("unchanged by all of this." if same else "CHANGED; this must not happen."))


def show_probabilities(
    text: str, path: Path, methods: Sequence[str], sampling: Sampling, console: Console, most: int = 5
) -> None:
    """Print each answer token by token: its probability, the likeliest others, and what is left after the settings."""
    if not text.strip():
        raise TriviumError("the question is empty.")
    with Display(console) as display:
        display("loading the model and the libraries")
        from evaluation.lab.playground import Playground

        ground = Playground(path, display)
        told = [
            ground.ask(name, text, sampling) for name in (methods or ground.methods) if spec_of(name).context != "gold"
        ]
        tables = [(one, [ground.chances(one, at, sampling, most) for at in range(len(one.written))]) for one in told]
    for one, positions in tables:
        table = Table("written", "by the model", "after the settings", title=f"{one.method}: {escape(one.text)}")
        for token, found in zip(one.written, positions, strict=True):
            written = repr(ground.model.tokenizer.decode([token]))
            cells = [
                ", ".join(f"{chance.token!r} {chance.probability:.1%}" for chance in chances if chance.probability)
                for chances in (found[0][1], found[-1][1])
            ]
            table.add_row(*map(escape, (written, cells[0], cells[1] if len(found) > 1 else "the same")))
        console.print(table)


def _answers(
    question: Question, domain: Domain, settings: RunSettings, path: Path, methods: Sequence[str], display: Display
) -> tuple[list[list[str]], bool]:
    from evaluation.grading.grader import Grader
    from evaluation.run.methods import Method
    from evaluation.run.run_record import fingerprint_of
    from model.registry import load_model
    from rag.embed import SentenceEmbedder

    model = load_model(settings.model, settings.device)
    embedder = cache(lambda: SentenceEmbedder(settings.embedder, settings.device))
    plan, grader = make_plan(domain, settings), Grader()
    has_gold = bool(GoldPassages.of_documents(domain.documents).of(question))
    before, rows = fingerprint_of(model), []
    for name in methods:
        if spec_of(name).context == "gold" and not has_gold:
            rows.append([name, "n/a: the question has no gold passage", "", "", "", "", ""])
            continue
        display.scope = name
        method = Method(name, settings, path, plan.training, embedder, settings.seed)
        method.prepare(domain, model, display)
        display("answering")
        answer, _, _, seconds = method.ask(question, cold=False)
        judged = str(grader.grade([(question, answer.answer)])[0].grade) if question.id != "asked" else ""
        price = seconds / 3600 * settings.usd_per_hour
        tokens = f"{answer.prompt_tokens} ({answer.cached_tokens} cached)"
        rows.append(
            [name, answer.answer, judged, f"{seconds:.2f}", tokens, str(answer.completion_tokens), f"{price:.7f}"]
        )
    return rows, fingerprint_of(model) == before
