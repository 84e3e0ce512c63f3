"""Language models: what is asked of one, those with weights on this machine, and one that answers from a script."""

import logging

# peft imports bitsandbytes where it is installed, which then warns of kernels that nobody asked for.
logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
