"""`trivium cost RUN`: what each road costs under prices and a scenario of the user's."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from data.errors import TriviumError
from evaluation.cli.terminal import console, say

if TYPE_CHECKING:
    from evaluation.cost.prices import PriceBook

COST_EXAMPLES = (
    "\b\nExamples:\n  trivium cost runs/my-run\n"
    "  trivium cost runs/my-run --queries-per-month 50000 --updates-per-month 4 --wrong-answer 0.50\n"
    "  trivium cost runs/my-run --bill api --price token_in=0.15 --price token_out=0.60\n"
    "  trivium cost runs/my-run --bill gpu --price gpu_hour=2.1 --model-size 7e9 --corpus-tokens 2e6\n"
    "  trivium cost runs/my-run --json | jq .break_even"
)


def cost(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run, below runs/.")],
    bill: Annotated[
        Literal["machine", "gpu", "api"],
        typer.Option(help="Seconds of this machine, operations projected onto a GPU, or tokens of a public service."),
    ] = "machine",
    queries_per_month: Annotated[float, typer.Option(help="Questions asked.")] = 10_000,
    updates_per_month: Annotated[float, typer.Option(help="Documents that change.")] = 0,
    months: Annotated[int, typer.Option(help="1 to 36.")] = 12,
    wrong_answer: Annotated[float, typer.Option(help="What a wrong answer costs you.")] = 0,
    no_answer: Annotated[float, typer.Option(help="What 'unknown' costs you where there is an answer.")] = 0,
    cache_hits: Annotated[float, typer.Option(help="Share of questions that find the injected corpus cached.")] = 1,
    corpus_tokens: Annotated[float | None, typer.Option(help="Another size of the corpus; projected.")] = None,
    model_size: Annotated[float | None, typer.Option(help="Another number of weights; projected.")] = None,
    prices: Annotated[Path | None, typer.Option(help="Your price book [default: evaluation/cost/prices.toml].")] = None,
    price: Annotated[list[str] | None, typer.Option(help="One price of yours, as gpu_hour=2.1; repeatable.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """What each road costs to set up, to keep up and to ask, where they cross, and which is the cheapest when."""
    from pydantic import ValidationError

    from evaluation.cost.ownership import Scenario
    from evaluation.cost.page import cost_page
    from evaluation.cost.prices import read_prices
    from evaluation.run.folder import RunFolder

    try:
        scenario = Scenario(
            bill=bill, queries_per_month=queries_per_month, updates_per_month=updates_per_month, months=months,
            wrong_answer=wrong_answer, no_answer=no_answer, cache_hits=cache_hits, corpus_tokens=corpus_tokens,
            model_size=model_size,
        )  # fmt: skip
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).replace("_", "-")
        raise TriviumError(f"--{name} {first['input']}: {first['msg'][0].lower()}{first['msg'][1:]}.") from error
    results = RunFolder(run).results()
    own = [] if prices else [f"machine_hour={results['run']['usd_per_hour']}"]  # what the run was told
    book = read_prices(prices, [*own, *(price or ())])
    page = cost_page(results, book, scenario)
    if as_json:
        print(json.dumps(page, indent=1))
    else:
        _show(page, book)


def _show(page: Mapping[str, Any], book: "PriceBook") -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from evaluation.cost.page import cost_sentences, cost_table, ownership_table

    for shown in (cost_table(page), ownership_table(page)):
        table = Table(*shown.columns, box=SIMPLE_HEAD)
        for row in shown.rows:
            table.add_row(*row)
        say(f"{shown.title}. {shown.note}")
        console.print(table)
    for sentence in cost_sentences(page):
        say(f"- {sentence}")
    say(f"Prices: {', '.join(sorted({line.source for line in _used(book, page['scenario']['bill'])}))}.")


def _used(book: "PriceBook", bill: str) -> list[Any]:
    names = {"machine": ["machine_hour"], "gpu": ["gpu_hour", "gpu_operations"],
             "api": ["token_in", "token_out", "token_cached", "token_cache_write", "tuned_token_in", "tuned_token_out",
                     "embedding_token", "training_token"]}[bill]  # fmt: skip
    return [getattr(book, name) for name in (*names, "storage", "question_by_hand")]
