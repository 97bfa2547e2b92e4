"""A form as lines: what stands over the field that is being filled in, and what stands under it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from core.text import plain
from tui.presenters.cells import Line, cut, fit, line_width, spread
from tui.presenters.frame import option_line
from tui.presenters.record_words import field_hint, field_label
from tui.words import _

if TYPE_CHECKING:
    from core.record_fields import Field

LABEL = 16
VALUE_AT = LABEL + 2
MOST_OPTIONS = 6
Row = tuple[Line, str]


class FormShown(NamedTuple):
    """A form for one moment; `options` are (name, detail) to choose from, `choice` the one under the cursor or -1."""

    title: str
    fact: str
    fields: tuple[Field, ...]
    texts: tuple[str, ...]
    place: int
    options: Sequence[tuple[str, str]] = ()
    choice: int = -1
    problem: str = ""


def label_cells(field: Field) -> str:
    """The label of a field with a cell on either side."""
    star = "*" if field.is_required else " "
    return f"{star}{fit(field_label(field.name), LABEL)} "


def form_lines(shown: FormShown, width: int, height: int) -> tuple[list[Row], list[Row]]:
    """The lines over the field and those under it; together with the field they are `height`."""
    head = spread([(f" {plain(shown.title, 200)}", "accent bold")], [(f" {plain(shown.fact, 60)} ", "muted")], width)
    room = max(0, height - 2)
    under = _under(shown, width)
    rest = [_field_line(shown, place, width) for place in range(shown.place + 1, len(shown.fields))]
    below = [*under, *rest]
    over = [_field_line(shown, place, width) for place in range(shown.place)]
    # The field's own hint or list first, then as much on both sides as there is room for.
    kept_below = max(min(len(below), room - len(over)), min(len(under), room), min(len(below), room // 2))
    kept_over = max(0, min(len(over), room - kept_below))
    return [(head, "raised"), *over[len(over) - kept_over :]], below[: room - kept_over]


def _field_line(shown: FormShown, place: int, width: int) -> Row:
    field, text = shown.fields[place], shown.texts[place]
    label = label_cells(field)
    if not text:
        return [(label, "muted"), (cut(field_hint(field), max(0, width - VALUE_AT - 1)), "faint")], "panel"
    return [(label, "muted"), (cut(plain(text, 1000), max(0, width - VALUE_AT - 1)), "text")], "panel"


def _under(shown: FormShown, width: int) -> list[Row]:
    """What the field that is being filled in is about: why it cannot stay, what there is to choose, what may stand."""
    field, indent = shown.fields[shown.place], " " * VALUE_AT
    rows: list[Row] = []
    if shown.problem:
        rows.append(([(indent, "text"), (cut(plain(shown.problem, 400), width - VALUE_AT - 1), "due")], "panel"))
    if shown.options:
        first = max(0, min(shown.choice - MOST_OPTIONS // 2, len(shown.options) - MOST_OPTIONS))
        for place, (name, detail) in list(enumerate(shown.options))[first : first + MOST_OPTIONS]:
            is_cursor = place == shown.choice
            line = option_line(name, detail, "", width - VALUE_AT, is_cursor=is_cursor)
            rows.append(([(" " * VALUE_AT, "strong"), *line], "select" if is_cursor else "panel"))
    elif not shown.problem:
        hint = field_hint(field) or (_("must be filled in") if field.is_required else "")
        rows.append(([(indent, "text"), (cut(hint, width - VALUE_AT - 1), "faint")], "panel"))
    return [(_whole(line, width), ground) for line, ground in rows]


def _whole(line: Line, width: int) -> Line:
    return line if line_width(line) <= width else [(cut("".join(text for text, _ink in line), width - 1), "text")]
