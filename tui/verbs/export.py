"""`lampboard export`: everything of a desk as one file of lines, or its tables as sheets for other programs."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import click

from storage import places
from tui.verbs.files_told import files_document, files_in_words
from tui.verbs.opening import Refusal
from tui.verbs.printing import complain, output_ended, say, say_json
from tui.verbs.ticket_told import whole
from tui.verbs.watching import watched

STDOUT = "-"
ZIPPED = ".gz"
GZIP_LEVEL = 6


@click.command("export")
@click.argument("file", required=False)
@click.option("--csv", "csv_folder", type=click.Path(path_type=Path), metavar="FOLDER", help="The tables as CSV files.")
@click.option("--parquet", type=click.Path(path_type=Path), metavar="FOLDER", help="The tables as Parquet files.")
@click.option("--without-files", is_flag=True, help="Leave the files of tickets out of it.")
@click.option("--replace", "replaces", is_flag=True, help="Write over a file of that name.")
@click.option("--json", "is_json", is_flag=True, help="What was written, as JSON.")
@click.pass_obj
def command(
    desk: str,
    file: str | None,
    csv_folder: Path | None,
    parquet: Path | None,
    without_files: bool,
    replaces: bool,
    is_json: bool,
) -> None:
    """Write everything of the desk to FILE as lines of JSON, gzipped if it ends in .gz; - is standard output.

    `lampboard restore FILE` puts a desk back from it. --csv and --parquet write the tables for other programs instead.
    Consoles go on working meanwhile; what is written is the desk of one moment.
    """
    chosen = [one for one in (file, csv_folder, parquet) if one is not None]
    if len(chosen) != 1:
        raise Refusal("name one file, or - for standard output, or --csv FOLDER, or --parquet FOLDER")
    path = places.desk_path(desk)
    if file == STDOUT:
        _to_stdout(path, has_files=not without_files)
    elif file is not None:
        _to_file(path, Path(file), has_files=not without_files, replaces=replaces, is_json=is_json)
    else:
        _to_folder(path, csv_folder, parquet, is_json=is_json)


def _to_stdout(path: Path, *, has_files: bool) -> None:
    from storage.safekeeping.export_lines import export_lines

    if sys.stdout.isatty():
        raise Refusal("an export is not for reading on a terminal; name a file, or lead - into a pipe")
    out = sys.stdout.buffer

    def write(lines: bytes) -> None:
        try:
            out.write(lines)
        except OSError as error:
            raise output_ended(error) from error

    with watched("exporting", "rows") as tell:
        exported = export_lines(path, write, tell, has_files=has_files)
    if has_files and (exported.files.missing or exported.files.altered):
        for line in files_in_words(exported.files, "in the export"):
            complain(line.strip())


def _to_file(path: Path, file: Path, *, has_files: bool, replaces: bool, is_json: bool) -> None:
    from storage.safekeeping.export_lines import export_lines
    from storage.safekeeping.whole_file import check_not_itself, whole_file

    check_not_itself(path, file)
    with watched("exporting", "rows") as tell, whole_file(file, replaces=replaces) as building:
        with building.open("r+b") as opened, _zipped(opened, file.suffix == ZIPPED) as out:
            exported = export_lines(path, out.write, tell, has_files=has_files)
        size = building.stat().st_size
    if is_json:
        told = {"lines": exported.lines, "bytes": size, "sha256": exported.sha256, "rows": exported.rows}
        say_json({"path": str(file), **told, "files": files_document(exported.files)})
        return
    say(f"{whole(str(file))}: {exported.rows['ticket']:,} tickets, {exported.lines:,} lines, {_size(size)}")
    if has_files:
        for line in files_in_words(exported.files, "in the export"):
            say(line)
    elif exported.files.missing:
        say(f"  without the files of tickets, {exported.files.missing:,}")


@contextmanager
def _zipped(opened: BinaryIO, is_zipped: bool) -> Iterator[BinaryIO]:
    if not is_zipped:
        yield opened
        return
    # No name and no time: the same desk gives the same bytes.
    with gzip.GzipFile("", "wb", GZIP_LEVEL, opened, mtime=0) as out:
        yield cast(BinaryIO, out)


def _to_folder(path: Path, csv_folder: Path | None, parquet: Path | None, *, is_json: bool) -> None:
    from storage.safekeeping.parquet import parquet_writer
    from storage.safekeeping.sheets import export_sheets, write_csv

    folder = csv_folder or parquet
    assert folder is not None
    with watched("exporting", "rows") as tell:
        rows = export_sheets(path, folder, write_csv if csv_folder else parquet_writer(), tell)
    if is_json:
        say_json({"path": str(folder), "rows": rows})
        return
    say(f"{whole(str(folder))}: {len(rows)} tables, {sum(rows.values()):,} rows")


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 100_000 else f"{count:,} bytes"
