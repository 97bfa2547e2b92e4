"""Erasing what a desk knows of one person outside: what they are known by, where it stands, and the file made clean."""
