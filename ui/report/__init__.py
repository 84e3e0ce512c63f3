"""Which method to take, and what that rests on."""
