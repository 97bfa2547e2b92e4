"""Numbered changes of a hub's schema, run by Alembic as the schema's owner; append-only."""

NEWEST = "0004"
"""The revision that this program works with."""
