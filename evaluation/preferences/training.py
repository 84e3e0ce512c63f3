"""Tune a method of a finished run on its preferences, and measure what that changed."""

import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from data.errors import TriviumError
from data.progress import Progress
from evaluation.grading.grader import Grader
from evaluation.lab.playground import Playground
from evaluation.preferences import change as changes
from evaluation.preferences.asking import KL_QUESTIONS, Weights, answered, drift
from evaluation.preferences.questions import held_out
from evaluation.preferences.rankings import FOLDER, Pair, all_pairs, read_rankings
from evaluation.results.preference import Example, PreferenceChange
from evaluation.run.methods import Method
from evaluation.run.preparing import TrainedAdapter
from evaluation.run.questions import known_question
from finetune.adapter import Adapter, read_adapter, switched_on
from finetune.preference import PreferenceSettings, TokenPair, Tunable, obtain_preferred, require_trl
from model.language_model import need

_EXAMPLES = 5


def adapter_folder(run: Path, method: str, by: str, after: str) -> Path:
    """Where the adapter of these preferences lies; a new tuning of the same kind takes its place."""
    kind = hashlib.sha256("\n".join((by, after)).encode()).hexdigest()[:8]
    return run / FOLDER / "adapters" / f"{method}-{kind}"


def token_pairs(method: Method, pairs: Sequence[Pair]) -> list[TokenPair]:
    """Pairs behind the method's own prompts, as the model reads them."""
    model = need(method.model_, Tunable, "preference tuning")
    questions = [known_question(pair.question, method.domain_) for pair in pairs]
    prompts, end = [prompt.text for prompt in method.trace(questions)], model.end_token()
    return [
        TokenPair(
            tuple(model.encode(prompt)), (*model.encode(pair.chosen), end), (*model.encode(pair.rejected), end)
        )
        for prompt, pair in zip(prompts, pairs, strict=True)
    ]  # fmt: skip


def start_of(run: Path, method: Method, after: str) -> Adapter | None:
    """The adapter that is gone on with: an earlier tuning's, the method's own, or none on the bare base.

    Raises:
        TriviumError: what the method has trained is no adapter, or there is no such tuning.
    """
    if after:
        folder = adapter_folder(run, method.name, after, "")
        if not folder.exists():
            raise TriviumError(
                f"{run}: nothing was tuned on the preferences of '{after}' yet. "
                f"`trivium prefer {run} --train --methods {method.name} --by {after}` does it."
            )
        return read_adapter(folder, reused=True)
    if method.trained_ is None:
        return None
    if type(method.trained_) is not TrainedAdapter:
        raise TriviumError(f"{method.name} has no LoRA adapter that could be tuned. Choose another of --methods.")
    return method.trained_.adapter


def tune_on_preferences(
    run: Path, name: str, by: str, after: str, settings: PreferenceSettings, limit: int, progress: Progress
) -> PreferenceChange:
    """Tune on what was ranked and measure on what no ranking saw. The adapter stays in the run's folder.

    Args:
        name: of the method.
        by: whose preferences; empty: everybody's.
        after: go on with the adapter that was tuned on these preferences; empty: with the method as it is.
        limit: held-out questions at most.

    Raises:
        TriviumError: there are no preferences, no held-out questions, or nothing can be tuned here.
    """
    require_trl()
    rankings = read_rankings(run)
    pairs = all_pairs(rankings, by)
    if not pairs:
        whose = f" of '{by}'" if by else ""
        raise TriviumError(f"{run}: there are no preferences{whose}. `trivium prefer {run}` ranks answers.")
    ground = Playground(run, progress)
    asked = held_out(ground.domain, rankings, limit, ground.settings.seed)
    if not asked:
        raise TriviumError(f"{run}: rankings saw all test questions, so that none is left to measure with.")
    method, grader = ground.method(name, progress), Grader(language=ground.domain.settings.language)
    begin = start_of(run, method, after)
    start: Weights = partial(switched_on, ground.model, begin) if begin else method.weights
    before = answered(method, start, asked, grader, progress)
    model = need(ground.model, Tunable, "preference tuning")
    adapter = obtain_preferred(
        model, token_pairs(method, pairs), settings, progress, adapter_folder(run, name, by, after), begin
    )
    tuned: Weights = partial(switched_on, ground.model, adapter)
    late = answered(method, tuned, asked, grader, progress)
    some = asked[:: max(1, len(asked) // KL_QUESTIONS)][:KL_QUESTIONS]
    texts = [late.texts[asked.index(question)] for question in some]
    far = drift(method, ground.model, start, tuned, some, texts, progress)
    form, words = changes.forms(ground.domain, asked, before, late), changes.lengths(asked, before, late)
    right = changes.rights(ground.domain, asked, before, late)
    return PreferenceChange(
        method=name, by=by, after=after, pairs=len(pairs), questions=len({pair.question_id for pair in pairs}),
        settings=settings.model_dump(),
        **{key: adapter.training[key] for key in ("seconds", "calibrated_s", "steps", "read_tokens")},
        form=form, right=right, refused=changes.refusals(asked, before, late), words=words,
        general=changes.generals(before, late), perplexity_before=before.perplexity, perplexity_after=late.perplexity,
        kl=changes.mean_of(far, [question.fact_id for question in some]),
        examples=[
            Example(question=question.question, before=before.texts[place], after=late.texts[place])
            for place, question in list(enumerate(asked))[:: max(1, len(asked) // _EXAMPLES)][:_EXAMPLES]
        ],
        sentence=changes.sentence_of(form, words, right.get(changes.OVERALL)),
    )  # fmt: skip
