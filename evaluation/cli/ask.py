"""`trivium ask`: one question, every method, side by side in the terminal."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from data.errors import TriviumError
from evaluation.cli.terminal import console, say, show_table

if TYPE_CHECKING:
    from data.schema import Domain, Question
    from evaluation.cli.display import Display
    from evaluation.grading.grader import Grader
    from evaluation.run.records import Answer
    from evaluation.run.settings import RunSettings
    from model.sampling import Sampling

ASK_EXAMPLES = (
    '\b\nExamples:\n  trivium ask "How many cars does the Kittering take?"\n'
    '  trivium ask "Who manages the crew?" --methods lora --probabilities --temperature 0.7 --top-k 5\n'
    '  trivium ask "When does Tidebook go live?" --run runs/my-run --methods rag,lora'
)


def ask(
    question: Annotated[str, typer.Argument(help="Any question.")],
    run: Annotated[Path | None, typer.Option(help="Run whose index and adapter answer [default: the newest].")] = None,
    methods: Annotated[str, typer.Option(help="Comma-separated [default: those of the run].")] = "",
    probabilities: Annotated[
        bool, typer.Option("--probabilities", help="Show each token of the answers beside the likeliest others.")
    ] = False,
    temperature: Annotated[float, typer.Option(min=0, help="With --probabilities; 0: the likeliest token.")] = 0.0,
    top_k: Annotated[int, typer.Option(min=0, help="With --probabilities; 0: all tokens.")] = 0,
    top_p: Annotated[float, typer.Option(min=0.01, max=1, help="With --probabilities.")] = 1.0,
    repetition_penalty: Annotated[float, typer.Option(min=0.1, help="With --probabilities.")] = 1.0,
    seed: Annotated[int, typer.Option(help="With --probabilities and a temperature.")] = 0,
) -> None:
    """Answer one question by every method, side by side; or show each token of the answers with its probability."""
    from evaluation.run.questions import newest_run
    from evaluation.run.registry import chosen_methods
    from model.sampling import Sampling

    if not question.strip():
        raise TriviumError("the question is empty.")
    sampling = Sampling(
        temperature=temperature, top_k=top_k, top_p=top_p, repetition_penalty=repetition_penalty, seed=seed
    )
    if not probabilities and sampling != Sampling():
        raise TriviumError("--temperature, --top-k, --top-p, --repetition-penalty and --seed need --probabilities.")
    path = run or newest_run(Path("runs"))
    chosen = chosen_methods(methods) if methods else ()
    if probabilities:
        _show_probabilities(question, path, chosen, sampling)
    else:
        _ask_everyone(question, path, chosen)


def _ask_everyone(text: str, path: Path, methods: Sequence[str]) -> None:
    """Print a table with each method's answer and what it took."""
    from data.load import load_domain
    from evaluation.cli.display import Display
    from evaluation.run.folder import RunFolder
    from evaluation.run.identity import FOR_ONE_QUESTION, refuse_another
    from evaluation.run.mending import refuse_damaged
    from evaluation.run.questions import known_question
    from evaluation.run.settings import settings_of
    from evaluation.table import columns, make_table

    folder = RunFolder(path)
    settings = settings_of(folder)
    domain = load_domain(settings.domain)
    refuse_damaged(folder)
    refuse_another(folder, domain, settings, FOR_ONE_QUESTION)
    question = known_question(text, domain)
    with Display(console) as display:
        display("loading the model and the libraries")
        rows, same = _answers(question, domain, settings, path, methods or settings.methods, display)
    heads = columns("method", "answer", "grade", "seconds", "prompt tokens", "answer tokens", "$ (assumed)")
    show_table(make_table("Answers", heads, rows), titled=False)
    if question.answers:
        say(f"Accepted: {' | '.join(question.answers)}")
    say("Base weights: " + ("unchanged." if same else "CHANGED; this must not happen."))


def _show_probabilities(text: str, path: Path, methods: Sequence[str], sampling: "Sampling", most: int = 5) -> None:
    """Print each answer token by token: its probability, the likeliest others, and what is left after the settings."""
    from evaluation.cli.display import Display
    from evaluation.run.registry import spec_of
    from evaluation.table import make_table, text_columns

    with Display(console) as display:
        display("loading the model and the libraries")
        from evaluation.lab.playground import Playground

        ground = Playground(path, display)
        names = [name for name in methods or ground.methods if not spec_of(name).needs_gold]
        traced = [ground.ask(name, text, sampling) for name in names]
        tables = [(one, [ground.chances(one, at, sampling, most) for at in range(len(one.written))]) for one in traced]
    for one, positions in tables:
        rows = []
        for token, found in zip(one.written, positions, strict=True):
            written = repr(ground.model.token_text(token))
            before, after = (
                ", ".join(f"{chance.token!r} {chance.probability:.1%}" for chance in chances if chance.probability)
                for chances in (found[0][1], found[-1][1])
            )
            rows.append([written, before, after if len(found) > 1 else "the same"])
        heads = text_columns("written", "by the model", "after the settings")
        say(f"{one.method}: {one.text}")
        show_table(make_table("Probabilities", heads, rows), titled=False)


def _answers(
    question: "Question",
    domain: "Domain",
    settings: "RunSettings",
    path: Path,
    methods: Sequence[str],
    display: "Display",
) -> tuple[list[list[str]], bool]:
    from data.gold import GoldPassages
    from evaluation.grading.grader import Grader
    from evaluation.run.methods import Method
    from evaluation.run.plan import make_plan
    from evaluation.run.registry import spec_of
    from evaluation.run.run_record import fingerprint_of
    from model.registry import load_model
    from rag.embed import SentenceEmbedder

    model = load_model(settings.model, settings.model_options.told(display))
    embedder = cache(lambda: SentenceEmbedder(settings.embedder, settings.device))
    plan, grader = make_plan(domain, settings), Grader(language=domain.settings.language)
    has_gold = bool(GoldPassages.of_documents(domain.documents).of(question))
    before, rows = fingerprint_of(model), []
    for name in methods:
        if spec_of(name).needs_gold and not has_gold:
            rows.append([name, "n/a: the question has no gold passage", "", "", "", "", ""])
            continue
        display.scope = name
        if spec_of(name).is_contestant:
            rows.append(_of_contestant(name, question, domain, settings, path, grader))
            continue
        method = Method(name, settings, path, plan.training, embedder, settings.seed)
        method.prepare(domain, model, display)
        display("answering")
        answer, _, _, seconds = method.ask(question, cold=False)
        judged = str(grader.grade([(question, answer.answer)])[0].grade) if question.id != "asked" else ""
        usd = _usd(answer, seconds, settings, path)
        tokens = f"{answer.prompt_tokens} ({answer.cached_tokens} cached)"
        rows.append([name, answer.answer, judged, f"{seconds:.2f}", tokens, str(answer.completion_tokens), usd])
    return rows, fingerprint_of(model) == before


def _usd(answer: "Answer", seconds: float, settings: "RunSettings", path: Path) -> str:
    """What an answer cost, as the table shows it."""
    from evaluation.cost.bill import answer_usd
    from evaluation.results.schema import ModelFacts
    from evaluation.run.folder import RunFolder

    model = ModelFacts(**RunFolder(path).record()["model"])
    usd = answer_usd(answer, seconds, model, settings.usd_per_hour, settings.token_prices)
    return "n/a" if usd is None else f"{usd:.7f}"


def _of_contestant(
    name: str, question: "Question", domain: "Domain", settings: "RunSettings", path: Path, grader: "Grader"
) -> list[str]:
    """The row of a system of the user's."""
    from contextlib import closing

    from evaluation.contest.address import refuse_code_from_elsewhere
    from evaluation.run.contestant import Contestant

    if name not in settings.contestants:
        raise TriviumError(f"{name}: this run has no system of yours with that name.")
    refuse_code_from_elsewhere({name: settings.contestants[name]}, path)
    with closing(Contestant(name, settings, path, domain)) as contestant:
        answer, _, _, seconds = contestant.ask(question)
    judged = str(grader.grade([(question, answer.answer)])[0].grade) if question.id != "asked" else ""
    tokens = [f"{answer.prompt_tokens} ({answer.cached_tokens} cached)", str(answer.completion_tokens)]
    price = settings.prices.get(name, answer.usd)
    shown = "n/a" if price is None else f"{price:.7f}"
    return [name, answer.answer, judged, f"{seconds:.2f}", *(tokens if answer.tokens_known else ["n/a"] * 2), shown]
