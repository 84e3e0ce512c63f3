"""Systems that the user brings: how they are named and asked, and what they may say."""
