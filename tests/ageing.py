"""Makes the audit log older than it is: nobody may, so triggers are off meanwhile."""

from ticketing_server.core.db import DB

AGE = """
SET LOCAL session_replication_role = replica;
UPDATE audit_entry SET created_at = created_at - {days} * interval '1 day' WHERE {which};
"""


async def age_the_log(days: int, which: str = "TRUE") -> None:
    async with DB.transaction() as transaction:
        await transaction.connection.execute(AGE.format(days=days, which=which))
