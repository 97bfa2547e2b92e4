"""What `lampboard import` may be told besides a mapping and a source."""

from __future__ import annotations

import re
from pathlib import Path

import click

from tui.verbs.printing import say, say_json

_SIZE = re.compile(r"(\d{1,6})([KMGT]?)", re.ASCII)
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}


def byte_size(context: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    """The number of bytes that a size such as 512M or 8G says."""
    if value is None:
        return None
    match = _SIZE.fullmatch(value.upper())
    if match is None or not int(match[1]):
        raise click.BadParameter("write a size as 512M or 8G")
    bytes_said: int = int(match[1]) * 1024 ** _POWERS[match[2]]
    return bytes_said


def show_sketch(source: Path, unpack_limit: int | None, *, is_json: bool) -> None:
    """Print a mapping proposed from the file."""
    from storage.importers.sketch import sketch_mapping

    sketch = sketch_mapping(source, unpack_limit)
    if is_json:
        say_json(sketch.to_document())
        return
    for line in sketch.mapping.splitlines():
        say(line)
