"""What a search asks for, and what a slip may have been, as plain texts."""

from __future__ import annotations

import random

import pytest

from core.near_words import is_one_slip
from core.search_words import (
    is_forgiven,
    is_run_on,
    learnt_words,
    normal,
    place_of,
    slip_expression,
    sought,
    trigrams,
)


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("Printer jam", ("printer", "jam")),
        ("  ŁĄKA,  zażółć! ", ("laka", "zazolc")),
        ("p-632", ("p 632",)),
        ("ab c", (" ab", " c")),
        ("jam jam", ("jam",)),
        ("?! -", ()),
        ("\0\ud800", ()),
        ("พิมพ์", ("พิมพ์",)),
    ],
)
def test_a_search_is_parts_that_all_have_to_be_there(typed: str, parts: tuple[str, ...]) -> None:
    assert sought(typed) == parts


def test_every_part_that_is_there_is_there_by_its_trigrams() -> None:
    text = normal("Wałek dociskowy P-632: zacięty — ลิฟต์ค้างชั้น 2")
    for part in ("walek", " do", "p 632", "ciet", "ค้าง"):
        assert part in text and all(three in text for three in trigrams(part))


@pytest.mark.parametrize(
    ("text", "part", "there"),
    [
        ("Nowy wałek, pilne", "walek", "wałek"),
        ("Nowy wałek, pilne", "ale", "wałek"),
        ("STRASSE und Straße", "strasse u", "STRASSE und"),
        ("Maße und Straße", "strasse", "Straße"),
        ("Drukarka P-632 stoi", "p 632", "P-632"),
        ("สวัสดีเครื่องพิมพ์", "พิมพ์", "สวัสดีเครื่องพิมพ์"),
        ("x", "y", None),
    ],
)
def test_a_hit_is_placed_in_the_text_as_it_was_written(text: str, part: str, there: str | None) -> None:
    place = place_of(text, part)
    assert (place and text[place.at : place.at + place.length]) == there


def test_a_slip_inside_letters_without_blanks_is_what_a_slip_is() -> None:
    rng = random.Random(3)
    for _ in range(3_000):
        meant = "".join(rng.choices("กขคง่า", k=rng.randint(5, 8)))
        typed = "".join(rng.choices("กขคง่า", k=len(meant) + rng.choice((-1, 0, 1))))
        place = rng.randrange(len(meant))
        typed = rng.choice((typed, meant[:place] + meant[place + 1 :], meant[:place] + "ก" + meant[place + 1 :]))
        if is_one_slip(typed, meant):
            # What lacks its first or last letter is there as it is.
            assert typed in meant or slip_expression(typed).search(f" คง{meant}คง"), (typed, meant)


def test_words_with_digits_and_scripts_without_blanks_are_not_learnt() -> None:
    assert learnt_words(" drukarka e1100 ab หยุดทำงาน насосы") == {"drukarka", "насосы"}
    assert is_run_on("หยุด") and not is_run_on("насос")
    assert is_forgiven("druk") and not is_forgiven("dru") and not is_forgiven("15p73") and not is_forgiven("p 632")
