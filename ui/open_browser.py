"""Shows the app in the browser as soon as it answers: `python -m ui.open_browser http://localhost:8501`."""

import sys
import time
import webbrowser
from urllib.error import URLError
from urllib.request import urlopen

WAIT_S = 60.0


def answers(address: str, wait_s: float = WAIT_S) -> bool:
    """Whether the app at this address answers before the time is over."""
    ends = time.monotonic() + wait_s
    while time.monotonic() < ends:
        try:
            with urlopen(f"{address}/_stcore/health", timeout=5):
                return True
        except (URLError, OSError):
            time.sleep(0.2)
    return False


if __name__ == "__main__" and answers(sys.argv[1]):
    webbrowser.open(sys.argv[1])
