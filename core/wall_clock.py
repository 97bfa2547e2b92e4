"""What the clock on the wall shows: the offsets of a zone, and open hours of local dates as instants.

The wall's time is counted in seconds as if every day had 86,400: `date.toordinal() * 86_400 + second of the day`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.clock import Instant
from core.errors import DomainError

DAY_SECONDS = 86_400
EPOCH_WALL = datetime(1970, 1, 1, tzinfo=UTC).toordinal() * DAY_SECONDS


@lru_cache(maxsize=512)
def zone(name: str, field: str = "tz") -> ZoneInfo:
    """The zone of an IANA name; a DomainError names `field` if there is none."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise DomainError("terms.zone_unknown", field=field, zone=name) from error


def offset_at(at: int, name: str) -> int:
    """Seconds that the wall is ahead of UTC."""
    offset = datetime.fromtimestamp(at, zone(name)).utcoffset()
    assert offset is not None
    return offset.days * DAY_SECONDS + offset.seconds


def wall_of(at: int, name: str) -> int:
    """What the wall shows at an instant."""
    return at + EPOCH_WALL + offset_at(at, name)


def instant_of(wall: int, name: str, latest: bool = False) -> Instant:
    """The first instant at which the wall shows `wall`, or the latest; the moment of change for a time set over."""
    at = wall - EPOCH_WALL
    stretches = offsets(name, at - 2 * DAY_SECONDS, at + 2 * DAY_SECONDS)
    if latest:
        return next(Instant(min(end, at - offset)) for start, end, offset in reversed(stretches) if at - offset > start)
    return next(Instant(max(start, at - offset)) for start, end, offset in stretches if at - offset < end)


@lru_cache(maxsize=4_096)
def offsets(name: str, low: int, high: int) -> tuple[tuple[int, int, int], ...]:
    """Stretches `(from, until, offset)` that fill `[low, high)`; looked at daily, each change found to the second."""
    stretches = []
    since, offset = low, offset_at(low, name)
    for day in range(low, high, DAY_SECONDS):
        next_day = min(high, day + DAY_SECONDS)
        if offset_at(next_day, name) != offset:
            at = _change(name, day, next_day, offset)
            stretches.append((since, at, offset))
            since, offset = at, offset_at(next_day, name)
    stretches.append((since, high, offset))
    return tuple(stretch for stretch in stretches if stretch[0] < stretch[1])


def _change(name: str, low: int, high: int, before: int) -> int:
    while high - low > 1:
        middle = (low + high) // 2
        if offset_at(middle, name) == before:
            low = middle
        else:
            high = middle
    return high


def instants(walls: list[tuple[int, int]], name: str, low: int, high: int) -> Iterator[tuple[int, int]]:
    """The instants in `[low, high)` whose wall clock is inside one of the sorted, disjoint `walls`.

    An hour that is missing adds nothing and an hour that comes twice counts twice, because each stretch of one offset
    looks at the wall for itself.
    """
    for start, end, offset in offsets(name, low, high):
        shift = EPOCH_WALL + offset
        begins = bisect_left(walls, start + shift, key=lambda wall: wall[1])
        for place in range(begins, len(walls)):
            opens, closes = walls[place]
            if opens - shift >= end:
                break
            first, last = max(opens - shift, start), min(closes - shift, end)
            if first < last:
                yield first, last


def united(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted and disjoint; what overlaps or touches is one, what is empty is gone."""
    whole: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return whole


def without(spans: Iterable[tuple[int, int]], taken: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """`spans` less what is `taken`; both sorted and disjoint, and so is what is left."""
    out = list(taken)
    left, first = [], 0
    for start, end in spans:
        while first < len(out) and out[first][1] <= start:
            first += 1
        at = start
        for begins, ends in out[first:]:
            if begins >= end:
                break
            if begins > at:
                left.append((at, begins))
            at = max(at, ends)
        if at < end:
            left.append((at, end))
    return left
