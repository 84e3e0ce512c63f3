"""Several answers to a question, ranked by people or a rule; a model that learns to prefer; and what that changed."""
