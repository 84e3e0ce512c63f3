"""A training, watched and taken apart."""
