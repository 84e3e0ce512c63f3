"""`trivium push` and `trivium pull`: folders of runs on object storage."""

from pathlib import Path
from typing import Annotated

import typer

from evaluation.cli.terminal import RunPath, console, say

PUSH_EXAMPLES = (
    "\b\nExamples:\n  trivium push runs/my-run s3://bucket/my-run       # pip install s3fs; keys as S3's tools do\n"
    "  trivium push runs/my-run file:///mnt/share/my-run"
)
PULL_EXAMPLES = (
    "\b\nExamples:\n  trivium pull s3://bucket/my-run runs/my-run\n"
    "  trivium report runs/my-run                         # reads the copy: every command reads folders"
)
Url = Annotated[
    str, typer.Argument(help="Address of a folder on a storage that fsspec knows, such as s3://bucket/run.")
]


def push(run: RunPath, url: Url) -> None:
    """Copy a run to object storage: every file with its digest, the list of them last, never over another run."""
    from data.pushed import push as push_folder
    from evaluation.cli.display import Display
    from evaluation.run.folder import RunFolder
    from evaluation.run.mending import refuse_damaged

    RunFolder(run).record()
    with Display(console) as display:
        display("reading the run")
        refuse_damaged(RunFolder(run))
        pushed = push_folder(run, url, display)
    say(f"{len(pushed.files):,} files of {run}, {pushed.size:,} bytes, lie at {url}.")


def pull(
    url: Url,
    out: Annotated[Path, typer.Argument(help="Folder to write; new or empty.")],
) -> None:
    """Copy a pushed run to this machine; it is there when every file is what was pushed, or not at all."""
    from data.pushed import pull as pull_folder
    from evaluation.cli.display import Display

    with Display(console) as display:
        display("reading the list of files")
        pulled = pull_folder(url, out, display)
    say(f"{len(pulled.files):,} files, {pulled.size:,} bytes, written to {out}; brought there by {pulled}.")
