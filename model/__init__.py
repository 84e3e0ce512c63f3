"""Language models: what is asked of one, those with weights on this machine, and one that answers from a script."""

import logging
import os

# peft imports bitsandbytes where it is installed, which then warns of kernels that nobody asked for.
logging.getLogger("bitsandbytes").setLevel(logging.ERROR)

# How long a thread waits for others at full speed (GNU OpenMP, which torch computes with) before others may have its
# processor. The default, some milliseconds, is longer than what a busy processor gives a thread at a time: beside two
# busy processes on two cores writing then took 25 times as long as alone, with this 2 times. docs/cost.md has figures.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "3000")
