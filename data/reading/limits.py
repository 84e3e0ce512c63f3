"""How much is read: of one file, for how long, with how much memory."""

MAX_BYTES = 50 * 2**20  # of a file, of what an archive unpacks to, of the text; a larger one is a collection
SECONDS = 120  # for one file
MEMORY = 4 * 2**30  # bytes of address space of the process that reads


def mebibytes(size: int) -> str:
    """
    >>> mebibytes(50 * 2**20)
    '50 MiB'
    """
    return f"{size / 2**20:,.0f} MiB"
