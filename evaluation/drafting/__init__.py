"""What happens before a run: checking a domain, drafting its questions."""
