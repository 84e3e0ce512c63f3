"""`trivium serve`: the methods of a run, or an export, behind OpenAI's protocol."""

from pathlib import Path
from typing import Annotated

import typer

from data.errors import TriviumError
from evaluation.cli.terminal import console, say

SERVE_EXAMPLES = (
    "\b\nExamples:\n  trivium serve runs/my-run                     # every method of the run, each a model\n"
    "  trivium serve service --port 9000             # what trivium export wrote\n"
    "  trivium serve runs/my-run --runs runs --start-runs\n"
    "  curl localhost:8321/v1/ask -H 'Content-Type: application/json' -d '{\"question\": \"How long is it kept?\"}'\n"
    "  TRIVIUM_SERVE_KEY=$(openssl rand -hex 24) trivium serve service --host 0.0.0.0 --allow-host ask.example.org"
)


def serve(
    path: Annotated[Path, typer.Argument(metavar="RUN|EXPORT", help="Folder of a finished run, or of an export.")],
    methods: Annotated[str, typer.Option(help="Comma-separated [default: all that can answer by themselves].")] = "",
    host: Annotated[
        str, typer.Option(help="Address to listen at [default: 127.0.0.1]; beyond this machine a key is needed.")
    ] = "",
    port: Annotated[int | None, typer.Option(help="[default: 8321]; 0: any that is free.")] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A name under which the server is reached; may be given several times.")
    ] = None,
    model: Annotated[str, typer.Option(help="Where the run's model lies on this machine, if elsewhere.")] = "",
    embedder: Annotated[str, typer.Option(help="The same for the embedding model.")] = "",
    device: Annotated[str, typer.Option(help="cpu, cuda or mps [default: the run's].")] = "",
    runs: Annotated[
        Path | None, typer.Option(help="Folder with runs that /v1/runs lists, with results and reports.")
    ] = None,
    start_runs: Annotated[
        bool, typer.Option("--start-runs", help="Let clients start and stop runs there, on domains around that folder.")
    ] = False,
    queue: Annotated[int | None, typer.Option(help="Requests that wait at most [default: 256].")] = None,
    time_limit: Annotated[float | None, typer.Option(help="Seconds for one request [default: 120].")] = None,
) -> None:
    """Answer over HTTP as OpenAI's clients expect it; answers are those of the run.

    Settings come from options, then serve.toml of an export. A key is read from TRIVIUM_SERVE_KEY alone.
    """
    from evaluation.cli.display import Display
    from evaluation.export.folder import read_serve_settings
    from evaluation.run.registry import chosen_methods

    try:
        from evaluation.serve.answering import Answering, kept_at
        from evaluation.serve.server import address_of, open_socket, rules_of, run
    except ModuleNotFoundError as error:
        raise TriviumError(f"{error.name} is not installed. Run `pip install 'trivium[serve]'`.") from error

    chosen = {
        "host": host or None, "port": port, "allow_hosts": tuple(allow_host) if allow_host else None,
        "model": model or None, "embedder": embedder or None, "device": device or None, "queue": queue,
        "time_limit": time_limit, "runs": str(runs) if runs else None, "start_runs": start_runs or None,
    }  # fmt: skip
    if start_runs and not runs:
        raise TriviumError("--start-runs needs --runs FOLDER, the folder in which runs are made.")
    settings = read_serve_settings(path).with_options(
        {key: value for key, value in chosen.items() if value is not None}
    )
    rules = rules_of(settings)
    with open_socket(settings.host, settings.port) as listening:
        with Display(console) as display:
            display("reading what is served")
            kept, why = kept_at(path, chosen_methods(methods) if methods else ())
            answering = Answering(kept, settings, display)
        for name, reason in why.items():
            say(f"  not served: {name}: {reason}")
        address = address_of(listening)
        say(f"Models: {', '.join(answering.methods)}")
        say(f"Listening at {address}/v1 (OpenAPI: {address}/openapi.json). Ctrl-C stops.")
        run(listening, answering, settings, rules)
    say("Stopped; all accepted requests were answered.")
