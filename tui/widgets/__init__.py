"""Parts of a screen that say one thing each."""
