"""Columns and tables as every part of the schema writes them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

Id = LargeBinary(16)
Instant = BigInteger().with_variant(Integer(), "sqlite")
Money = BigInteger().with_variant(Integer(), "sqlite")

OPEN_ROWS = "queue_rank < 4"
"""The predicate of the open queue, always written as a literal: a bound one is prepared anew each time."""


def id_(name: str = "id", **options: Any) -> Column[Any]:
    """The id of a record: sixteen bytes."""
    return Column(name, Id, nullable=False, **options)


def ref(name: str) -> Column[Any]:
    """The id of another record, or nothing."""
    return Column(name, Id)


def text_(name: str) -> Column[Any]:
    """A text, empty where nothing is known."""
    return Column(name, Text, nullable=False, server_default="")


def flag(name: str) -> Column[Any]:
    """A number, 0 where nothing is said."""
    return Column(name, Integer, nullable=False, server_default="0")


def when(name: str, nullable: bool = True) -> Column[Any]:
    """An instant."""
    return Column(name, Instant, nullable=nullable)


def real(name: str) -> Column[Any]:
    """A number that need not be whole."""
    from sqlalchemy import REAL

    return Column(name, REAL)


def table(name: str, *columns: Any, without_rowid: bool = False) -> Table:
    """A table as all of a desk's are."""
    return Table(name, metadata, *columns, sqlite_strict=True, sqlite_with_rowid=not without_rowid)
