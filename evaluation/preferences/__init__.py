"""Several answers to a question, ranked by people or by a rule."""
