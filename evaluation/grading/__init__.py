"""Is this answer right: text in, grade out."""
