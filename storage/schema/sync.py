"""What this file knows of the hub it has joined (storage/sync): `stamp` is what that said of each operation."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Text, text

from storage.schema.columns import flag, id_, ref, table, text_, when

hub = table(
    "hub",
    Column("only", Integer, primary_key=True),
    text_("url"),
    id_("epoch"),
    text_("login"),
    id_("person"),
    flag("sent_n"),
    flag("hub_time"),
    flag("found_back_n"),
    flag("common_seq"),
    when("joined_at", nullable=False),
    when("synced_at"),
    flag("is_paused"),
)

hub_cursor = table(
    "hub_cursor",
    Column("stream", Text, primary_key=True),
    flag("seq"),
    Column("chain", LargeBinary, nullable=False),
    without_rowid=True,
)

stamp = table(
    "stamp",
    id_("console", primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    text_("stream"),
    flag("seq"),
    flag("eff"),
    flag("seen"),
    id_("author"),
    Index("stamp_by_seq", "stream", "seq", unique=True),
    without_rowid=True,
)

# Derived by the fold: what people did to one thing without knowing of each other.
conflict = table(
    "conflict",
    id_(primary_key=True),
    id_("record"),
    text_("entity"),
    text_("kind"),
    text_("field"),
    text_("body"),
    when("at", nullable=False),
    flag("is_open"),
    Index("conflict_by_record", "record"),
    Index("conflict_open", "at", sqlite_where=text("is_open = 1")),
    without_rowid=True,
)

refused = table(
    "refused",
    Column("n", Integer, primary_key=True),
    text_("reason"),
    when("at", nullable=False),
    text_("settled"),
)

sync_log = table(
    "sync_log",
    Column("n", Integer, primary_key=True),
    when("at", nullable=False),
    when("until_at", nullable=False),
    flag("times"),
    flag("sent"),
    flag("received"),
    flag("refused"),
    flag("set_aside"),
    text_("error"),
    text_("facts"),
    flag("is_over"),
)

hub_left = table(
    "hub_left",
    id_("epoch", primary_key=True),
    text_("url"),
    when("left_at", nullable=False),
    without_rowid=True,
)

quarantine = table(
    "quarantine",
    id_("console", primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    id_("about"),
    text_("reason"),
    Index("quarantine_by_about", "about"),
    without_rowid=True,
)

# What the own log knows under a console that this file no longer is: what was refused before it was found to be a copy,
# or was made anew.
refused_before = table(
    "refused_before",
    id_("console", primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    text_("reason"),
    when("at", nullable=False),
    text_("settled"),
    without_rowid=True,
)

# The chain of a stream at some of its numbers, to find where two logs part.
chain_sample = table(
    "chain_sample",
    Column("stream", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("chain", LargeBinary, nullable=False),
    without_rowid=True,
)

# Stamps of operations that a restored hub no longer has, until their authors have sent them again.
lost_stamp = table(
    "lost_stamp",
    id_("console", primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    text_("stream"),
    flag("seq"),
    flag("eff"),
    flag("seen"),
    id_("author"),
    without_rowid=True,
)

# Records that came folded from a keeper, and how far their history has come: the log of this desk begins behind them.
base_document = table(
    "base_document",
    id_(primary_key=True),
    text_("stream"),
    text_("entity"),
    flag("seq"),
    flag("opened_seq"),
    flag("opened_n"),
    flag("was_retargeted"),
    Column("body", LargeBinary, nullable=False),
)

base_stream = table(
    "base_stream",
    Column("stream", Text, primary_key=True),
    flag("seq"),
    Column("chain", LargeBinary, nullable=False),
    ref("after_id"),
    flag("done"),
    flag("total"),
    flag("is_whole"),
    without_rowid=True,
)

report_stale = table(
    "report_stale",
    Column("name", Text, primary_key=True),
    id_("key", primary_key=True),
    flag("n"),
    Index("report_stale_by_n", "n"),
    without_rowid=True,
)

number_block = table(
    "number_block",
    Column("first", Integer, primary_key=True),
    flag("last"),
    flag("next"),
)
