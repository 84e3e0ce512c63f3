"""Methods of a run behind HTTP, as OpenAI's clients expect it."""
