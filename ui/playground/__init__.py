"""One question to every method of a running model."""
