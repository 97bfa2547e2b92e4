"""A theme with a mistake is answered with one sentence that names file and mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from themes.load import ThemeBroken, from_file, shipped
from themes.roles import ROLES


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "mine.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def roles_text(**changes: str) -> str:
    colours = {**shipped("dark").roles, **changes}
    return "[roles]\n" + "".join(f'{role} = "{colour}"\n' for role, colour in colours.items() if colour)


def sentence(path: Path) -> str:
    with pytest.raises(ThemeBroken) as broken:
        from_file(path)
    said = str(broken.value)
    assert "mine" in said and "\n" not in said
    return said


def test_a_theme_of_ones_own_is_read(tmp_path: Path) -> None:
    palette = from_file(written(tmp_path, 'name = "dusk"\nis_dark = false\n' + roles_text(text="#ABCDEF")))
    assert (palette.name, palette.is_dark, palette.roles["text"]) == ("dusk", False, "#ABCDEF")


def test_a_theme_without_a_name_is_called_like_its_file(tmp_path: Path) -> None:
    assert from_file(written(tmp_path, roles_text())).name == "mine"


def test_a_missing_role_is_named(tmp_path: Path) -> None:
    assert "missing: due" in sentence(written(tmp_path, roles_text(due="")))


def test_an_unknown_role_is_named(tmp_path: Path) -> None:
    assert "unknown: glitter" in sentence(written(tmp_path, roles_text(glitter="#ffffff")))


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345g", "#1234567", "12", " #123456", "#12345\u0666"])
def test_what_is_no_colour_is_named(tmp_path: Path, colour: str) -> None:
    assert "not #rrggbb: due" in sentence(written(tmp_path, roles_text(due=colour)))


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    said = sentence(written(tmp_path, roles_text(due="", good="green", glitter="#ffffff")))
    assert all(mistake in said for mistake in ("missing: due", "unknown: glitter", "not #rrggbb: good"))


def test_an_empty_theme_misses_every_role(tmp_path: Path) -> None:
    assert all(role in sentence(written(tmp_path, "")) for role in ROLES)


@pytest.mark.parametrize(
    "text",
    ["[roles\n", 'roles = "all black"\n', "roles = 5\n", "roles = [1, 2]\n", b'name = "\xff\xfe"\n'],
    ids=["no TOML", "roles a text", "roles a number", "roles a list", "no UTF-8"],
)
def test_a_file_that_is_no_theme_is_told_in_a_sentence(tmp_path: Path, text: str | bytes) -> None:
    sentence(written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "No such file" in sentence(tmp_path / "mine.toml")


def test_a_folder_is_no_theme(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").mkdir()
    sentence(tmp_path / "mine.toml")


def test_a_theme_that_does_not_ship_is_told_in_a_sentence() -> None:
    with pytest.raises(ThemeBroken, match=r"sepia"):
        shipped("sepia")
