"""Projects and their boards."""
