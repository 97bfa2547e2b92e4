"""One line of progress on standard error, where somebody watches: what is done, how fast, how long it will take."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SHOWN_SECONDS = 0.2
FIRST_RATE_SECONDS = 0.5

Tell = Callable[[int, int], None]


@contextmanager
def watched(doing: str, what: str) -> Iterator[Tell]:
    """Tells `doing: 12,000 of 90,000 WHAT, 40,000 a second, 2 s left`; nothing where nobody sees it."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    began = shown = time.monotonic()
    is_shown = False

    def tell(done: int, total: int) -> None:
        nonlocal shown, is_shown
        now = time.monotonic()
        if now - shown < SHOWN_SECONDS and done < total:
            return
        shown, is_shown, seconds = now, True, now - began
        rate = done / seconds if seconds >= FIRST_RATE_SECONDS else 0
        told = f", {rate:,.0f} a second, {(total - done) / rate:,.0f} s left" if rate else ""
        sys.stderr.write(f"\r{doing}: {done:,} of {total:,} {what}{told}\x1b[K")
        sys.stderr.flush()

    try:
        yield tell
    finally:
        if is_shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
