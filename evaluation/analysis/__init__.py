"""Numbers about a finished run."""
