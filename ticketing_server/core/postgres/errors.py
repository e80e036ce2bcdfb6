"""What an operator reads when the embedded PostgreSQL cannot run."""


class PostgresError(Exception):
    """The message is for an operator: what is wrong, why, and what to do."""


class RemainsError(PostgresError):
    """Something of a server that died is still there; it goes away by itself."""
