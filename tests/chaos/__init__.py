"""Runs that are disturbed on purpose: `make chaos`."""

import os

# A training rounds differently on another number of threads; a series may go on in another shell.
os.environ.setdefault("OMP_NUM_THREADS", "1")
