"""`trivium cost RUN`: what each method costs under the user's own prices and volume."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from data.errors import TriviumError
from evaluation.cli.terminal import RunPath, echo, say, show_table

if TYPE_CHECKING:
    from evaluation.cost.prices import Price, PriceBook
    from evaluation.results.costs import CostPage

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
    queries_per_month: Annotated[float, typer.Option(help="Questions a month.")] = 10_000,
    updates_per_month: Annotated[float, typer.Option(help="Documents that change in a month.")] = 0,
    months: Annotated[int, typer.Option(help="Months to add up, 1 to 36.")] = 12,
    wrong_answer: Annotated[float, typer.Option(help="Cost of a wrong answer.")] = 0,
    no_answer: Annotated[float, typer.Option(help="Cost of answering 'unknown' when an answer exists.")] = 0,
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
    """What each method costs to set up, keep up to date and ask; where costs cross; the cheapest at each volume."""
    from pydantic import ValidationError

    from evaluation.contest.address import PREFIX, prices_of
    from evaluation.cost.contestants import with_prices
    from evaluation.cost.page import cost_page
    from evaluation.cost.prices import prices_for
    from evaluation.results.costs import Scenario
    from evaluation.results.file import read_results
    from evaluation.run.folder import RunFolder

    results = read_results(RunFolder(run))
    try:
        scenario = Scenario(
            bill=bill or results.model.bill,
            queries_per_month=queries_per_month, updates_per_month=updates_per_month, months=months,
            wrong_answer=wrong_answer, no_answer=no_answer, cache_hits=cache_hits, corpus_tokens=corpus_tokens,
            model_size=model_size,
        )  # fmt: skip
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).replace("_", "-")
        raise TriviumError(f"--{name} {first['input']}: {first['msg'][0].lower()}{first['msg'][1:]}.") from error
    contestants = [name for name, one in results.methods.items() if one.contestant]
    given = [text for text in price or () if text.startswith(PREFIX)]
    results, told = with_prices(results, prices_of(given, contestants)), results.run
    others = [text for text in price or () if text not in given]
    book = prices_for(results.model, told.usd_per_hour, told.token_prices, prices, others)
    page = cost_page(results, book, scenario)
    if as_json:
        echo(page.model_dump_json(indent=1))
    else:
        _show(page, book)


def _show(page: "CostPage", book: "PriceBook") -> None:
    from evaluation.cost.page import cost_sentences, cost_table, ownership_table

    for table in (cost_table(page), ownership_table(page)):
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
