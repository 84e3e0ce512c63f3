"""`trivium export`: what a method of a finished run needs to answer elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from evaluation.cli.terminal import RunPath, console, say

EXPORT_EXAMPLES = (
    "\b\nExamples:\n  trivium export runs/my-run rag service\n"
    "  trivium export runs/my-run lora service --merged   # also a model that other programs load\n"
    "  trivium serve service"
)


def export(
    run: RunPath,
    method: Annotated[str, typer.Argument(help="One of the run's methods, such as rag or lora+rag.")],
    out: Annotated[Path, typer.Argument(help="Folder to write; new or empty.")],
    merged: Annotated[
        bool, typer.Option("--merged", help="Also the base weights with the adapter added, as safetensors.")
    ] = False,
    gguf: Annotated[
        bool, typer.Option("--gguf", help="The same as a GGUF file too, in float32; where the base model was one.")
    ] = False,
) -> None:
    """Write what one method needs, and nothing else: trained weights, index, prompt, figures, digests of every file."""
    from evaluation.cli.display import Display
    from evaluation.export.write import contents, write_export
    from evaluation.numbers import megabytes

    with Display(console) as display:
        display("reading the run")
        write_export(run, method, out, merged, gguf, display)
    for name, size in contents(out):
        say(f"  {name:<14} {megabytes(size) if size >= 2**20 else f'{size:,} bytes'}")
    say(f"Written: {out}. `trivium serve {out}` answers with it.")
