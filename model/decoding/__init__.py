"""Prompts on their way to answers: shared prefixes, keys and values of rows, attention, the next token."""
