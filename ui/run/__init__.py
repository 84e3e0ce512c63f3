"""Runs: started, watched, stopped, resumed, deleted."""
