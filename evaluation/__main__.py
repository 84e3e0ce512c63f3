"""`python -m evaluation` is the `trivium` command."""

from evaluation.cli.main import main

main()
