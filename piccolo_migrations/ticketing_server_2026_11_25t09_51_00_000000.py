"""Let nobody's username be another's email: both sign in (rulings 2.5)."""

import logging
from typing import cast

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ticketing_server.core.db import DB

ID = "2026-11-25T09:51:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Let nobody's username be another's email: both sign in."

logger = logging.getLogger(__name__)

# Where two accounts share a name already, the username wins, as it does in signing in; the other
# account stays as it is and keeps its username.
FILL = """
CREATE INDEX login_name_account ON login_name (account);
INSERT INTO login_name (name, account) SELECT lower(username), id FROM account;
INSERT INTO login_name (name, account) SELECT lower(email), id FROM account
    ON CONFLICT (name) DO NOTHING;
"""
CLASHES = """
SELECT a.id FROM account a JOIN login_name n ON n.name = lower(a.email) AND n.account <> a.id
ORDER BY a.id
"""
KEEP = """
CREATE FUNCTION claim_login_name(claimed text, by_account bigint, violated text) RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO login_name (name, account) VALUES (lower(claimed), by_account)
        ON CONFLICT (name) DO NOTHING;
    IF NOT EXISTS (
        SELECT 1 FROM login_name WHERE name = lower(claimed) AND account = by_account
    ) THEN
        RAISE unique_violation USING CONSTRAINT = violated,
            MESSAGE = 'somebody else signs in with that name';
    END IF;
END $$;
CREATE FUNCTION login_names_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM login_name
        WHERE account = NEW.id AND name NOT IN (lower(NEW.username), lower(NEW.email));
    IF TG_OP = 'INSERT' OR NEW.username <> OLD.username THEN
        PERFORM claim_login_name(NEW.username, NEW.id, 'account_username_free');
    END IF;
    IF TG_OP = 'INSERT' OR NEW.email <> OLD.email THEN
        PERFORM claim_login_name(NEW.email, NEW.id, 'account_email_free');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER login_names_changed AFTER INSERT OR UPDATE OF username, email ON account
    FOR EACH ROW EXECUTE FUNCTION login_names_changed();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="ticketing_server", description=DESCRIPTION
    )
    manager.add_raw(run)
    return manager


async def run() -> None:
    connection = cast(asyncpg.Connection, DB.current_transaction.get().connection)
    # Nobody registers or is renamed between the list and its trigger.
    await connection.execute("LOCK TABLE account IN SHARE ROW EXCLUSIVE MODE")
    await connection.execute(FILL)
    if clashes := [row["id"] for row in await connection.fetch(CLASHES)]:
        logger.warning("accounts whose email is another's username: %s", clashes)
    await connection.execute(KEEP)
