"""Typing slips: whether one word became another by a single wrong, missing, extra or swapped letter."""

from __future__ import annotations

SHORTEST_FORGIVEN = 5
"""Letters of the shortest word in which a slip is forgiven: in shorter ones every slip is another word."""


def is_one_slip(typed: str, meant: str) -> bool:
    """True when exactly one letter of `typed` is wrong, missing, extra or swapped with its neighbour.

    Both are folded words; what was meant has at least five letters. Equal words differ by none.
    """
    if len(meant) < SHORTEST_FORGIVEN or typed == meant:
        return False
    gap = len(meant) - len(typed)
    if gap not in (-1, 0, 1):
        return False
    start = _common_start(typed, meant)
    if gap == 1:
        return typed[start:] == meant[start + 1 :]
    if gap == -1:
        return typed[start + 1 :] == meant[start:]
    if typed[start + 1 :] == meant[start + 1 :]:
        return True
    is_swapped = typed[start : start + 2] == meant[start : start + 2][::-1]
    return is_swapped and typed[start + 2 :] == meant[start + 2 :]


def kept_ends(typed: str) -> tuple[str, str]:
    """A beginning and an end of `typed`, one of which every word has that it is one slip from.

    One letter is left out between them, so that two swapped neighbours never touch both.
    """
    middle = len(typed) // 2
    return typed[:middle], typed[middle + 1 :]


def _common_start(one: str, other: str) -> int:
    for place, (first, second) in enumerate(zip(one, other, strict=False)):
        if first != second:
            return place
    return min(len(one), len(other))
