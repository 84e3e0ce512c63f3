"""What is asked, of whom, and where it is written."""
