"""Tags of a project, and the contacts that hang on them."""
