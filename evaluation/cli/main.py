"""The `trivium` command: its parts, and errors as one sentence. Heavy imports stand inside functions."""

import errno
import sys

import typer

from data.errors import TriviumError
from evaluation.cli import app as app_command
from evaluation.cli import (
    ask,
    canary,
    cost,
    domain,
    drill,
    export,
    grading,
    lab,
    prefer,
    reader,
    report,
    run,
    serve,
    storage,
)
from evaluation.cli.run_options import Grouped
from evaluation.cli.terminal import never_fail_to_print
from evaluation.printable import PrintableConsole
from model.memory import is_out_of_memory

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Which method answers best from your documents: context injection, retrieval or LoRA fine-tuning?",
    epilog="\b\nExamples:\n  trivium run data/orrin_ferries --profile smoke\n  trivium ui\n  trivium run --help",
)
INTERRUPTED = 130  # the exit code that typer gives to Ctrl-C
_STOPPED = "Stopped. What was done is kept; the same command continues from here."

app.command(cls=Grouped, epilog=run.RUN_EXAMPLES)(run.run)
app.command(epilog=run.RESUME_EXAMPLES)(run.resume)
app.command(epilog=run.SCORE_EXAMPLES)(run.score)
app.command(epilog=report.REPORT_EXAMPLES)(report.report)
app.command(epilog=ask.ASK_EXAMPLES)(ask.ask)
app.command(epilog=export.EXPORT_EXAMPLES)(export.export)
app.command(epilog=serve.SERVE_EXAMPLES)(serve.serve)
app.command(epilog=prefer.PREFER_EXAMPLES)(prefer.prefer)
app.command(epilog=storage.PUSH_EXAMPLES)(storage.push)
app.command(epilog=storage.PULL_EXAMPLES)(storage.pull)
app.add_typer(reader.app, name="reader")
app.add_typer(canary.app, name="canary")
app.command(name="import", epilog=domain.IMPORT_EXAMPLES)(domain.import_)
app.command(epilog=domain.INIT_EXAMPLES)(domain.init)
app.command(epilog=domain.REVIEW_EXAMPLES)(domain.review)
app.command(cls=Grouped, epilog=domain.CHECK_EXAMPLES)(domain.check)
app.command(epilog=grading.GRADE_EXAMPLES)(grading.grade)
app.command(epilog=grading.COMPARE_EXAMPLES)(grading.compare)
app.command(epilog=grading.GATE_EXAMPLES)(grading.gate)
app.command(epilog=cost.COST_EXAMPLES)(cost.cost)
app.command(epilog=lab.TRAIN_EXAMPLES)(lab.train)
app.command(epilog=drill.DRILL_EXAMPLES)(drill.drill)
app.command(epilog=drill.STUDY_EXAMPLES)(drill.study)
app.command(epilog=app_command.UI_EXAMPLES)(app_command.ui)


def _sentence(error: OSError) -> str:
    reason = {
        errno.ENOSPC: "the disk is full. Make room",
        errno.EROFS: "the file system is read-only. Choose another --out",
        errno.EACCES: "writing or reading is not permitted. Choose another --out or change the permissions",
    }.get(error.errno or 0, f"{error.strerror or error}. Choose another place")
    return f"{error.filename or 'the run folder, or the output'}: {reason}, then run the same command again."


def main() -> None:
    """Entry point: errors meant for people become one sentence and an exit code."""
    never_fail_to_print()
    error_console = PrintableConsole(stderr=True)
    try:
        app()
    except TriviumError as error:
        error_console.print(f"trivium: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except OSError as error:
        error_console.print(f"trivium: {_sentence(error)}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        told = "not enough memory. End other programs, or use a smaller model, --load-in 4bit or --batch-size 8."
        error_console.print(f"trivium: {told}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
    except KeyboardInterrupt:  # while the command is put together; later typer makes an exit code of it
        error_console.print(_STOPPED)
        sys.exit(INTERRUPTED)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            error_console.print(_STOPPED)
        raise
