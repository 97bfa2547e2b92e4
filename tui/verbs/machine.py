"""What the operating system knows of the person at it: their name and their time zone."""

from __future__ import annotations

import os
import zoneinfo
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from core.text import plain, storable

LOCALTIME, TIMEZONE = Path("/etc/localtime"), Path("/etc/timezone")


def login_name() -> str:
    """The full name of the OS user, else the login name, else nothing."""
    import pwd

    try:
        entry = pwd.getpwuid(os.getuid())
    except KeyError:
        return storable(plain(os.environ.get("USER", "")))[0].strip()
    full = entry.pw_gecos.split(",")[0].strip() or entry.pw_name
    return storable(plain(full))[0].strip()


def machine_zone() -> str:
    """The zone of this machine: `TZ`, the link /etc/localtime, the file /etc/timezone; UTC when none is known."""
    for guess in (_from_variable(), _from_link(), _from_file()):
        if is_zone(guess):
            return guess
    return "UTC"


def _from_variable() -> str:
    return os.environ.get("TZ", "").removeprefix(":").rpartition("zoneinfo/")[2]


def _from_link() -> str:
    try:
        return str(LOCALTIME.readlink()).rpartition("zoneinfo/")[2]
    except OSError:
        return ""


def _from_file() -> str:
    try:
        return TIMEZONE.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def is_zone(name: str) -> bool:
    """Whether clocks can be kept in the zone called `name`."""
    return name in _zones()


def zones_like(name: str, most: int = 5) -> list[str]:
    """Zones a person may have meant: the same letters in another case, a city's name, a slip of a key."""
    wanted = name.strip().casefold().replace(" ", "_")
    by_name = {zone.casefold(): zone for zone in _zones()}
    by_city = {zone.casefold().rpartition("/")[2]: zone for zone in sorted(_zones(), reverse=True)}
    found = [by_name[match] for match in get_close_matches(wanted, by_name, n=most, cutoff=0.75)]
    found += [by_city[match] for match in get_close_matches(wanted, by_city, n=most, cutoff=0.7)]
    return list(dict.fromkeys(found))[:most]
