"""The console: the screen, the keys and the command line."""
