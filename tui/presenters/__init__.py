"""From values to what is shown: pure functions, no widgets."""
