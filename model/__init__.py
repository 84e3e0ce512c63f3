"""Language models: what is asked of one, those with weights on this machine, and one that answers from a script."""
