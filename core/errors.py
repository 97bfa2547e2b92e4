"""Why a wish was not granted: a code and its facts. The wording lives in `tui/presenters/sentences.py`."""

from __future__ import annotations


class DomainError(Exception):
    """A rule of the desk said no. `code` names the rule, `facts` fill its sentence."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        return f"{self.code}({told})"


class Refused(DomainError):
    """The wish is understood and not allowed now."""


class NotFound(DomainError):
    """What the wish names is not on this desk."""


class ChangedMeanwhile(DomainError):
    """Somebody changed the thing after the person looked at it."""
