"""Why an import could not be made at all; single rows that cannot be taken go to the reject file instead."""

from __future__ import annotations

from core.errors import DomainError


class ImportFailed(DomainError):
    """Nothing was written to the desk. `code` begins with `import.`, `facts` name the file, line and field."""
