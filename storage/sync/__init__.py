"""The console's side of two-way sync: sending the log, taking in that of others, and folding both into rows."""
