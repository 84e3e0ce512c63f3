"""`trivium prefer`: rank answers of a finished run, and tune a model on the rankings."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from data.errors import TriviumError
from evaluation.cli.prefer_training import reward as learn_reward
from evaluation.cli.prefer_training import tune
from evaluation.cli.terminal import RunPath, ask_person, console, refuse_to_lose, say

if TYPE_CHECKING:
    from data.schema import Domain
    from evaluation.preferences.candidates import Candidates, Drawing
    from evaluation.preferences.rankings import Ranking

PREFER_EXAMPLES = (
    "\b\nExamples:\n  trivium prefer runs/my-run --methods lora            # rank: keys 1 to 5\n"
    "  trivium prefer runs/my-run --methods rag,lora --by ann   # answers of several methods, blind\n"
    "  trivium prefer runs/my-run --by-rule house-form --budget 100\n"
    "  trivium prefer runs/my-run --export pairs.jsonl\n"
    "  trivium prefer runs/my-run --import pairs.jsonl --by team\n"
    "  trivium prefer runs/my-run --train --methods lora --by rule:house-form\n"
    "  trivium prefer runs/my-run --reward --best-of 4 --methods lora"
)


def prefer(
    run: RunPath,
    methods: Annotated[
        str, typer.Option(help="Whose answers, comma-separated: one, sampled, or several [default: the first].")
    ] = "",
    answers: Annotated[int, typer.Option(min=2, max=5, help="Answers of one method to each question.")] = 3,
    budget: Annotated[int, typer.Option(min=1, help="Questions to rank at most, those that tell most first.")] = 50,
    by: Annotated[str, typer.Option(help="Who ranks [default: your user name].")] = "",
    by_rule: Annotated[str, typer.Option(help="Let a rule rank: house-form, plain-form, shortest-right, random.")] = "",
    export: Annotated[Path | None, typer.Option(help="Write all preferences as prompt, chosen, rejected.")] = None,
    import_: Annotated[
        Path | None, typer.Option("--import", help="Read preferences in that form; they count like your own.")
    ] = None,
    temperature: Annotated[float, typer.Option(min=0.05, help="Of sampled answers.")] = 0.9,
    seed: Annotated[int, typer.Option(help="Of questions, sampled answers, order on the screen, training.")] = 0,
    train: Annotated[
        bool, typer.Option("--train", help="Tune the method on what was ranked (DPO) and measure what that changes.")
    ] = False,
    after: Annotated[str, typer.Option(help="With --train: go on from the tuning on this person's or rule's.")] = "",
    epochs: Annotated[int, typer.Option(min=1, help="With --train.")] = 1,
    learning_rate: Annotated[float, typer.Option(min=0.0, help="With --train.")] = 5e-4,
    batch_size: Annotated[int, typer.Option(min=1, help="With --train: pairs a step.")] = 4,
    beta: Annotated[float, typer.Option(min=0.0, help="With --train: how strongly the start holds.")] = 0.1,
    anchor: Annotated[
        float, typer.Option(min=0.0, help="With --train: weight of the preferred answers' own loss (Pang et al. 2024).")
    ] = 0.5,
    reward: Annotated[
        bool, typer.Option("--reward", help="Fit a reward model on what was ranked and measure it on other questions.")
    ] = False,
    best_of: Annotated[
        int, typer.Option(min=0, max=16, help="With --reward: sample so many answers and take the best.")
    ] = 0,
    held_out: Annotated[int, typer.Option(min=1, help="Of --train and --best-of: test questions, at most.")] = 200,
) -> None:
    """Rank answers of a finished run's methods: several to a question, in chance order, nobody sees whose.

    Each ranking is kept at once in RUN/preferences/rankings.jsonl. The same command goes on where you stopped.
    --train tunes on all rankings, or on those of --by, and measures on test questions that no ranking saw.
    """
    from data.load import load_domain
    from evaluation.preferences.candidates import Drawing
    from evaluation.preferences.opening import methods_of
    from evaluation.run.folder import RunFolder
    from evaluation.run.settings import settings_of

    if sum(map(bool, (by_rule, export, import_, train, reward))) > 1:
        raise TriviumError("--by-rule, --export, --import, --train and --reward are five commands; give one of them.")
    if after and not train:
        raise TriviumError("--after names a tuning to go on from; it needs --train.")
    names = tuple(name.strip() for name in methods.split(",") if name.strip())
    how = Drawing(methods=methods_of(run, names), answers=answers, temperature=temperature, seed=seed)
    if best_of == 1:
        raise TriviumError("--best-of takes the best of 2 answers or more.")
    if best_of and not reward:
        raise TriviumError("--best-of needs --reward, which says which answer is the best.")
    if (train or reward) and len(how.methods) > 1:
        raise TriviumError("--train and --reward take one method; name one with --methods.")
    if reward:
        return learn_reward(run, how.methods[0], by, best_of, temperature, seed, held_out)
    if train:
        recipe = {"epochs": epochs, "learning_rate": learning_rate, "beta": beta, "anchor": anchor, "seed": seed,
                  "batch_size": batch_size}  # fmt: skip
        return tune(run, how.methods[0], by, after, recipe, held_out)
    if export:
        return _export(run, export)
    domain = load_domain(settings_of(RunFolder(run)).domain)
    if import_:
        return _import(run, import_, domain, by)
    if by_rule:
        return _rule(run, by_rule, domain, how, budget)
    _rank(run, domain, how, budget, by)


def _drawn(run: Path, domain: "Domain", how: "Drawing", budget: int) -> "list[Candidates]":
    from data.lock import working_in
    from evaluation.cli.display import Display
    from evaluation.preferences.opening import drawn_for

    with working_in(run, "prefer"), Display(console) as display:
        display("looking at the run")
        return drawn_for(run, domain, how, budget, display)


def _rank(run: Path, domain: "Domain", how: "Drawing", budget: int, by: str) -> None:
    from evaluation.preferences.opening import telling
    from evaluation.preferences.session import not_ranked_yet, person, rank_answers

    by = by or person()
    if by.startswith("rule:"):
        raise TriviumError(f"--by {by}: a name that begins with 'rule:' is that of a rule.")
    todo = not_ranked_yet(run, telling(_drawn(run, domain, how, budget), budget), by)
    if not todo:
        say(f"{by} has ranked all of them. A larger --budget or --answers, another --seed or --methods gives more.")
    done = rank_answers(run, todo, by, ask_person, console, how.seed)
    say(f"{done} ranked by {by}, {len(todo) - done} of this budget left.")
    _told(run)


def _rule(run: Path, rule: str, domain: "Domain", how: "Drawing", budget: int) -> None:
    from evaluation.grading.grader import Grader
    from evaluation.preferences.rankings import keep_ranking
    from evaluation.preferences.rules import SHORTEST_RIGHT, check_rule, ranked_by_rule

    check_rule(rule, domain)
    if rule != SHORTEST_RIGHT:
        how = how.model_copy(update={"answers": 1})  # it is offered in two forms
    drawn, grader = _drawn(run, domain, how, budget), Grader(language=domain.settings.language)
    found = ranked_by_rule(rule, drawn, domain, grader, how.seed, budget)
    for ranking in found:
        keep_ranking(run, ranking)
    say(f"{len(found)} ranked by the rule {rule}.")
    _told(run)


def _export(run: Path, out: Path) -> None:
    from evaluation.preferences.exchange import export_pairs
    from evaluation.preferences.rankings import all_pairs, read_rankings

    refuse_to_lose(out)
    say(f"{export_pairs(all_pairs(read_rankings(run)), out)} preferences written: {out}.")


def _import(run: Path, source: Path, domain: "Domain", by: str) -> None:
    from evaluation.preferences.exchange import import_pairs
    from evaluation.preferences.rankings import keep_ranking

    found = import_pairs(source, domain, by)
    for ranking in found:
        keep_ranking(run, ranking)
    say(f"{len(found)} preferences read from {source}.")
    _told(run)


def _told(run: Path) -> None:
    """Who ranked how much, how many preferences that makes, and how far two people agree."""
    from evaluation.preferences.agreement import agreements
    from evaluation.preferences.rankings import all_pairs, read_rankings, who_ranked

    rankings: list[Ranking] = read_rankings(run)
    for name, count in who_ranked(rankings).items():
        bad = sum(ranking.ranks is None for ranking in rankings if ranking.by == name)
        say(f"  {name}: {count} questions, {len(all_pairs(rankings, name))} preferences, {bad} all bad")
    for found in agreements(rankings):
        say(f"  {found.sentence}")
