"""Sheets as Parquet files, for whoever installed `lampboard[parquet]`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from storage.safekeeping.failed import KeepingFailed
from storage.safekeeping.sheets import Rows, Sheet, WriteSheet
from storage.sync.report_rows import EARLIEST, FLAGS, INSTANTS, LATEST


def parquet_writer() -> WriteSheet:
    """What writes `TABLE.parquet`: ids as hex text, instants as UTC timestamps, flags as booleans.

    KeepingFailed without the extra.
    """
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise KeepingFailed("keeping.no_parquet") from error

    def write(building: Path, sheet: Sheet, rows: Rows) -> None:
        path = building / f"{sheet.shape.table}.parquet"
        path.touch(0o600)
        schema = arrow.schema([(name, _type(arrow, sheet, name)) for name in sheet.names])
        with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
            for some in rows:
                columns = zip(sheet.names, zip(*some, strict=True), strict=True)
                writer.write_table(arrow.table({name: _told(name, column) for name, column in columns}, schema=schema))

    return write


def _type(arrow: Any, sheet: Sheet, name: str) -> Any:
    kind = next(column.kind for column in sheet.shape.columns if column.name == name)
    if kind == "INTEGER" and name in INSTANTS:
        return arrow.timestamp("s", tz="UTC")
    if kind == "INTEGER" and name in FLAGS:
        return arrow.bool_()
    return {"INTEGER": arrow.int64(), "REAL": arrow.float64()}.get(kind, arrow.string())


def _told(name: str, column: tuple[Any, ...]) -> list[Any]:
    if name in INSTANTS:
        # Beyond four-digit years most readers fail.
        return [None if at is None else min(max(at, EARLIEST), LATEST) for at in column]
    if name in FLAGS:
        return [None if flag is None else bool(flag) for flag in column]
    return [value.hex() if isinstance(value, bytes) else value for value in column]
