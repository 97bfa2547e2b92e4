"""What finding goes by: derived and local (storage/caller_index.py); triggers note what has to be looked at again."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Text

from storage.schema.columns import flag, id_, ref, table, text_

open_by_company = table(
    "open_by_company",
    id_("company", primary_key=True),
    flag("tickets"),
    without_rowid=True,
)

find_stale = table(
    "find_stale",
    Column("kind", Integer, primary_key=True, autoincrement=False),
    id_("id", primary_key=True),
    without_rowid=True,
)

find_record = table(
    "find_record",
    Column("n", Integer, primary_key=True),
    Column("kind", Integer, nullable=False),
    id_("id"),
    ref("company"),
    text_("text"),
    Index("find_record_by_id", "id"),
)

find_key = table(
    "find_key",
    Column("key", Text, primary_key=True),
    Column("record", Integer, primary_key=True, autoincrement=False),
    without_rowid=True,
)

find_word = table(
    "find_word",
    Column("word", Text, primary_key=True),
    text_("backward"),
    flag("uses"),
    Index("find_word_by_end", "backward"),
    without_rowid=True,
)

find_doc = table("find_doc", Column("doc", Integer, primary_key=True), id_())

find_term = table(
    "find_term",
    Column("word", Text, primary_key=True),
    text_("backward"),
    Index("find_term_by_end", "backward"),
    without_rowid=True,
)

find_changed = table(
    "find_changed",
    Column("kind", Integer, primary_key=True, autoincrement=False),
    id_("id", primary_key=True),
    without_rowid=True,
)

find_progress = table(
    "find_progress",
    Column("only", Integer, primary_key=True),
    flag("tickets"),
    flag("entries"),
    flag("old_tickets"),
    flag("last_ticket"),
    flag("last_entry"),
)
