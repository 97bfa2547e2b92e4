"""What a filter says, as a tree, and the one way in which it is written back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

HAS, IS, NOTHING, ME = "", "=", "-", "me"
BELOW, AT_MOST, ABOVE, AT_LEAST = "<", "<=", ">", ">="
COMPARED = (AT_MOST, AT_LEAST, BELOW, ABOVE, IS)
"""What may stand before a value, the longer before what they begin with."""

OPERATORS = ("or", "and", "not")
_BARE = re.compile(r"""[^\s()|",:<>=\\-][^\s()|",:\\]*""")


@dataclass(frozen=True, slots=True)
class Words:
    """Text looked for: words that must all be somewhere in the ticket."""

    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a field, as text in canonical form.

    `HAS` is a fragment of a name (or a number, a day, a word of a fixed list), `IS` the whole name; `NOTHING` and `ME`
    have no value.
    """

    how: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class FieldTest:
    """A field that must have one of the choices."""

    field: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """What must not be so."""

    part: Tree


@dataclass(frozen=True, slots=True)
class Both:
    """Two parts or more that must all be so."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Two parts or more of which one must be so."""

    parts: tuple[Tree, ...]


Tree = Words | FieldTest | Not | Both | Either


def both(parts: list[Tree]) -> Tree:
    """All of `parts`, without a level that says nothing."""
    flat = [one for part in parts for one in (part.parts if isinstance(part, Both) else (part,))]
    return flat[0] if len(flat) == 1 else Both(tuple(flat))


def either(parts: list[Tree]) -> Tree:
    """One of `parts`, without a level that says nothing."""
    flat = [one for part in parts for one in (part.parts if isinstance(part, Either) else (part,))]
    return flat[0] if len(flat) == 1 else Either(tuple(flat))


def together(tree: Tree | None) -> tuple[Tree, ...]:
    """The parts that must all be so; none for no filter."""
    if tree is None:
        return ()
    return tree.parts if isinstance(tree, Both) else (tree,)


def tests_of(tree: Tree | None) -> Iterator[FieldTest | Words]:
    """Every leaf of a filter."""
    if isinstance(tree, FieldTest | Words):
        yield tree
    elif isinstance(tree, Not):
        yield from tests_of(tree.part)
    elif tree is not None:
        for part in tree.parts:
            yield from tests_of(part)


def written(tree: Tree | None) -> str:
    """The filter as it is written; reading that again gives the same tree."""
    if tree is None:
        return ""
    if isinstance(tree, Either):
        return " or ".join(written(part) for part in tree.parts)
    if isinstance(tree, Both):
        return " ".join(_part_written(part, (Either,)) for part in tree.parts)
    if isinstance(tree, Not):
        return "-" + _part_written(tree.part, (Either, Both))
    if isinstance(tree, Words):
        return value_written(tree.text)
    return f"{tree.field}:{','.join(_choice_written(choice) for choice in tree.choices)}"


def _part_written(part: Tree, in_brackets: tuple[type, ...]) -> str:
    return f"({written(part)})" if isinstance(part, in_brackets) else written(part)


def _choice_written(choice: Choice) -> str:
    if choice.how in (NOTHING, ME):
        return choice.how
    # What a bare value would be read as must not be what it is: a company may be called Me.
    return choice.how + value_written(choice.value, is_choice=choice.how == HAS)


def value_written(text: str, *, is_choice: bool = False) -> str:
    """A word as it is, anything else in quotes."""
    is_bare = _BARE.fullmatch(text) is not None
    if is_bare and not (text.casefold() == ME if is_choice else text.casefold() in OPERATORS):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
