"""The desk's rules: standard library only, no I/O, no clock and no randomness that is not handed in."""
