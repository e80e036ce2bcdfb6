"""Let the oldest of the audit log go, count it, and close ways around it."""

from typing import cast

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ticketing_server.core.db import DB

ID = "2026-11-28T08:11:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Let the oldest of the audit log go, count it, and close ways around it."

AUDITED = (
    "account",
    "user_role",
    "invitation",
    "company",
    "company_member",
    "company_project",
    "project",
)

# Steps as those of `ticket_count`: writers share no row. Folded at every 256th entry, and not at
# every so many transactions, since one of them may write any number.
COUNTS = """
CREATE FUNCTION fold_audit_counts() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('audit_count', 0)) THEN
        RETURN;
    END IF;
    WITH gone AS (
        DELETE FROM audit_count WHERE id IN (
            SELECT unnest(array_agg(id)) FROM audit_count
            GROUP BY source, action, resource HAVING count(*) > 1
        ) RETURNING source, action, resource, entries
    )
    INSERT INTO audit_count (source, action, resource, entries)
    SELECT source, action, resource, sum(entries) FROM gone
    GROUP BY 1, 2, 3 HAVING sum(entries) <> 0;
END $$;

CREATE FUNCTION audit_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_count (source, action, resource, entries)
        SELECT source, action, resource, count(*) FROM come GROUP BY 1, 2, 3;
    IF EXISTS (SELECT FROM come WHERE id % 256 = 0) THEN
        PERFORM fold_audit_counts();
    END IF;
    RETURN NULL;
END $$;

INSERT INTO audit_count (source, action, resource, entries)
    SELECT source, action, resource, count(*) FROM audit_entry GROUP BY 1, 2, 3;
ALTER TABLE audit_count
    SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE TRIGGER audit_entry_counted AFTER INSERT ON audit_entry
    REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION audit_counted();

CREATE INDEX audit_entry_source ON audit_entry (source, id);
CREATE INDEX audit_entry_resource ON audit_entry (resource, id);
"""

# Whoever removes entries, whatever the statement: a piece out of the middle never goes, what is
# younger than a month never goes, and what goes is told of in the log itself. Rows that are deleted
# take their values along in whatever order they go; so who removes many waits for them, holding none.
REMOVING = """
CREATE FUNCTION audit_said(name text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('ticketing.' || name, true), '')
$$;
CREATE FUNCTION audit_moment(moment timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

CREATE FUNCTION audit_removed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    newest record;
BEGIN
    SELECT id, created_at INTO newest FROM gone ORDER BY created_at DESC, id DESC LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF newest.created_at > now() - interval '30 days' OR EXISTS (
        SELECT FROM audit_entry WHERE (created_at, id) < (newest.created_at, newest.id)
    ) THEN
        RAISE EXCEPTION 'DELETE of audit_entry refused: %',
            'only its oldest end is removed, and nothing younger than 30 days'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('audit_detail', 0));
    DELETE FROM audit_detail WHERE entry IN (SELECT id FROM gone);
    INSERT INTO audit_count (source, action, resource, entries)
        SELECT source, action, resource, -count(*) FROM gone GROUP BY 1, 2, 3;
    INSERT INTO audit_entry (created_at, actor, source, request_id, action, resource, resource_id,
        fields, old_value)
    SELECT clock_timestamp(), audit_said('actor')::bigint,
        coalesce(audit_said('source'), 'database'), audit_said('request_id'), 'deleted',
        'audit_entry', newest.id, '{entries,since,until}',
        jsonb_build_object('entries', count(*), 'since', audit_moment(min(created_at)),
            'until', audit_moment(max(created_at)))
    FROM gone;
    RETURN NULL;
END $$;

DROP TRIGGER audit_entry_stays ON audit_entry;
CREATE TRIGGER audit_entry_stays BEFORE UPDATE OR TRUNCATE ON audit_entry
    EXECUTE FUNCTION audit_refuses('the audit log is only added to');
CREATE TRIGGER audit_entry_removed AFTER DELETE ON audit_entry
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION audit_removed();

CREATE OR REPLACE FUNCTION audit_detail_goes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_there boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE id = $1)', OLD.resource)
        INTO is_there USING OLD.resource_id;
    IF is_there AND EXISTS (SELECT FROM audit_entry WHERE id = OLD.entry) THEN
        RAISE EXCEPTION 'DELETE of audit_detail refused: what it tells of is still there'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END $$;

CREATE OR REPLACE FUNCTION audit_forgets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('audit_detail', 0));
    DELETE FROM audit_detail WHERE resource = TG_TABLE_NAME AND resource_id = OLD.id;
    RETURN NULL;
END $$;
"""

# As it was, but for one thing more to be silent about: who or what goes is no longer named where an
# account was made or an invitation accepted, and an entry of its own tells that it went.
BY_NOBODY = '{"created_by": null, "created_in": null, "accepted_by": null}'
WRITING = f"""
CREATE OR REPLACE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was jsonb := to_jsonb(OLD);
    is_now jsonb := to_jsonb(NEW);
    about jsonb := coalesce(is_now, was);
    told_was jsonb := audit_picked(was, is_now, TG_ARGV[0]);
    told_now jsonb := audit_picked(is_now, was, TG_ARGV[0]);
    own_was jsonb;
    own_now jsonb;
    secrets jsonb;
    entry bigint;
BEGIN
    IF TG_OP <> 'DELETE' THEN
        own_was := audit_picked(was, is_now, TG_ARGV[1]);
        own_now := audit_picked(is_now, was, TG_ARGV[1]);
    END IF;
    IF TG_OP = 'UPDATE' THEN
        secrets := audit_picked(is_now, was, TG_ARGV[2]) || audit_picked(was, is_now, TG_ARGV[2]);
        IF coalesce(own_was, secrets) IS NULL
            AND coalesce(told_now <@ '{BY_NOBODY}', TRUE) THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO audit_entry (created_at, actor, source, request_id, action, resource, resource_id,
        account, project, company, fields, old_value, new_value)
    VALUES (
        clock_timestamp(),
        audit_said('actor')::bigint,
        coalesce(audit_said('source'), 'database'),
        audit_said('request_id'),
        CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,
        TG_TABLE_NAME,
        (about ->> 'id')::bigint,
        CASE TG_TABLE_NAME WHEN 'account' THEN about ->> 'id'
            ELSE coalesce(about ->> 'account', about ->> 'accepted_by') END::bigint,
        CASE TG_TABLE_NAME WHEN 'project' THEN about ->> 'id' ELSE about ->> 'project' END::bigint,
        CASE TG_TABLE_NAME WHEN 'company' THEN about ->> 'id' ELSE about ->> 'company' END::bigint,
        ARRAY(SELECT DISTINCT name FROM unnest(ARRAY[told_was, told_now, own_was, own_now, secrets])
            AS part, jsonb_object_keys(part) AS name ORDER BY name),
        told_was,
        told_now
    ) RETURNING id INTO entry;
    IF own_was IS NOT NULL OR own_now IS NOT NULL THEN
        INSERT INTO audit_detail (entry, resource, resource_id, old_value, new_value)
            VALUES (entry, TG_TABLE_NAME, (about ->> 'id')::bigint, own_was, own_now);
    END IF;
    RETURN NULL;
END $$;
"""

# Who made an account, and where, decides who manages it (rulings 6.7, 6.8); an invitation that is
# made unspent works once more.
TOLD_OF_ACCOUNT = (
    "'active:is_active is_staff superuser:is_superuser created_by created_in',"
    " 'username email first_name last_name', 'password'"
)
TOLD_OF_INVITATION = "'project role accepted_by accepted_at expires_at', 'email', 'token_hash'"
TELLING = f"""
CREATE OR REPLACE TRIGGER audit_changed AFTER UPDATE OF username, email, first_name, last_name,
    password, active, is_staff, superuser, created_by, created_in ON account FOR EACH ROW
    EXECUTE FUNCTION audit({TOLD_OF_ACCOUNT});

CREATE OR REPLACE TRIGGER audit_created AFTER INSERT ON invitation FOR EACH ROW
    EXECUTE FUNCTION audit({TOLD_OF_INVITATION});
CREATE OR REPLACE TRIGGER audit_changed AFTER UPDATE OF project, role, email, token_hash,
    accepted_by, accepted_at, expires_at ON invitation FOR EACH ROW
    EXECUTE FUNCTION audit({TOLD_OF_INVITATION});
CREATE OR REPLACE TRIGGER audit_deleted AFTER DELETE ON invitation FOR EACH ROW
    WHEN (OLD.accepted_at IS NULL AND OLD.expires_at > now())
    EXECUTE FUNCTION audit({TOLD_OF_INVITATION});
"""
# A row under another id would be another one to the log, its values nobody's.
SAME_ID = """
CREATE TRIGGER audit_same_id BEFORE UPDATE OF id ON {table}
    EXECUTE FUNCTION audit_refuses('the audit log knows it by its id');
"""

COUNTING_IS_OURS = """
CREATE OR REPLACE FUNCTION audit_adds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION '% of % refused: only the change itself writes it', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_count_ours BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON audit_count
    EXECUTE FUNCTION audit_adds();
"""

# Or a temporary table by the name of one of ours would be written to, or asked, in its place.
OUR_TABLES = "ALTER FUNCTION {function} SET search_path = pg_catalog, {schema}, pg_temp"
FUNCTIONS = (
    "audit()",
    "audit_adds()",
    "audit_counted()",
    "audit_detail_goes()",
    "audit_forgets()",
    "audit_refuses()",
    "audit_removed()",
    "fold_audit_counts()",
)
SCHEMA = "SELECT quote_ident(current_schema())"


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="ticketing_server", description=DESCRIPTION
    )
    manager.add_raw(run)
    return manager


async def run() -> None:
    connection = cast(asyncpg.Connection, DB.current_transaction.get().connection)
    await connection.execute("LOCK TABLE audit_entry IN SHARE ROW EXCLUSIVE MODE")
    await connection.execute(COUNTS + REMOVING + WRITING + TELLING + COUNTING_IS_OURS)
    for table in AUDITED:
        await connection.execute(SAME_ID.format(table=table))
    schema = await connection.fetchval(SCHEMA)
    for function in FUNCTIONS:
        await connection.execute(OUR_TABLES.format(function=function, schema=schema))
