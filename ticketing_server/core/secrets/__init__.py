"""What proves who somebody is, what keeps it to them, and who guesses at it."""
