"""Tune a method of a finished run on its preferences, and measure what that changed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from data.errors import TriviumError
from data.progress import Progress
from data.schema import Question
from evaluation.grading.grader import Grader
from evaluation.lab.playground import Playground
from evaluation.preferences import change as changes
from evaluation.preferences.asking import KL_QUESTIONS, Answered, Weights, answered, drift
from evaluation.preferences.questions import held_out
from evaluation.preferences.rankings import FOLDER, Pair, all_pairs, read_rankings
from evaluation.preferences.reward import enough, preferred_after, reward_model
from evaluation.preferences.rules import BY_FORM
from evaluation.results.preference import OVERALL, Example, Mean, PreferenceChange, Preferred
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


@dataclass(frozen=True)
class Bench:
    """A method of a run with what was ranked and the questions that are measured with; no ranking saw one of these."""

    ground: Playground
    method: Method
    pairs: list[Pair]
    asked: list[Question]
    grader: Grader

    def change(
        self, before: Answered, after: Answered, kl: Mean | None, settings: dict[str, Any], training: dict[str, Any],
        by: str, start: str = "", best_of: int = 0, preferred: Preferred | None = None,
    ) -> PreferenceChange:  # fmt: skip
        """What is different after; `training` has seconds, calibrated_s, steps and read_tokens."""
        form, words = (
            changes.forms(self.ground.domain, self.asked, before, after),
            changes.lengths(self.asked, before, after),
        )
        right = changes.rights(self.ground.domain, self.asked, before, after)
        return PreferenceChange(
            method=self.method.name, by=by, after=start, best_of=best_of, pairs=len(self.pairs),
            questions=len({pair.question_id for pair in self.pairs}), settings=settings,
            **{key: training[key] for key in ("seconds", "calibrated_s", "steps", "read_tokens")},
            operations=training.get("operations"), preferred=preferred,
            form=form, right=right, refused=changes.refusals(self.asked, before, after), words=words,
            general=changes.generals(before, after), perplexity_before=before.perplexity,
            perplexity_after=after.perplexity, kl=kl, examples=self._examples(before, after),
            sentence=changes.sentence_of(form, words, right.get(OVERALL), preferred),
        )  # fmt: skip

    def preferred(
        self, model: Tunable, tokens: Sequence[TokenPair], by: str, before: Answered, after: Answered,
        progress: Progress,
    ) -> Preferred | None:  # fmt: skip
        """What a reward model of the same rankings says; None where all are of form, or too few to fit one."""
        if all(pair.by in BY_FORM for pair in self.pairs) or not enough(self.pairs):
            return None
        seed = self.ground.settings.seed
        figures, head = reward_model(model, self.method.name, self.pairs, tokens, by, seed, progress)
        prompts, facts = [one.text for one in self.method.trace(self.asked)], [one.fact_id for one in self.asked]
        return preferred_after(
            model, head, figures.accuracy, prompts, facts, before.texts, after.texts, progress
        )  # fmt: skip

    def _examples(self, before: Answered, after: Answered) -> list[Example]:
        every = max(1, len(self.asked) // _EXAMPLES)
        rows = list(zip(self.asked, before.texts, after.texts, strict=True))[::every][:_EXAMPLES]
        return [Example(question=question.question, before=early, after=late) for question, early, late in rows]


def bench_of(run: Path, name: str, by: str, limit: int, progress: Progress) -> Bench:
    """Open a run to learn from its preferences.

    Args:
        name: of the method.
        by: whose preferences; empty: everybody's.
        limit: held-out questions at most.

    Raises:
        TriviumError: there are no preferences, or no held-out questions.
    """
    rankings = read_rankings(run)
    pairs = all_pairs(rankings, by)
    if not pairs:
        whose = f" of '{by}'" if by else ""
        raise TriviumError(f"{run}: there are no preferences{whose}. `trivium prefer {run}` ranks answers.")
    ground = Playground(run, progress)
    asked = held_out(ground.domain, rankings, limit, ground.settings.seed)
    if not asked:
        raise TriviumError(f"{run}: rankings saw all test questions, so that none is left to measure with.")
    method = ground.method(name, progress)
    return Bench(ground, method, pairs, asked, Grader(language=ground.domain.settings.language))


def tune_on_preferences(
    run: Path, name: str, by: str, after: str, settings: PreferenceSettings, limit: int, progress: Progress
) -> PreferenceChange:
    """Tune on what was ranked and measure on what no ranking saw. The adapter stays in the run's folder.

    Args:
        after: go on with the adapter that was tuned on these preferences; empty: with the method as it is.

    Raises:
        TriviumError: there are no preferences, no held-out questions, or nothing can be tuned here.
    """
    require_trl()
    bench = bench_of(run, name, by, limit, progress)
    method, begin = bench.method, start_of(run, bench.method, after)
    model = need(bench.ground.model, Tunable, "preference tuning")
    start: Weights = partial(switched_on, bench.ground.model, begin) if begin else method.weights
    before = answered(method, start, bench.asked, bench.grader, progress)
    kept = adapter_folder(run, name, by, after)
    tokens = token_pairs(method, bench.pairs)
    adapter = obtain_preferred(model, tokens, settings, progress, kept, begin)
    tuned: Weights = partial(switched_on, bench.ground.model, adapter)
    late = answered(method, tuned, bench.asked, bench.grader, progress)
    some = bench.asked[:: max(1, len(bench.asked) // KL_QUESTIONS)][:KL_QUESTIONS]
    texts = [late.texts[bench.asked.index(question)] for question in some]
    far = drift(method, bench.ground.model, start, tuned, some, texts, progress)
    kl = changes.mean_of(far, [question.fact_id for question in some])
    liked = bench.preferred(model, tokens, by, before, late, progress)
    return bench.change(before, late, kl, settings.model_dump(), adapter.training, by, after, preferred=liked)
