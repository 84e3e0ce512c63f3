"""What each method costs under the reader's own volume and prices."""
