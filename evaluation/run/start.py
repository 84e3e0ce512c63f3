"""Begin a run in a new folder, or go on with the same one where it stopped."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from data import lock
from data.errors import TriviumError
from data.leaks import Leak
from data.progress import ScopedProgress
from data.schema import Domain
from evaluation.run.actors import actors_of
from evaluation.run.fitting import fitted, told
from evaluation.run.folder import RunFolder
from evaluation.run.memory_need import memory_findings
from evaluation.run.plan import Plan
from evaluation.run.registry import spec_of
from evaluation.run.rounds import Look
from evaluation.run.run_record import new_record
from evaluation.run.runner import MethodFinished, Runner
from evaluation.run.settings import FREE, RunSettings
from model.registry import load_model
from rag.vectors import check_index


def start_or_continue(
    domain: Domain,
    settings: RunSettings,
    plan: Plan,
    path: Path,
    digest: str,
    progress: ScopedProgress,
    leaks: Sequence[Leak] = (),
    look: Look | None = None,
) -> Iterator[MethodFinished]:
    """Run into `path`: a new folder, or one in which the same run was begun before. Yields after each method.

    Args:
        look: of a run until decided: at the answers, after each round.

    Raises:
        TriviumError: the folder holds something else, or the index lacks its server.
    """
    folder = RunFolder(path)
    if folder.exists():
        if folder.record()["digest"] != digest:
            raise TriviumError(f"{path}: another run is kept there (other settings or data). Choose another --out.")
    elif path.exists() and any(entry.name not in lock.FILES for entry in path.iterdir()):
        raise TriviumError(f"{path}: the folder is not empty and holds no run. Choose another --out.")
    if settings.search_by != "words" and any(spec_of(name).context == "search" for name in settings.methods):
        check_index(settings.index)
    progress("predicting the memory that this takes")
    for finding in (found := memory_findings(domain, plan, settings)):
        progress.note(str(finding))
    domain = domain.model_copy(update={"findings": (*domain.findings, *found)})
    progress(f"loading the model {settings.model}")
    path.mkdir(parents=True, exist_ok=True)  # fail early where the folder is not writable
    model = load_model(settings.model, settings.model_options.told(progress))
    if folder.exists():
        free = {key: getattr(settings, key) for key in FREE}
        settings = RunSettings.model_validate(folder.record()["settings"] | free)
    else:
        asked, settings = settings, fitted(settings, model)
        model.notes += told(asked, settings, model)
        folder.save_record(new_record(domain, settings, plan, path.name, digest, leaks))
    with (
        actors_of(settings, model, progress) as actors,
        closing(Runner(domain, settings, plan, model, folder, progress, look=look, actors=actors)) as runner,
    ):
        yield from runner.run()
