"""The table of filter fields in docs/finding-filters.md, made from the fields; as a module it writes it there."""

from __future__ import annotations

from pathlib import Path

from core.query_fields import FIELDS

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "finding-filters.md"
BEGIN, END = "<!-- fields -->", "<!-- /fields -->"


def filter_table() -> str:
    """Every field: its names, what it asks, an example, its fixed words; as Markdown."""
    lines = ["| Field | Asks | As | Words |", "|---|---|---|---|"]
    for field in FIELDS:
        names = " ".join(f"`{name}`" for name in field.names)
        words = " ".join(f"`{word}`" for word in ((*field.words, "-") if field.may_lack else field.words))
        lines.append(f"| {names} | {field.asks} | `{field.example}` | {words} |")
    return "\n".join(lines) + "\n"


def write() -> None:
    """Put the table into the document; the marks must be there."""
    told = DOCUMENT.read_text(encoding="utf-8")
    before, mark, rest = told.partition(BEGIN)
    _old, end_mark, after = rest.partition(END)
    if not mark or not end_mark:
        raise SystemExit(f"{DOCUMENT.name} has no {BEGIN} ... {END}")
    DOCUMENT.write_text(f"{before}{BEGIN}\n{filter_table()}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    write()
