"""The workspace: the folder with the runs, and the domains that lie around it."""

import sys
from dataclasses import dataclass
from pathlib import Path

from evaluation.run.folder import RunFolder


@dataclass(frozen=True)
class Workspace:
    """Where the app reads and writes: the folder with the runs, and the folder around it, in which domains lie."""

    runs: Path

    @property
    def root(self) -> Path:
        return self.runs.parent

    def all_runs(self) -> list[Path]:
        """Folders of runs in any state, the newest first."""
        found = self.runs.glob("*/run.json")
        return [path.parent for path in sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)]

    def finished(self) -> list[Path]:
        """Runs that have results, the newest first."""
        found = self.runs.glob("*/results.json")
        return [path.parent for path in sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)]

    def domains(self) -> list[Path]:
        """Folders with a documents/ folder, here or one level down."""
        found = [*self.root.glob("*/documents"), *self.root.glob("*/*/documents")]
        hidden = (path for path in found if not any(part.startswith(".") for part in path.relative_to(self.root).parts))
        return sorted(path.parent for path in hidden if path.is_dir() and self.runs not in path.parents)

    def name(self, path: Path) -> str:
        """A path inside the workspace as a person would write it."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)

    def run(self, name: str) -> RunFolder:
        return RunFolder(self.runs / name)


def server() -> str:
    """Address of the running server that the playground asks; empty: it loads models itself."""
    return sys.argv[2] if len(sys.argv) > 2 else ""


def workspace() -> Workspace:
    """The one that `trivium ui` was started for."""
    return Workspace(Path(sys.argv[1] if len(sys.argv) > 1 else "runs").resolve())
