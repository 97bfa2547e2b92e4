"""Why a desk could not be written to a file or put back from one."""

from __future__ import annotations

from core.errors import DomainError


class KeepingFailed(DomainError):
    """The desk is as it was. `code` begins with `keeping.`, `facts` name the file and, of an export, line and field."""
