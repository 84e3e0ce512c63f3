"""A checksum at the end of a JSON line, so that a line that was changed is told from one that was written.

A line ends in `,"crc32":"…"}`: the CRC-32 of all that stands before. It finds every change within 32 neighbouring bits
(Koopman and Chakravarty 2004) and is no protection against somebody who wants to deceive.
"""

import re
import zlib

_END = re.compile(rb',"crc32":"[0-9a-f]{8}"\}')
_MARK = b',"crc32":"'
_LENGTH = len(_MARK) + 8 + len(b'"}')


def with_checksum(line: bytes) -> bytes:
    """The line of an object that is not empty, with its line end, and with its checksum."""
    body = line.removesuffix(b"}\n")
    return b'%s%s%08x"}\n' % (body, _MARK, zlib.crc32(body))


def has_checksum(raw: bytes) -> bool:
    """Whether a checksum stands somewhere in the line, be it followed by more."""
    return bool(_END.search(raw))


def without_checksum(raw: bytes) -> bytes:
    """The line without its checksum, or as it is where it has none.

    Raises:
        ValueError: the checksum is that of another line.
    """
    body, end = raw[:-_LENGTH], raw[-_LENGTH:]
    wanted = b'%s%08x"}' % (_MARK, zlib.crc32(body))
    if end == wanted:
        return body + b"}"
    if end.startswith(_MARK) or _nearly(end, wanted):
        raise ValueError("its checksum does not fit, so it is not what was written")
    return raw


def _nearly(end: bytes, wanted: bytes) -> bool:
    """Whether a checksum stands there in whose name a bit or two have changed: no line ends so by itself."""
    return len(end) == len(wanted) and sum(a != b for a, b in zip(end, wanted, strict=True)) <= 2
