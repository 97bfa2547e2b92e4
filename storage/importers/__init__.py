"""Bringing real input to a desk: a mapping says what a source's columns mean, the rest is the same for all."""
