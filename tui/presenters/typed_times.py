"""Times as a dispatcher types them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from core.clock import Instant
from tui.presenters.times import local, zone


def parse_time(text: str, now: Instant, zone_name: str, *, may_have_passed: bool = False) -> Instant | None:
    """An instant from `15:00`, `30m`, `2h`, `tomorrow 9:00` or `2026-11-24 15:00`.

    A clock time that has passed means tomorrow, unless it may have passed.
    """
    told = text.strip().lower()
    if span := re.fullmatch(r"\+?(\d{1,3})\s*(m|min|h)", told):
        return Instant(now + int(span[1]) * (3600 if span[2] == "h" else 60))
    if re.match(r"\d{4}-", told):
        return _written_out(told, zone_name)
    found = re.fullmatch(r"(tomorrow\s+|jutro\s+)?(\d{1,2})[:.](\d{2})", told)
    if found is None or int(found[2]) > 23 or int(found[3]) > 59:
        return None
    here = local(now, zone_name)
    wanted = here.replace(hour=int(found[2]), minute=int(found[3]), second=0, microsecond=0)
    if found[1] or (wanted <= here and not may_have_passed):
        wanted += timedelta(days=1)
    return Instant(int(wanted.timestamp()))


def _written_out(text: str, zone_name: str) -> Instant | None:
    try:
        moment = datetime.fromisoformat(text.upper())
        at = (moment if moment.tzinfo else moment.replace(tzinfo=zone(zone_name))).timestamp()
    except (ValueError, OverflowError):
        return None
    return Instant(int(at))
