"""Runs that are disturbed on purpose: `make chaos`."""

import os

# A training rounds differently on another number of threads; a series may go on in another shell.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Commands run in other folders, and a server starts processes there.
os.environ["PYTHONPATH"] = os.pathsep.join(
    os.path.abspath(path) for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path
)
