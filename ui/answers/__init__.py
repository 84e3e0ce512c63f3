"""Every answer of a run: found, opened, compared, graded by a person."""
