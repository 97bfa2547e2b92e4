"""What this file knows of itself: the log, undo, imports, drafts, what was purged. The log alone is ever sent."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Text

from storage.schema.columns import flag, id_, ref, table, text_, when

store = table(
    "store",
    Column("only", Integer, primary_key=True),
    id_("console"),
    flag("last_n"),
    Column("last_hash", LargeBinary, nullable=False),
    flag("last_hlc"),
    flag("last_number"),
    ref("person"),
    text_("desk"),
    flag("is_demo"),
    when("created_at", nullable=False),
)

operation = table(
    "operation",
    id_("console", primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    id_("txn"),
    text_("stream"),
    text_("entity"),
    id_("id"),
    text_("kind"),
    Column("payload", LargeBinary, nullable=False),
    Column("base", LargeBinary, nullable=False),
    Column("hlc", Integer, nullable=False),
    Column("schema_v", Integer, nullable=False),
    Column("prev", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    id_("author"),
    Column("state", Text, nullable=False, server_default="local"),
    Index("operation_by_entity", "id"),
    Index("operation_by_txn", "txn"),
)

action = table(
    "action",
    Column("n", Integer, primary_key=True),
    id_("txn"),
    id_("author"),
    when("at", nullable=False),
    text_("title"),
    text_("facts"),
    Column("state", Text, nullable=False, server_default="done"),
    Index("action_by_author", "author", "state", "n"),
)

import_batch = table(
    "import_batch",
    Column("n", Integer, primary_key=True),
    text_("mapping"),
    text_("source"),
    text_("digest"),
    when("at", nullable=False),
    text_("report"),
    text_("state"),
    flag("numbers"),
    flag("last_number"),
)

import_raw = table(
    "import_raw",
    Column("batch", Integer, ForeignKey("import_batch.n"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("raw", LargeBinary, nullable=False),
    without_rowid=True,
)

import_made = table(
    "import_made",
    Column("batch", Integer, ForeignKey("import_batch.n"), primary_key=True),
    id_("id", primary_key=True),
    text_("entity"),
    flag("is_undone"),
    without_rowid=True,
)

rebuild = table(
    "rebuild",
    id_("about", primary_key=True),
    text_("kind"),
    when("since", nullable=False),
    when("after_opened_at", nullable=False),
    Column("after_ticket", LargeBinary, nullable=False),
    flag("done"),
    flag("total"),
    without_rowid=True,
)

draft = table(
    "draft",
    id_("person", primary_key=True),
    Column("kind", Text, primary_key=True),
    id_("about", primary_key=True),
    text_("body"),
    when("changed_at", nullable=False),
    without_rowid=True,
)

desk_state = table(
    "desk_state",
    Column("name", Text, primary_key=True),
    text_("body"),
    without_rowid=True,
)


# Local: what was erased for a person outside, and the operations of which the payload is no longer the one that their
# hash was taken over.
purge = table(
    "purge",
    Column("n", Integer, primary_key=True),
    when("at", nullable=False),
    flag("records"),
    flag("operations"),
    flag("places"),
    flag("is_swept"),
)

purged_operation = table(
    "purged_operation",
    id_("console", primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    without_rowid=True,
)
