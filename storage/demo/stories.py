"""The fault stories of the demo world, read from their files and ready to be told about a certain machine."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "pl", "ru", "th")


@dataclass(frozen=True, slots=True)
class Story:
    """One story; `exchange` holds (who, kind, text). Texts have placeholders in braces, `number` is its place."""

    number: int
    language: str
    category: str
    request_type: str
    priority: int
    fault_code: str
    subject: str
    report: str
    exchange: tuple[tuple[str, str, str], ...]
    cause: str
    resolution: str

    @property
    def resolution_code(self) -> str:
        """How it was cured, told by what the engineers did."""
        kinds = {kind for _, kind, _ in self.exchange}
        for kind, code in (("part", "part_replaced"), ("visit", "fixed_on_site"), ("work", "fixed_remotely")):
            if kind in kinds:
                return code
        return "answered"


@cache
def all_stories() -> tuple[Story, ...]:
    """Every story of every language; `number` is the index in this tuple."""
    stories: list[Story] = []
    for language in LANGUAGES:
        with (Path(__file__).parent / f"stories_{language}.toml").open("rb") as file:
            for told in tomllib.load(file)["story"]:
                exchange = tuple((entry["who"], entry["kind"], entry["text"]) for entry in told["exchange"])
                stories.append(
                    Story(
                        len(stories),
                        language,
                        told["equipment"],
                        told["request_type"],
                        told["priority"],
                        told["fault_code"],
                        told["subject"],
                        told["report"],
                        exchange,
                        told["cause"],
                        told["resolution"],
                    )
                )
    return tuple(stories)


@cache
def stories_about(language: str, category: str) -> tuple[Story, ...]:
    """The stories of a language about a category of equipment; `none` are those about no machine."""
    return tuple(story for story in all_stories() if story.language == language and story.category == category)


def places_of(spot: int) -> dict[str, int]:
    """The halls, lines and doors around the machine that stands at `spot`, by placeholder."""
    return {
        "hall": 1 + spot % 9,
        "line": 1 + spot // 9 % 8,
        "dock": 1 + spot // 5 % 12,
        "till": 1 + spot // 3 % 14,
        "floor": 1 + spot // 7 % 9,
        "gate": 1 + spot // 11 % 12,
        "room": 101 + spot // 2 % 40 + 100 * (spot // 13 % 5),
    }
