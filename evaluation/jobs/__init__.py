"""Commands as processes of their own that wait for each other and outlive who started them."""
