"""How the files of tickets fared that went along with an export, a backup or a desk put back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tui.words import ngettext

if TYPE_CHECKING:
    from storage.safekeeping.files_along import Files


def files_document(files: Files) -> dict[str, int]:
    """For JSON."""
    return files._asdict()


def files_in_words(files: Files, where: str) -> Iterator[str]:
    """As lines; nothing where no ticket has a file. `where` is what they are in, or not in: "in the backup"."""
    if files.there:
        told = ngettext("{count:,} file of a ticket", "{count:,} files of tickets", files.there)
        new = "" if files.new == files.there else f", {files.new:,} of them new"
        yield f"  {told.format(count=files.there)} {where}{new}"
    if files.missing:
        told = ngettext(
            "{count:,} file of a ticket is missing: it is not on this machine, so not",
            "{count:,} files of tickets are missing: they are not on this machine, so not",
            files.missing,
        )
        yield f"  {told.format(count=files.missing)} {where}"
    if files.altered:
        told = ngettext(
            "{count:,} file is no longer what was attached, so not",
            "{count:,} files are no longer what was attached, so not",
            files.altered,
        )
        yield f"  {told.format(count=files.altered)} {where}; lampboard doctor --full looks into that"
