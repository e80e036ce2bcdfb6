"""Who changed accounts, roles, companies and projects: the database writes it, superusers read."""
