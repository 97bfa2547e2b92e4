"""The README's table of keys, made from the actions; `python -m tests.support.key_table` writes it in its place."""

from __future__ import annotations

from pathlib import Path

from tui.actions.all import ACTIONS, GROUPS, key_name
from tui.words import _

README = Path(__file__).resolve().parents[2] / "README.md"
BEGIN, END = "<!-- keys -->", "<!-- /keys -->"


def key_table() -> str:
    """Keys, what they do and the sentence of help, group by group, as Markdown."""
    lines = ["| Keys | What | |", "|---|---|---|"]
    for group, heading in GROUPS.items():
        told = [action for action in ACTIONS if action.group == group and action.keys]
        if told:
            lines.append(f"| **{_(heading).capitalize()}** | | |")
        for action in told:
            keys = " ".join(f"`{key_name(key)}`" for key in action.keys)
            lines.append(f"| {keys} | {_safe(_(action.title))} | {_safe(_(action.help))} |")
    return "\n".join(lines) + "\n"


def _safe(text: str) -> str:
    return text.replace("|", "\\|")


def write() -> None:
    """Put the table into the README; the marks must be there."""
    told = README.read_text(encoding="utf-8")
    before, mark, rest = told.partition(BEGIN)
    _old, end_mark, after = rest.partition(END)
    if not mark or not end_mark:
        raise SystemExit(f"README.md has no {BEGIN} ... {END}")
    README.write_text(f"{before}{BEGIN}\n{key_table()}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    write()
