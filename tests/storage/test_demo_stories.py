"""The texts of the demo world: enough of them, in the language they claim, and safe to show in fixed columns."""

from __future__ import annotations

import string
import tomllib
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

STORIES_FOLDER = Path(__file__).resolve().parents[2] / "storage" / "demo"
LANGUAGES = ("en", "pl", "ru", "th")
MIN_STORIES = 60
MIN_WITHOUT_EQUIPMENT = 8
MIN_STORIES_PER_CATEGORY = 2

CATEGORIES = frozenset(
    (
        "label_printer",
        "barcode_scanner",
        "till",
        "scale",
        "router",
        "switch",
        "access_point",
        "server",
        "ups",
        "cold_room",
        "conveyor_plc",
        "badge_reader",
        "cctv",
        "payment_terminal",
        "forklift_terminal",
        "lift",
        "coffee_machine",
        "air_compressor",
        "none",
    )
)
PLACEHOLDERS = frozenset(("line", "hall", "dock", "till", "floor", "gate", "room", "n", "code", "unit"))
REQUEST_TYPES = frozenset(("fault", "request", "question", "advice"))
KINDS_BY_TELLER = {
    "us": frozenset(("call", "message", "note")),
    "customer": frozenset(("call", "message")),
    "engineer": frozenset(("work", "part", "visit")),
}
STORY_KEYS = {
    "id",
    "equipment",
    "request_type",
    "priority",
    "fault_code",
    "subject",
    "report",
    "exchange",
    "cause",
    "resolution",
}

POLISH_LETTERS = frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ")
CYRILLIC_LETTERS = frozenset(chr(point) for point in range(0x0410, 0x0450)) | frozenset("Ёё")
THAI_CHARACTERS = frozenset(chr(point) for point in range(0x0E01, 0x0E5C) if unicodedata.name(chr(point), ""))
PLAIN_ASCII = frozenset(string.ascii_letters + string.digits + string.punctuation + " ")
OWN_LETTERS: dict[str, frozenset[str]] = {
    "en": frozenset(),
    "pl": POLISH_LETTERS,
    "ru": CYRILLIC_LETTERS,
    "th": THAI_CHARACTERS,
}

Story = dict[str, Any]


@cache
def stories_of(language: str) -> list[Story]:
    with (STORIES_FOLDER / f"stories_{language}.toml").open("rb") as file:
        return list(tomllib.load(file)["story"])


def texts_of(story: Story) -> list[str]:
    told = [entry["text"] for entry in story["exchange"]]
    return [story["subject"], story["report"], *told, story["cause"], story["resolution"]]


def placeholders_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def letters_outside_placeholders(text: str) -> list[str]:
    literal = "".join(part for part, _, _, _ in string.Formatter().parse(text))
    return [char for char in literal if unicodedata.category(char)[0] in "LM"]


def repeated(values: list[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_enough_stories_to_fill_a_year_of_tickets(language: str) -> None:
    assert len(stories_of(language)) >= MIN_STORIES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("field", ["id", "subject", "report"])
def test_no_two_stories_of_a_language_look_the_same(language: str, field: str) -> None:
    assert repeated([story[field].casefold() for story in stories_of(language)]) == []


def test_no_story_is_told_twice_in_two_files() -> None:
    subjects = [story["subject"] for language in LANGUAGES for story in stories_of(language)]
    assert repeated(subjects) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_story_has_every_field_and_no_stray_one(language: str) -> None:
    wrong = [story.get("id") for story in stories_of(language) if set(story) != STORY_KEYS]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_story_names_a_known_type_priority_and_ascii_code(language: str) -> None:
    wrong = [
        story["id"]
        for story in stories_of(language)
        if story["request_type"] not in REQUEST_TYPES
        or story["priority"] not in (1, 2, 3, 4)
        or not story["id"].isascii()
        or not story["fault_code"].isascii()
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fault_always_carries_a_code_by_which_repeats_are_found(language: str) -> None:
    wrong = [s["id"] for s in stories_of(language) if (s["request_type"] == "fault") != bool(s["fault_code"])]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_subject_has_a_placeholder_so_that_subjects_vary(language: str) -> None:
    wrong = [story["id"] for story in stories_of(language) if not placeholders_in(story["subject"])]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_use_only_placeholders_the_generator_can_fill(language: str) -> None:
    unknown = {
        (story["id"], name)
        for story in stories_of(language)
        for text in texts_of(story)
        for name in placeholders_in(text) - PLACEHOLDERS
    }
    assert unknown == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_never_asks_for_a_code_or_a_unit_the_story_does_not_have(language: str) -> None:
    wrong = []
    for story in stories_of(language):
        asked = set().union(*(placeholders_in(text) for text in texts_of(story)))
        if ("code" in asked and not story["fault_code"]) or ("unit" in asked and story["equipment"] == "none"):
            wrong.append(story["id"])
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_later_texts_repeat_only_places_the_first_report_or_subject_named(language: str) -> None:
    """A number that first appears late is allowed only as `{n}`: a station, a module."""
    wrong = []
    for story in stories_of(language):
        opening = placeholders_in(story["subject"]) | placeholders_in(story["report"]) | {"n", "code"}
        later = set().union(*(placeholders_in(text) for text in texts_of(story)[2:]))
        if later - opening:
            wrong.append((story["id"], later - opening))
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_subject_fits_the_queue_and_says_enough(language: str) -> None:
    wrong = [story["subject"] for story in stories_of(language) if not 15 <= len(story["subject"]) <= 60]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_exchange_has_three_to_six_texts_from_people_who_write_such_texts(language: str) -> None:
    wrong = [
        story["id"]
        for story in stories_of(language)
        if not 3 <= len(story["exchange"]) <= 6
        or any(entry["kind"] not in KINDS_BY_TELLER[entry["who"]] for entry in story["exchange"])
        or any(set(entry) != {"who", "kind", "text"} for entry in story["exchange"])
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_category_is_told_at_least_twice_and_advice_eight_times(language: str) -> None:
    told = Counter(story["equipment"] for story in stories_of(language))
    assert set(told) == CATEGORIES
    assert min(told.values()) >= MIN_STORIES_PER_CATEGORY
    assert told["none"] >= MIN_WITHOUT_EQUIPMENT


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_or_padded(language: str) -> None:
    wrong = [
        (story["id"], text)
        for story in stories_of(language)
        for text in texts_of(story)
        if not text or text != " ".join(text.split())
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_hold_only_plain_ascii_and_letters_of_their_language(language: str) -> None:
    allowed = PLAIN_ASCII | OWN_LETTERS[language]
    stray = {char for story in stories_of(language) for text in texts_of(story) for char in text} - allowed
    assert stray == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_character_is_of_two_or_doubtful_width(language: str) -> None:
    """Unicode marks Cyrillic and the Polish l-stroke, n- and o-acute as ambiguous; only such letters may be."""
    doubtful = {
        char
        for story in stories_of(language)
        for text in texts_of(story)
        for char in text
        if unicodedata.east_asian_width(char) in "WF"
        or (unicodedata.east_asian_width(char) == "A" and char not in POLISH_LETTERS | CYRILLIC_LETTERS)
    }
    assert doubtful == set()


@pytest.mark.parametrize("language", ["ru", "th"])
def test_russian_and_thai_texts_are_written_in_their_own_script(language: str) -> None:
    for story in stories_of(language):
        for text in texts_of(story):
            letters = letters_outside_placeholders(text)
            own = sum(char in OWN_LETTERS[language] for char in letters)
            assert own >= 0.6 * len(letters), (story["id"], text)


def test_polish_texts_are_written_with_polish_letters() -> None:
    for story in stories_of("pl"):
        assert POLISH_LETTERS & set(" ".join(texts_of(story))), story["id"]
    used = {char.casefold() for story in stories_of("pl") for text in texts_of(story) for char in text}
    assert used >= set("ąćęłńóśźż")
