"""Colours by meaning: what a theme must say, and the themes that ship."""
