"""From a wish to facts: each handler reads the desk, checks the rules and answers with operations."""
