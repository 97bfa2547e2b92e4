"""The demo world: an invented service firm, its customers and their tickets, made from a seed."""
