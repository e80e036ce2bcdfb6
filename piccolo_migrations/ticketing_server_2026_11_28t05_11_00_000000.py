"""Write the audit log by triggers, and let nobody rewrite it."""

from typing import NamedTuple, cast

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ticketing_server.core.db import DB

ID = "2026-11-28T05:11:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Write the audit log by triggers, and let nobody rewrite it."


class Audited(NamedTuple):
    """A table, and what the log tells of it: names of columns, `column:as the API calls it`.

    `own` are values that go with the row, `secret` those that are told nowhere: that they changed
    is all. A change of `changes` is looked at, of anything else it is not.
    """

    table: str
    changes: str
    told: str
    own: str = ""
    secret: str = ""


AUDITED = [
    Audited(
        "account",
        changes="username, email, first_name, last_name, password, active, is_staff, superuser",
        told="active:is_active is_staff superuser:is_superuser created_by created_in",
        own="username email first_name last_name",
        secret="password",
    ),
    Audited(
        "user_role",
        changes="account, project, role, granted",
        told="account project role granted",
    ),
    Audited(
        "invitation",
        changes="project, role, email, token_hash, accepted_at, expires_at",
        told="project role accepted_by expires_at",
        own="email",
        secret="token_hash",
    ),
    Audited(
        "company",
        changes="name, description, primary_contact_email, phone, logo",
        told="name",
        own="description primary_contact_email phone",
        secret="logo",
    ),
    Audited(
        "company_member",
        changes="company, account, relation",
        told="company account relation",
    ),
    Audited("company_project", changes="company, project", told="company project"),
    Audited(
        "project",
        changes="name, key, description, widgets",
        told="name key description widgets",
    ),
]
WITH_OWN_VALUES = [audited.table for audited in AUDITED if audited.own]

# `ticketing_server.audit.acting` says who acts; whoever says nothing wrote past the server.
WRITING = """
CREATE FUNCTION audit_picked(of_row jsonb, beside jsonb, names text) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_object_agg(split_part(name, ':', -1), of_row -> split_part(name, ':', 1))
    FROM unnest(string_to_array(names, ' ')) AS name
    WHERE coalesce(of_row -> split_part(name, ':', 1), 'null')
        <> coalesce(beside -> split_part(name, ':', 1), 'null')
$$;

CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$
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
        IF coalesce(told_was, own_was, secrets) IS NULL THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO audit_entry (created_at, actor, source, request_id, action, resource, resource_id,
        account, project, company, fields, old_value, new_value)
    VALUES (
        clock_timestamp(),
        nullif(current_setting('ticketing.actor', true), '')::bigint,
        coalesce(nullif(current_setting('ticketing.source', true), ''), 'database'),
        nullif(current_setting('ticketing.request_id', true), ''),
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
# Of an invitation that was spent, or has run out, the log knows the end already.
TRIGGERS = """
CREATE TRIGGER audit_created AFTER INSERT ON {table} FOR EACH ROW
    EXECUTE FUNCTION audit('{told}', '{own}', '{secret}');
CREATE TRIGGER audit_changed AFTER UPDATE OF {changes} ON {table} FOR EACH ROW
    EXECUTE FUNCTION audit('{told}', '{own}', '{secret}');
CREATE TRIGGER audit_deleted AFTER DELETE ON {table} FOR EACH ROW {when}
    EXECUTE FUNCTION audit('{told}', '{own}', '{secret}');
CREATE TRIGGER audit_truncated BEFORE TRUNCATE ON {table}
    EXECUTE FUNCTION audit_refuses('the audit log tells of each row that goes');
"""
WHEN = {"invitation": "WHEN (OLD.accepted_at IS NULL AND OLD.expires_at > now())"}

# A trigger inside a trigger: only the ones above get so deep.
KEEPING = """
CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % refused: %', TG_OP, TG_TABLE_NAME, TG_ARGV[0]
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE FUNCTION audit_adds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'INSERT into % refused: only the change itself writes it', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER audit_entry_added BEFORE INSERT ON audit_entry EXECUTE FUNCTION audit_adds();
CREATE TRIGGER audit_entry_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    EXECUTE FUNCTION audit_refuses('the audit log is only added to');

CREATE TRIGGER audit_detail_added BEFORE INSERT ON audit_detail EXECUTE FUNCTION audit_adds();
CREATE TRIGGER audit_detail_stays BEFORE UPDATE OR TRUNCATE ON audit_detail
    EXECUTE FUNCTION audit_refuses('the audit log is only added to');
CREATE FUNCTION audit_detail_goes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_there boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE id = $1)', OLD.resource)
        INTO is_there USING OLD.resource_id;
    IF is_there THEN
        RAISE EXCEPTION 'DELETE of audit_detail refused: what it tells of is still there'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER audit_detail_goes BEFORE DELETE ON audit_detail FOR EACH ROW
    EXECUTE FUNCTION audit_detail_goes();

CREATE FUNCTION audit_forgets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM audit_detail WHERE resource = TG_TABLE_NAME AND resource_id = OLD.id;
    RETURN NULL;
END $$;
"""
FORGETTING = """
CREATE TRIGGER audit_forgets AFTER DELETE ON {table} FOR EACH ROW
    EXECUTE FUNCTION audit_forgets();
"""

INDEXES = """
CREATE INDEX audit_entry_actor ON audit_entry (actor, id);
CREATE INDEX audit_entry_account ON audit_entry (account, id);
CREATE INDEX audit_entry_project ON audit_entry (project, id);
CREATE INDEX audit_entry_company ON audit_entry (company, id);
CREATE INDEX audit_entry_request ON audit_entry (request_id);
CREATE INDEX audit_entry_created_at ON audit_entry (created_at);
CREATE INDEX audit_detail_resource ON audit_detail (resource, resource_id);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="ticketing_server", description=DESCRIPTION
    )
    manager.add_raw(run)
    return manager


async def run() -> None:
    connection = cast(asyncpg.Connection, DB.current_transaction.get().connection)
    await connection.execute(WRITING + KEEPING)
    for audited in AUDITED:
        when = WHEN.get(audited.table, "")
        await connection.execute(TRIGGERS.format(when=when, **audited._asdict()))
    for table in WITH_OWN_VALUES:
        await connection.execute(FORGETTING.format(table=table))
    await connection.execute(INDEXES)
