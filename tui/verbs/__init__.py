"""What the command line can do without a screen: one file per verb, none imports Textual."""
