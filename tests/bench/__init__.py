"""How fast the server is, beside what its database and its framework could do at best."""
