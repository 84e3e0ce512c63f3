"""Documents and questions: looked at, edited, drafted, uploaded, checked."""
