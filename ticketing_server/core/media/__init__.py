"""Files that people bring: how they come in, where they lie, how they go out again."""
