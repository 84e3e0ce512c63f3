"""`trivium cost RUN`: what each method costs under the user's own prices and volume."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from data.errors import TriviumError
from evaluation.cli.terminal import RunPath, echo, say, show_table

if TYPE_CHECKING:
    from evaluation.cost.prices import Price, PriceBook
    from evaluation.results.costs import CostPage, Scenario

COST_EXAMPLES = (
    "\b\nExamples:\n  trivium cost runs/my-run\n"
    "  trivium cost runs/my-run --queries-per-month 50000 --updates-per-month 4 --wrong-answer 0.50\n"
    "  trivium cost runs/my-run --bill api --price token_in=0.15 --price token_out=0.60\n"
    "  trivium cost runs/my-run --bill gpu --price gpu_hour=2.1 --model-size 7e9 --corpus-tokens 2e6\n"
    "  trivium cost runs/my-run --json | jq .break_even"
)


def cost(
    run: RunPath,
    bill: Annotated[
        Literal["machine", "gpu", "api"] | None,
        typer.Option(
            help="Seconds of this machine, operations projected onto a GPU, or tokens of a public service "
            "[default: machine; api where the model is behind a server]."
        ),
    ] = None,
    queries_per_month: Annotated[
        float | None, typer.Option(help="Questions a month [default, as for the next four: as the run says].")
    ] = None,
    updates_per_month: Annotated[float | None, typer.Option(help="Documents that change in a month.")] = None,
    months: Annotated[int | None, typer.Option(help="Months to add up, 1 to 36.")] = None,
    wrong_answer: Annotated[float | None, typer.Option(help="Cost of a wrong answer.")] = None,
    no_answer: Annotated[float | None, typer.Option(help="Cost of answering 'unknown' when an answer exists.")] = None,
    cache_hits: Annotated[float, typer.Option(help="Share of questions that find the injected corpus cached.")] = 1,
    corpus_tokens: Annotated[
        float | None, typer.Option(help="Size of the corpus, if not that of the run; projected.")
    ] = None,
    model_size: Annotated[
        float | None, typer.Option(help="Weights of the model, if not those of the run; projected.")
    ] = None,
    prices: Annotated[
        Path | None, typer.Option(help="Your own price book [default: evaluation/cost/prices.toml].")
    ] = None,
    price: Annotated[
        list[str] | None,
        typer.Option(
            help="One price of your own, as gpu_hour=2.1, or own:mine=0.002 for a question of your system; repeatable."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """What each method costs over your volume, everything included; where costs cross; which to take at your prices."""
    from evaluation.analysis.verdict import verdict_under
    from evaluation.contest.address import PREFIX, prices_of
    from evaluation.cost.contestants import with_prices
    from evaluation.cost.page import cost_page
    from evaluation.cost.prices import prices_for
    from evaluation.results.costs import Scenario
    from evaluation.results.file import read_results
    from evaluation.run.folder import RunFolder

    asked = {
        "bill": bill, "queries_per_month": queries_per_month, "updates_per_month": updates_per_month, "months": months,
        "wrong_answer": wrong_answer, "no_answer": no_answer, "cache_hits": cache_hits, "corpus_tokens": corpus_tokens,
        "model_size": model_size,
    }  # fmt: skip
    _scenario(Scenario(), asked)  # what is wrong in the options is said before what is wrong in the run
    results = read_results(RunFolder(run))
    contestants = [name for name, one in results.methods.items() if one.contestant]
    given = [text for text in price or () if text.startswith(PREFIX)]
    results, told = with_prices(results, prices_of(given, contestants)), results.run
    scenario = _scenario(results.costs.scenario, asked)
    others = [text for text in price or () if text not in given]
    book = prices_for(results.model, told.usd_per_hour, told.token_prices, prices, others)
    page = cost_page(results, book, scenario)
    if as_json:
        echo(page.model_dump_json(indent=1))
    else:
        _show(page, book)
        say(verdict_under(results, page).summary, style="bold")


def _scenario(known: "Scenario", given: dict[str, Any]) -> "Scenario":
    """The run's own scenario with what was given on the command line."""
    from pydantic import ValidationError

    from evaluation.results.costs import Scenario

    try:
        return Scenario(**(known.model_dump() | {name: value for name, value in given.items() if value is not None}))
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).replace("_", "-")
        raise TriviumError(f"--{name} {first['input']}: {first['msg'][0].lower()}{first['msg'][1:]}.") from error


def _show(page: "CostPage", book: "PriceBook") -> None:
    from evaluation.cost.sentences import cost_sentences
    from evaluation.cost.tables import bills_table, cost_table, crossings_table, ownership_table, setup_table

    makers = (cost_table, setup_table, ownership_table, crossings_table, bills_table)
    for table in (table for make in makers if (table := make(page))):
        show_table(table)
    for sentence in cost_sentences(page):
        say(f"- {sentence}")
    say(f"Prices: {', '.join(sorted({line.source for line in _used(book, page.scenario.bill)}))}.")


def _used(book: "PriceBook", bill: str) -> "list[Price]":
    """The prices that such a bill goes by."""
    names = {
        "machine": ["machine_hour"],
        "gpu": ["gpu_hour", "gpu_operations"],
        "api": ["token_in", "token_out", "token_cached", "token_cache_write", "tuned_token_in", "tuned_token_out",
                "embedding_token", "training_token"],
    }[bill]  # fmt: skip
    return [getattr(book, name) for name in (*names, "storage", "question_by_hand")]
