"""Keeping a desk safe: exports, backups, and putting either back."""
