"""What happened: one file per kind of operation, each with its data, validation, effect and inverse."""
