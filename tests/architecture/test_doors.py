"""Every rule has one place: SQL in the store, colours in the themes, faults caught at their doors."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from rich.color import ANSI_COLOR_NAMES
from textual._color_constants import COLOR_NAME_TO_RGB

from tests.architecture.sources import ROOT, dotted, imports, modules, texts, tree

PUT_TOGETHER = {Path("tui/bootstrap.py"), Path("tui/command_line.py")}
THE_WRITERS_DOOR = Path("storage/actor.py")
THE_LAST_DOOR = Path("tui/command_line.py")

_SQL = re.compile(
    r"\b(?:SELECT\b.+?\bFROM|INSERT\s+(?:OR\s+\w+\s+)?INTO|DELETE\s+FROM|UPDATE\s+\w+\s+SET|CREATE\s+(?:UNIQUE\s+)?(?:TABLE|INDEX)"
    r"|PRAGMA\s+\w+|BEGIN\s+IMMEDIATE)\b",
    re.S,
)
_HEX = re.compile(r"#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3})(?![0-9A-Za-z_-])")
_RULE = re.compile(
    r"\b(?:color|background|tint|background-tint|border[\w-]*|outline[\w-]*|scrollbar-\w*color[\w-]*)\s*:([^;}]*)"
)
_COLOUR_NAMES = {name for name in {*ANSI_COLOR_NAMES, *COLOR_NAME_TO_RGB} if name not in ("default", "transparent")}
_TAKES_A_COLOUR = {"color", "bgcolor", "style", "background", "foreground"}


def test_sql_is_written_in_storage_only() -> None:
    found = [
        f"{module}:{line} {text[:50]!r}"
        for module in modules("core", "tui", "themes")
        for line, text in texts(module)
        if _SQL.search(text)
    ]
    assert found == []


def test_storage_is_known_only_where_the_console_is_put_together_and_to_the_verbs() -> None:
    found = [
        f"{module}:{line} imports {name}"
        for module in modules("tui")
        if module not in PUT_TOGETHER and module.parent != Path("tui/verbs")
        for line, name in imports(module)
        if name.split(".")[0] == "storage"
    ]
    assert found == []


def test_no_verb_but_the_console_imports_textual() -> None:
    found = [
        f"{module}:{line} imports {name}"
        for module in [*modules("tui/verbs"), Path("tui/command_line.py")]
        for line, name in imports(module)
        if name.split(".")[0] in ("textual", "rich")
    ]
    assert found == []


def test_whatever_goes_wrong_is_caught_at_the_doors_only() -> None:
    caught = [
        f"{module}:{handler.lineno}"
        for module in modules("core", "storage", "tui", "themes")
        for handler in ast.walk(tree(module))
        if isinstance(handler, ast.ExceptHandler) and _is_broad(handler) and not _passes_on(handler)
        if module not in (THE_WRITERS_DOOR, THE_LAST_DOOR)
    ]
    assert caught == []


def test_the_writers_door_is_one() -> None:
    broad = [
        handler
        for handler in ast.walk(tree(THE_WRITERS_DOOR))
        if isinstance(handler, ast.ExceptHandler) and _is_broad(handler) and not _passes_on(handler)
    ]
    assert len(broad) == 1


def test_what_must_happen_once_is_timed_by_the_loop() -> None:
    """Textual's one-shot timer never fires when another thread holds it up past its interval as it starts."""
    found = [
        f"{module}:{call.lineno}"
        for module in modules("tui")
        for call in ast.walk(tree(module))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "set_timer"
    ]
    assert found == []


def test_no_colour_is_written_outside_the_themes() -> None:
    found = [
        f"{module}:{line} {text!r}"
        for module in modules("core", "storage", "tui")
        for line, text in texts(module)
        if _HEX.search(text)
    ]
    assert found == []


def test_no_style_names_a_colour_of_its_own() -> None:
    found = [
        f"{module}:{call.lineno} {word}"
        for module in modules("tui")
        for call in ast.walk(tree(module))
        if isinstance(call, ast.Call)
        for word in _styled_with(call)
        if _COLOUR_NAMES.intersection(word.lower().split())
    ]
    assert found == []


def test_style_sheets_name_roles_not_colours() -> None:
    sheets = sorted((ROOT / "tui").rglob("*.tcss"))
    assert sheets
    found = []
    for sheet in sheets:
        told = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.S)
        for rule in _RULE.finditer(told):
            values = rule[1].split()
            found += [f"{sheet.name}: {rule[0]}" for value in values if _HEX.match(value) or value in _COLOUR_NAMES]
    assert found == []


def _is_broad(handler: ast.ExceptHandler) -> bool:
    caught = handler.type
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(kind is None or dotted(kind) in ("Exception", "BaseException") for kind in kinds)


def _passes_on(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _styled_with(call: ast.Call) -> list[str]:
    """The literal texts that a call takes as a colour or a style."""
    given: list[ast.expr] = [word.value for word in call.keywords if word.arg in _TAKES_A_COLOUR]
    if dotted(call.func).split(".")[-1] in ("Style", "Color") or dotted(call.func).endswith(
        ("Style.parse", "Color.parse")
    ):
        given += call.args
    return [value.value for value in given if isinstance(value, ast.Constant) and isinstance(value.value, str)]
