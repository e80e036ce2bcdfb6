"""What is done outside of any request."""
