"""Ask for canaries: a system of the user's, whose answers are kept as they come, or the saved answers of a run."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from data import jsonl
from data.errors import TriviumError
from data.progress import Progress, silent
from data.prompt import instruction_in, prompt_in
from evaluation.canary.check import Heard
from evaluation.canary.manifest import Given, Manifest
from evaluation.contest.address import PREFIX
from evaluation.contest.asking import ask_all
from evaluation.contest.system import Failure, Limits, Request, open_system
from evaluation.run.folder import RunFolder
from evaluation.run.records import Answer, Phase
from evaluation.run.registry import MethodSpec, spec_of

CHECKS = "checks"  # folder with the answers of each check


def _requests(manifest: Manifest) -> list[Request]:
    language = manifest.language
    instruction = prompt_in(language).system.format(instruction=instruction_in(language))
    return [Request(canary.id, canary.question, instruction, language) for canary in manifest.canaries]


def ask_system(
    folder: Path, manifest: Manifest, name: str, address: str, given: Given, limits: Limits, skip: bool = False,
    progress: Progress = silent,
) -> list[Heard]:  # fmt: skip
    """Ask a system for every canary. A check that was stopped goes on; one that was finished is made anew.

    Raises:
        TriviumError: it is not there, or does not answer a question and `skip` is not set.
    """
    done = folder / CHECKS / f"{name.removeprefix(PREFIX)}-{given}.jsonl"
    part = done.with_suffix(".part.jsonl")
    part.parent.mkdir(exist_ok=True)
    heard = jsonl.read_models(part, Heard, torn=True)
    known = {one.id for one in heard}
    left = [request for request in _requests(manifest) if request.id not in known]
    with closing(open_system(name, address, limits)) as system:
        try:
            system.ready()
            for outcome in ask_all(system, left, limits.at_once, skip):
                reply = outcome.reply
                passages = None if reply is None or reply.passages is None else tuple(p.text for p in reply.passages)
                one = Heard(id=left[outcome.place].id, answer=reply.answer if reply else None, passages=passages)
                jsonl.append(part, [one])
                heard.append(one)
                progress("asking for canaries", len(heard), len(manifest.canaries))
        except Failure as failure:
            raise TriviumError(
                f"{name} ({address}): {failure.reason}. {len(heard)} of {len(manifest.canaries)} answers are kept: run "
                "the same command again to go on, or with --skip-unanswered to leave out what it does not answer."
            ) from failure
    part.replace(done)
    return heard


def of_run(run: RunFolder, manifest: Manifest) -> Iterator[tuple[str, Given, list[Heard]]]:
    """Method, state and answers of a run over the planted domain, before and after its documents changed.

    The bare model was never given the documents; a model that was trained on them has them no more.

    Raises:
        TriviumError: the run is not finished, or asked for none of these canaries.
    """
    if run.record()["status"] != "complete":
        raise TriviumError(f"{run.path}: the run is not finished. `trivium resume {run.path}` finishes it.")
    ids = {canary.id for canary in manifest.canaries}
    record, chunks = run.record(), {row["chunk_id"]: str(row["text"]) for row in run.rows("chunks.jsonl")}
    seed, answers, found = int(record["settings"]["seed"]), run.answers(), False
    for spec in map(spec_of, record["settings"]["methods"]):
        mine = [answer for answer in answers if (answer.method, answer.seed) == (spec.name, spec.seed(seed))]
        reads = any(answer.contexts for answer in mine)
        for phase, given in _states(spec):
            if heard := [_heard(a, chunks, reads) for a in mine if a.phase == phase and _canary_of(a) in ids]:
                found = True
                yield spec.name, given, heard
    if not found:
        raise TriviumError(f"{run.path}: this run asked for none of these canaries. Run `trivium run` on their folder.")


def _states(spec: MethodSpec) -> list[tuple[Phase, Given]]:
    """Passes of a run with what the method had in each."""
    if spec.knows_nothing:
        return [("main", "never")]
    return [("main", "no-more" if spec.closed_book else "before"), ("updated", "after")]


def _canary_of(answer: Answer) -> str:
    return answer.question_id.removesuffix("-updated")


def _heard(answer: Answer, chunks: Mapping[str, str], reads: bool) -> Heard:
    """Args: reads: whether the method ever has passages in its prompt."""
    passages = tuple(chunks[context.chunk_id] for context in answer.contexts) if reads else None
    return Heard(id=_canary_of(answer), answer=answer.given, passages=passages)
