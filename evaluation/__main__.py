"""`python -m evaluation` is the `trivium` command."""

from evaluation.cli import main

main()
