"""Random filters, as trees in the one form that reading gives."""

from __future__ import annotations

from hypothesis import strategies as st

from core.query_fields import DAY, FIELDS, LAMP, NAME, NUMBER, PERSON, SPAN, Field
from core.query_times import span_written
from core.query_tree import HAS, IS, ME, NOTHING, Choice, FieldTest, Not, Tree, Words, both, either

COMPARED = ("<", "<=", ">", ">=")
NUMBERS = tuple("0123456789")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(lambda text: text.strip())
SPANS = st.sampled_from((60, 90 * 60, 3600, 7200, 86_400, 3 * 86_400)).map(span_written)
DAYS = st.sampled_from(("2026", "2026-11", "2026-11-01", "2024-02-29", "today", "yesterday"))


def choices(field: Field, texts: st.SearchStrategy[str] = TEXTS) -> st.SearchStrategy[Choice]:
    """Values of a field."""
    lacking = [st.just(Choice(NOTHING))] if field.may_lack else []
    compared = st.sampled_from(COMPARED)
    if field.kind in (NAME, PERSON):
        me = [st.just(Choice(ME))] if field.kind == PERSON else []
        return st.one_of(st.builds(Choice, st.sampled_from((HAS, IS)), texts), *lacking, *me)
    if field.kind == NUMBER:
        return st.builds(Choice, st.sampled_from((HAS, *COMPARED)), st.sampled_from(field.words or NUMBERS))
    if field.kind == SPAN:
        return st.builds(Choice, compared, SPANS)
    if field.kind == LAMP:
        return st.one_of(
            st.builds(Choice, compared, SPANS), st.builds(Choice, st.just(HAS), st.sampled_from(field.words))
        )
    if field.kind == DAY:
        return st.one_of(st.builds(Choice, compared, SPANS), st.builds(Choice, st.sampled_from((HAS, *COMPARED)), DAYS))
    own = st.builds(Choice, st.just(IS), texts.filter(lambda text: text not in field.words))
    return st.one_of(st.builds(Choice, st.just(HAS), st.sampled_from(field.words)), own)


def field_tests(texts: st.SearchStrategy[str]) -> st.SearchStrategy[FieldTest]:
    """One field and its values."""

    def of(field: Field) -> st.SearchStrategy[FieldTest]:
        several = st.lists(choices(field, texts), min_size=1, max_size=3, unique=True)
        return several.map(lambda found: FieldTest(field.name, tuple(found)))

    return st.sampled_from(FIELDS).flatmap(of)


def trees(texts: st.SearchStrategy[str] = TEXTS) -> st.SearchStrategy[Tree]:
    """Whole filters."""
    leaves: st.SearchStrategy[Tree] = st.one_of(field_tests(texts), texts.map(Words))

    def grown(parts: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        several = st.lists(parts, min_size=2, max_size=3)
        denied = parts.map(lambda part: part.part if isinstance(part, Not) else Not(part))
        return st.one_of(denied, several.map(both), several.map(either))

    return st.recursive(leaves, grown, max_leaves=6)
