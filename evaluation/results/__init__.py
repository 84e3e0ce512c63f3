"""The file results.json: what it holds, and how older ones are read."""
