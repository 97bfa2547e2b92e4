"""Tables of a desk, in SQLAlchemy Core.

Instants are whole seconds since 1970 in UTC, money is minor units beside a currency, ids are sixteen bytes,
documents are JSON text. Local-only tables have enforced foreign keys.
"""

from storage.schema import finding, log, records, sync
from storage.schema.columns import metadata

__all__ = ["finding", "log", "metadata", "records", "sync"]
