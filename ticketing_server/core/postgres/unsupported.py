"""Windows: no unix sockets for asyncpg, no wheel among the dependencies, so a clear refusal."""

from pathlib import Path

from ticketing_server.core.postgres.errors import PostgresError


class EmbeddedPostgres:
    """Refuses, and says what to do instead."""

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        raise PostgresError(
            f"PostgreSQL cannot run in {data_dir} (durable={durable}): the embedded one does not "
            "support Windows. Set DATABASE_URL to a PostgreSQL 14 or later."
        )

    def exists(self) -> bool:
        """Never asked: there is none to ask."""
        return False
