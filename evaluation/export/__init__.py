"""What a method of a finished run needs to answer elsewhere, and nothing else."""
