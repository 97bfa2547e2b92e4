"""The filter language: `p:1,2 co:acme -owner:me (sla:<30m or repeat:yes) printer`.

A blank is "and", `or` or `|` is "or", `-` or `not` denies, brackets group, quotes hold a value with blanks together;
what has no field is looked for as text. The fields stand in `core/query_fields.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from core.errors import DomainError
from core.query_fields import (
    BY_NAME,
    DAY,
    LAMP,
    NAME,
    NUMBER,
    PERSON,
    SPAN,
    Field,
    fixed_word,
    nearest,
    nearest_fields,
)
from core.query_people import PersonAsked, unknown_person
from core.query_times import is_day, span_seconds, span_written
from core.query_tree import (
    BELOW,
    HAS,
    IS,
    ME,
    NOTHING,
    Choice,
    FieldTest,
    Not,
    Tree,
    Words,
    both,
    either,
    value_written,
    written,
)

__all__ = ["LONGEST", "QueryError", "check_people", "names_people", "parse", "tidy", "written"]

LONGEST = 1000
"""Characters of a filter: one as long as that still stays below the depth that SQLite allows an expression."""
DEEPEST = 20
LARGEST_NUMBER = 9_999
NEAR_TOLD = 3


class QueryError(DomainError):
    """A filter that cannot be read; `column` counts its characters from 0, `length` those that are wrong."""

    def __init__(self, code: str, column: int, length: int = 1, **facts: object) -> None:
        super().__init__(code, column=column, length=length, **facts)
        self.column = column
        self.length = length


_PIECE = re.compile(
    r"""(?P<blank>\s+)|(?P<mark>[()|])|(?P<field>[^\W\d]\w*:)|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<open>")"""
    r"""|(?P<word>[^\s()|"]+)""",
    re.DOTALL,
)
_VALUE = re.compile(
    r"""(?P<how><=|>=|<|>|=)?(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<open>")|(?P<bare>[^\s()|",]*))""", re.DOTALL
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@lru_cache(maxsize=64)
def parse(text: str) -> Tree | None:
    """The tree of a filter, None for an empty one; QueryError says where it cannot be read and why."""
    if len(text) > LONGEST:
        raise QueryError("query.too_long", LONGEST, len(text) - LONGEST, longest=LONGEST)
    reader = _Reader(text)
    if reader.is_done:
        return None
    tree = reader.either(0)
    if not reader.is_done:
        # Only a closing bracket ends an expression early.
        raise QueryError("query.bracket_unopened", reader.at)
    return tree


def tidy(text: str) -> str:
    """The filter as it is written back."""
    return written(parse(text))


def names_people(text: str) -> bool:
    """True for a filter that asks for somebody by name."""
    return bool(_people(text))


def check_people(text: str, names: Iterable[str]) -> None:
    """QueryError for a filter that asks for somebody whom none of `names`, those of all people of the desk, fits.

    It is for filters that are being typed: a kept one may name somebody who left.
    """
    unknown = unknown_person(_people(text), names)
    if unknown is not None:
        one, near = unknown
        known = tuple(value_written(name, is_choice=True) for name in near)
        facts = {"field": one.field, "word": one.choice.value, "near": known[:NEAR_TOLD], "known": known}
        raise QueryError("query.nobody", one.column, one.length, **facts)


def _people(text: str) -> list[PersonAsked]:
    if parse(text) is None:
        return []
    reader = _Reader(text)
    reader.either(0)
    return reader.people


class _Reader:
    """Reads a filter from left to right; every method leaves `at` behind what it took, and behind blanks."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.at = 0
        self.people: list[PersonAsked] = []
        self._skip_blanks()

    @property
    def is_done(self) -> bool:
        return self.at >= len(self._text)

    def either(self, depth: int) -> Tree:
        parts = [self._both(depth)]
        while self._takes_word("or") or self._takes("|"):
            parts.append(self._both(depth))
        return either(parts)

    def _both(self, depth: int) -> Tree:
        parts: list[Tree] = []
        while not (self.is_done or self._text[self.at] in ")|" or self._sees_word("or")):
            if self._takes_word("and"):
                continue
            parts.append(self._one(depth))
        if not parts:
            raise QueryError("query.part_missing", min(self.at, len(self._text)))
        return both(parts)

    def _one(self, depth: int) -> Tree:
        if depth > DEEPEST:
            raise QueryError("query.too_deep", self.at, deepest=DEEPEST)
        begins = self.at
        if self._takes("-") or self._takes_word("not"):
            if self.is_done or self._text[self.at] in ")|" or self._sees_word("or") or self._sees_word("and"):
                raise QueryError("query.part_missing", begins, self.at - begins)
            part = self._one(depth + 1)
            return part.part if isinstance(part, Not) else Not(part)
        if self._takes("("):
            tree = self.either(depth + 1)
            if not self._takes(")"):
                raise QueryError("query.bracket_open", begins)
            return tree
        return self._leaf()

    def _leaf(self) -> Tree:
        found = _PIECE.match(self._text, self.at)
        assert found is not None
        if found["open"]:
            raise QueryError("query.quote_open", self.at, len(self._text) - self.at)
        if found["field"]:
            return self._test(found["field"])
        begins = self.at
        self._go_to(found.end())
        text = found["word"] if found["quoted"] is None else _ESCAPED.sub(r"\1", found["quoted"])
        if not text.strip():
            raise QueryError("query.words_missing", begins, found.end() - begins)
        return Words(text)

    def _test(self, named: str) -> FieldTest:
        field = BY_NAME.get(named[:-1].casefold())
        if field is None:
            near = nearest_fields(named[:-1])
            raise QueryError(
                "query.unknown_field", self.at, len(named) - 1, field=named[:-1], near=near[:4], known=near
            )
        self.at += len(named)
        choices = [self._choice(field)]
        while self._text[self.at : self.at + 1] == ",":
            self.at += 1
            choices.append(self._choice(field))
        self._skip_blanks()
        return FieldTest(field.name, tuple(dict.fromkeys(choices)))

    def _choice(self, field: Field) -> Choice:
        found = _VALUE.match(self._text, self.at)
        assert found is not None
        if found["open"]:
            raise QueryError("query.quote_open", found.start("open"), len(self._text) - found.start("open"))
        begins = self.at
        self.at = found.end()
        is_quoted = found["quoted"] is not None
        text = _ESCAPED.sub(r"\1", found["quoted"]) if is_quoted else found["bare"]
        column = begins + len(found["how"] or "")
        if not text.strip():
            raise QueryError(
                "query.value_missing", column, max(1, self.at - column), field=field.name, example=field.example
            )
        choice = choice_of(field, found["how"] or "", text, column, is_quoted=is_quoted)
        if field.kind == PERSON and choice.how in (HAS, IS):
            self.people.append(PersonAsked(field.name, choice, column, self.at - column))
        return choice

    def _takes(self, mark: str) -> bool:
        if self._text[self.at : self.at + 1] != mark:
            return False
        self._go_to(self.at + 1)
        return True

    def _sees_word(self, word: str) -> bool:
        found = _PIECE.match(self._text, self.at)
        return found is not None and found["word"] is not None and found["word"].casefold() == word

    def _takes_word(self, word: str) -> bool:
        if not self._sees_word(word):
            return False
        self._go_to(self.at + len(word))
        return True

    def _go_to(self, at: int) -> None:
        self.at = at
        self._skip_blanks()

    def _skip_blanks(self) -> None:
        while self.at < len(self._text) and self._text[self.at].isspace():
            self.at += 1


def choice_of(field: Field, how: str, text: str, column: int, *, is_quoted: bool) -> Choice:
    """What one value of a field means; QueryError where it means nothing."""
    if text == NOTHING and field.may_lack and not how and not is_quoted:
        return Choice(NOTHING)
    if field.kind == NUMBER:
        return _number(field, how, text, column)
    if field.kind in (NAME, PERSON):
        return _name(field, how, text, column, is_quoted)
    if field.kind in (LAMP, SPAN, DAY):
        return _time(field, how, text, column)
    if how not in (HAS, IS):
        raise QueryError("query.no_comparison", column - len(how), len(how), field=field.name)
    if (is_quoted or how == IS) and text not in field.words:
        # A desk's imported tickets have words of their own.
        return Choice(IS, text)
    return Choice(HAS, _fixed(field, text, column))


def _fixed(field: Field, text: str, column: int) -> str:
    word = fixed_word(text, field.words)
    if word is None:
        known = nearest(text, field.words)
        raise QueryError("query.unknown_word", column, len(text), field=field.name, word=text, known=known)
    return word


def _number(field: Field, how: str, text: str, column: int) -> Choice:
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) <= LARGEST_NUMBER):
        raise QueryError("query.no_number", column, len(text), field=field.name, word=text, example=field.example)
    if field.words and text not in field.words:
        known = tuple(field.words)
        raise QueryError("query.unknown_word", column, len(text), field=field.name, word=text, known=known)
    return Choice(HAS if how == IS else how, str(int(text)))


def _name(field: Field, how: str, text: str, column: int, is_quoted: bool) -> Choice:
    if how not in (HAS, IS):
        raise QueryError("query.no_comparison", column - len(how), len(how), field=field.name)
    if field.kind == PERSON and text.casefold() == ME and not how and not is_quoted:
        return Choice(ME)
    return Choice(how, text)


def _time(field: Field, how: str, text: str, column: int) -> Choice:
    seconds = span_seconds(text)
    if seconds is not None:
        if how == IS:
            raise QueryError("query.no_comparison", column - 1, 1, field=field.name)
        # How long ago a day may be, and what is left on a clock, is nearly always asked as "less than".
        return Choice(how or BELOW, span_written(seconds))
    if field.kind == DAY and is_day(text):
        return Choice(HAS if how == IS else how, text)
    if text[0].isdigit() or field.kind == SPAN:
        raise QueryError("query.no_time", column, len(text), field=field.name, word=text, example=field.example)
    if field.kind == LAMP and how not in (HAS, IS):
        raise QueryError("query.no_time", column, len(text), field=field.name, word=text, example=field.example)
    return Choice(HAS if how == IS else how, _fixed(field, text, column))
