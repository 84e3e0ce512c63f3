"""Everything in dollars."""
