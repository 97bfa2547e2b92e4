"""Whatever is written on a pane can be read, in every theme that ships."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from themes.load import Palette, shipped
from themes.roles import ALLOWED, GROUNDS, INKS, ROLES

ENOUGH = 4.5
"""WCAG 2.2, 1.4.3."""

SHIPPED = sorted(path.stem for path in (Path(__file__).resolve().parents[2] / "themes").glob("*.toml"))
PAIRS = [(ink, ground) for ground, inks in ALLOWED.items() for ink in inks] + [("breach_ink", "breach_fill")]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_measure_is_the_one_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_every_theme_file_is_looked_at() -> None:
    assert "dark" in SHIPPED


@pytest.mark.parametrize(("name", "pair"), product(SHIPPED, PAIRS), ids=str)
def test_every_ink_can_be_read_on_the_grounds_it_stands_on(name: str, pair: tuple[str, str]) -> None:
    roles = shipped(name).roles
    ink, ground = pair
    assert contrast(roles[ink], roles[ground]) >= ENOUGH


@pytest.mark.parametrize("name", SHIPPED)
def test_a_theme_says_every_role_and_its_own_name(name: str) -> None:
    palette: Palette = shipped(name)
    assert sorted(palette.roles) == sorted(ROLES)
    assert palette.name == name


@pytest.mark.parametrize("name", SHIPPED)
def test_a_dark_theme_is_dark_and_a_light_one_light(name: str) -> None:
    palette = shipped(name)
    assert (luminance(palette.roles["ground"]) < luminance(palette.roles["text"])) == palette.is_dark


@pytest.mark.parametrize("name", SHIPPED)
def test_panes_are_told_apart_by_their_grounds(name: str) -> None:
    roles = shipped(name).roles
    assert len({roles[ground] for ground in GROUNDS}) == len(GROUNDS)


def test_every_ground_says_which_inks_it_takes() -> None:
    assert sorted(ALLOWED) == sorted(GROUNDS)
    assert {ink for inks in ALLOWED.values() for ink in inks} == set(INKS)
