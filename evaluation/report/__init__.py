"""What a run shows, from results.json."""
