"""Wall-clock texts of a source made into instants, strictly by the formats its mapping names."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from core.clock import Instant

CACHED_TEXTS = 200_000
_LETTERS = {
    "Y": r"(?P<Y>\d{4})",
    "m": r"(?P<m>\d{1,2})",
    "d": r"(?P<d>\d{1,2})",
    "H": r"(?P<H>\d{1,2})",
    "M": r"(?P<M>\d{2})",
    "S": r"(?P<S>\d{2})",
    "f": r"\d{1,9}",
    "z": r"(?P<z>Z|[+-]\d{2}:?\d{2})",
    "%": "%",
}


class TimeFormatBroken(ValueError):
    """A format that cannot be read by."""


def check_format(text: str) -> re.Pattern[str]:
    """The format as a pattern; TimeFormatBroken when a letter is unknown, stands twice, or the date is not whole."""
    parts: list[str] = []
    seen: list[str] = []
    rest = iter(text)
    for character in rest:
        if character != "%":
            parts.append(re.escape(character))
            continue
        letter = next(rest, "")
        if letter not in _LETTERS or (letter in seen and letter != "%"):
            raise TimeFormatBroken(f"the time format {text!r} cannot be read at %{letter}")
        seen.append(letter)
        parts.append(_LETTERS[letter])
    if not {"Y", "m", "d"} <= set(seen):
        raise TimeFormatBroken(f"the time format {text!r} has no whole date")
    # A part that is not written gets an empty group, so that every match has all of them.
    parts += [f"(?P<{letter}>)" for letter in "HMSz" if letter not in seen]
    return re.compile("".join(parts), re.ASCII)


def check_zone(name: str) -> bool:
    """True when the zone is in the time zone list."""
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return False
    return True


class TimeReader:
    """Reads times of one source; a text that fits no format, or names no real day, is None."""

    def __init__(self, formats: list[str], zone: str | None) -> None:
        self._patterns = [check_format(text) for text in formats]
        self._zone = ZoneInfo(zone) if zone else None
        self._known: dict[str, Instant | None] = {}
        self.skipped: set[str] = set()
        """Texts met so far that no clock of the zone ever showed, because it was put forward over them."""

    def read(self, text: str) -> Instant | None:
        """The instant of `text` in whole seconds; an hour that the clock shows twice is taken as the first.

        An hour that the clock leaves out is read as if it had not been put forward yet, and stands in `skipped`.
        """
        try:
            return self._known[text]
        except KeyError:
            pass
        if len(self._known) >= CACHED_TEXTS:
            self._known.clear()
            self.skipped.clear()
        found = self._known[text] = self._parse(text)
        return found

    def _parse(self, text: str) -> Instant | None:
        for pattern in self._patterns:
            match = pattern.fullmatch(text)
            if match is None:
                continue
            *numbers, offset = match.group("Y", "m", "d", "H", "M", "S", "z")
            year, month, day, hour, minute, second = [int(number or 0) for number in numbers]
            try:
                moment = datetime(year, month, day, hour, minute, second, tzinfo=self._zone or UTC)
                if offset:
                    moment -= _offset(offset)
                instant = Instant(round(moment.timestamp()))
                # Back on the clock the time differs when the clock never showed it.
                if self._zone and datetime.fromtimestamp(instant, self._zone).timetuple() != moment.timetuple():
                    self.skipped.add(text)
                return instant
            except (ValueError, OverflowError):
                continue
        return None


def _offset(text: str) -> timedelta:
    if text == "Z":
        return timedelta()
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timedelta(minutes=-minutes if text[0] == "-" else minutes)
