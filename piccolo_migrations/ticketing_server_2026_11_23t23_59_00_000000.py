"""Give the tables their composite keys, checks, indexes and triggers.

Piccolo's tables say what a row holds; this says what the database refuses, whatever the code above
does. `docs/decisions/0002-composite-keys.md` explains the keys, `docs/decisions/0003-search.md`
the search words.
"""

from typing import cast

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ticketing_server.core.db import DB

ID = "2026-11-23T23:59:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Give the tables their composite keys, checks, indexes and triggers."

ACCOUNTS = """
CREATE UNIQUE INDEX account_username_key ON account (lower(username));
CREATE UNIQUE INDEX account_email_key ON account (lower(email));
CREATE INDEX account_created_by ON account (created_by);
ALTER TABLE account ADD CONSTRAINT account_created_in_fkey
    FOREIGN KEY (created_in) REFERENCES project (id) ON DELETE SET NULL;
CREATE INDEX ended_session_expires_at ON ended_session (expires_at);

-- A changed password and a deactivated account end all tokens, whoever made the change.
CREATE FUNCTION account_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    IF NEW.password <> OLD.password OR (OLD.active AND NOT NEW.active) THEN
        NEW.token_epoch := OLD.token_epoch + 1;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER account_changed
    BEFORE UPDATE OF username, email, password, first_name, last_name, active, is_staff, superuser
    ON account FOR EACH ROW EXECUTE FUNCTION account_changed();
"""

KEYS = """
ALTER TABLE board_column ADD CONSTRAINT board_column_project_id_key UNIQUE (project, id);
ALTER TABLE tag ADD CONSTRAINT tag_project_id_key UNIQUE (project, id);
ALTER TABLE contact ADD CONSTRAINT contact_project_id_key UNIQUE (project, id);
ALTER TABLE company_project
    ADD CONSTRAINT company_project_project_company_key UNIQUE (project, company);
ALTER TABLE ticket ADD CONSTRAINT ticket_project_id_key UNIQUE (project, id);
ALTER TABLE ticket ADD CONSTRAINT ticket_project_number_key UNIQUE (project, number);

ALTER TABLE ticket
    DROP CONSTRAINT ticket_column_fkey,
    DROP CONSTRAINT ticket_company_fkey,
    ADD CONSTRAINT ticket_column_fkey FOREIGN KEY (project, "column")
        REFERENCES board_column (project, id) ON DELETE NO ACTION,
    ADD CONSTRAINT ticket_company_fkey FOREIGN KEY (project, company)
        REFERENCES company_project (project, company) ON DELETE NO ACTION;

ALTER TABLE ticket_assignee
    DROP CONSTRAINT ticket_assignee_project_fkey,
    DROP CONSTRAINT ticket_assignee_ticket_fkey,
    ADD CONSTRAINT ticket_assignee_ticket_fkey FOREIGN KEY (project, ticket)
        REFERENCES ticket (project, id) ON DELETE CASCADE;
ALTER TABLE ticket_follower
    DROP CONSTRAINT ticket_follower_project_fkey,
    DROP CONSTRAINT ticket_follower_ticket_fkey,
    ADD CONSTRAINT ticket_follower_ticket_fkey FOREIGN KEY (project, ticket)
        REFERENCES ticket (project, id) ON DELETE CASCADE;
ALTER TABLE ticket_tag
    DROP CONSTRAINT ticket_tag_project_fkey,
    DROP CONSTRAINT ticket_tag_ticket_fkey,
    DROP CONSTRAINT ticket_tag_tag_fkey,
    ADD CONSTRAINT ticket_tag_ticket_fkey FOREIGN KEY (project, ticket)
        REFERENCES ticket (project, id) ON DELETE CASCADE,
    ADD CONSTRAINT ticket_tag_tag_fkey FOREIGN KEY (project, tag)
        REFERENCES tag (project, id) ON DELETE CASCADE;
ALTER TABLE tag_contact
    DROP CONSTRAINT tag_contact_project_fkey,
    DROP CONSTRAINT tag_contact_tag_fkey,
    DROP CONSTRAINT tag_contact_contact_fkey,
    ADD CONSTRAINT tag_contact_tag_fkey FOREIGN KEY (project, tag)
        REFERENCES tag (project, id) ON DELETE CASCADE,
    ADD CONSTRAINT tag_contact_contact_fkey FOREIGN KEY (project, contact)
        REFERENCES contact (project, id) ON DELETE CASCADE;
ALTER TABLE comment
    DROP CONSTRAINT comment_project_fkey,
    DROP CONSTRAINT comment_ticket_fkey,
    ADD CONSTRAINT comment_ticket_fkey FOREIGN KEY (project, ticket)
        REFERENCES ticket (project, id) ON DELETE CASCADE;
ALTER TABLE attachment
    DROP CONSTRAINT attachment_project_fkey,
    DROP CONSTRAINT attachment_ticket_fkey,
    ADD CONSTRAINT attachment_ticket_fkey FOREIGN KEY (project, ticket)
        REFERENCES ticket (project, id) ON DELETE CASCADE;
ALTER TABLE event
    DROP CONSTRAINT event_ticket_fkey,
    ADD CONSTRAINT event_ticket_fkey FOREIGN KEY (project, ticket)
        REFERENCES ticket (project, id) ON DELETE CASCADE;
"""

UNIQUES = """
CREATE UNIQUE INDEX user_role_project_account_key ON user_role (project, account);
CREATE INDEX user_role_account ON user_role (account);
CREATE UNIQUE INDEX board_column_project_name_key ON board_column (project, lower(name));
CREATE UNIQUE INDEX board_column_project_status_key ON board_column (project, status);
ALTER TABLE board_column ADD CONSTRAINT board_column_project_order_key
    UNIQUE (project, "order") DEFERRABLE INITIALLY DEFERRED;
CREATE UNIQUE INDEX tag_project_name_key ON tag (project, lower(name));
CREATE UNIQUE INDEX tag_contact_tag_contact_key ON tag_contact (tag, contact);
CREATE INDEX tag_contact_contact ON tag_contact (contact);
CREATE INDEX company_project_company ON company_project (company);
CREATE UNIQUE INDEX company_member_key ON company_member (company, account, relation);
CREATE INDEX company_member_account ON company_member (account);
CREATE UNIQUE INDEX ticket_assignee_key ON ticket_assignee (ticket, account);
CREATE INDEX ticket_assignee_account ON ticket_assignee (account, ticket);
CREATE UNIQUE INDEX ticket_follower_key ON ticket_follower (ticket, account);
CREATE INDEX ticket_follower_account ON ticket_follower (account, ticket);
CREATE UNIQUE INDEX ticket_tag_key ON ticket_tag (ticket, tag);
CREATE INDEX ticket_tag_tag ON ticket_tag (tag, ticket);
CREATE UNIQUE INDEX idempotent_answer_key ON idempotent_answer (account, key);
CREATE INDEX idempotent_answer_created_at ON idempotent_answer (created_at);
CREATE INDEX throttle_ends_at ON throttle (ends_at);
ALTER TABLE throttle SET UNLOGGED;
"""

INDEXES = """
CREATE INDEX ticket_newest ON ticket (created_at DESC, id DESC);
CREATE INDEX ticket_project_newest ON ticket (project, created_at DESC, id DESC);
CREATE INDEX ticket_project_column ON ticket (project, "column", created_at DESC, id DESC);
CREATE INDEX ticket_company ON ticket (company, project);
CREATE INDEX ticket_reporter ON ticket (reporter, project);
CREATE INDEX comment_ticket ON comment (ticket, created_at, id);
CREATE INDEX comment_author ON comment (author);
CREATE INDEX attachment_ticket ON attachment (ticket, id);
CREATE INDEX attachment_uploaded_by ON attachment (uploaded_by);
CREATE INDEX event_ticket ON event (ticket, id);
CREATE INDEX event_project_newest ON event (project, created_at DESC, id DESC);
CREATE INDEX event_actor ON event (actor);
CREATE INDEX contact_project ON contact (project, name, id);
CREATE INDEX invitation_project ON invitation (project);
-- So that deleting a person or a project scans no table.
CREATE INDEX account_created_in ON account (created_in);
CREATE INDEX project_created_by ON project (created_by);
CREATE INDEX user_role_assigned_by ON user_role (assigned_by);
CREATE INDEX invitation_created_by ON invitation (created_by);
CREATE INDEX invitation_accepted_by ON invitation (accepted_by);
"""

CHECKS = """
ALTER TABLE user_role
    ADD CONSTRAINT user_role_known CHECK (role IN ('superadmin', 'admin', 'user', 'manager')),
    ADD CONSTRAINT user_role_granted_known
        CHECK (granted IN ('superadmin', 'admin', 'user', 'manager'));
ALTER TABLE invitation
    ADD CONSTRAINT invitation_role_known CHECK (role IN ('superadmin', 'admin', 'user', 'manager'));
ALTER TABLE company_member
    ADD CONSTRAINT company_member_relation_known CHECK (relation IN ('admin', 'user'));
ALTER TABLE project
    ADD CONSTRAINT project_key_shape CHECK (key ~ '^[A-Z][A-Z0-9]{1,9}$');
ALTER TABLE board_column
    ADD CONSTRAINT board_column_category_known CHECK (category IN ('todo', 'in_progress', 'done')),
    ADD CONSTRAINT board_column_color_shape CHECK (color ~ '^#[0-9a-fA-F]{6}$'),
    ADD CONSTRAINT board_column_order_positive CHECK ("order" >= 0);
ALTER TABLE tag
    ADD CONSTRAINT tag_color_shape CHECK (color ~ '^#[0-9a-fA-F]{6}$');
ALTER TABLE ticket
    ADD CONSTRAINT ticket_type_known CHECK (type IN ('task', 'bug', 'story', 'epic')),
    ADD CONSTRAINT ticket_priority_known CHECK (priority_id BETWEEN 1 AND 5),
    ADD CONSTRAINT ticket_urgency_known CHECK (urgency IN ('low', 'medium', 'high', 'critical')),
    ADD CONSTRAINT ticket_importance_known
        CHECK (importance IN ('low', 'medium', 'high', 'critical')),
    ADD CONSTRAINT ticket_dates_in_order CHECK (due_date >= start_date);
"""

VERSIONS = """
CREATE FUNCTION row_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.updated_at := now();
    RETURN NEW;
END $$;
"""

VERSIONED = ("project", "board_column", "company", "tag", "contact", "ticket", "comment")

VERSION_TRIGGER = """
CREATE TRIGGER {table}_changed BEFORE UPDATE ON {table}
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION row_changed();
"""

NUMBERS = """
-- One row per project is locked from here to the commit: no number is given twice or given back.
CREATE FUNCTION ticket_numbered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO project_counter AS counter (project, last_number) VALUES (NEW.project, 1)
        ON CONFLICT (project) DO UPDATE SET last_number = counter.last_number + 1
        RETURNING last_number INTO NEW.number;
    RETURN NEW;
END $$;
CREATE TRIGGER ticket_numbered BEFORE INSERT ON ticket
    FOR EACH ROW WHEN (NEW.number IS NULL) EXECUTE FUNCTION ticket_numbered();
"""

LAST_SUPERADMIN = """
-- The project row is the lock: two superadmins who remove each other wait here for one another,
-- and the second looks again at what the first has left. A project that is itself being deleted
-- is no longer found.
CREATE FUNCTION keep_a_superadmin(of_project bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM project WHERE id = of_project FOR NO KEY UPDATE;
    IF FOUND AND NOT EXISTS (
        SELECT 1 FROM user_role r JOIN account a ON a.id = r.account
        WHERE r.project = of_project AND r.role = 'superadmin' AND a.active
    ) THEN
        RAISE EXCEPTION 'project % would lose its last superadmin', of_project
            USING ERRCODE = 'check_violation', CONSTRAINT = 'project_keeps_a_superadmin';
    END IF;
END $$;

CREATE FUNCTION superadmin_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM keep_a_superadmin(OLD.project);
    RETURN NULL;
END $$;
CREATE TRIGGER superadmin_removed AFTER DELETE ON user_role
    FOR EACH ROW WHEN (OLD.role = 'superadmin') EXECUTE FUNCTION superadmin_left();
CREATE TRIGGER superadmin_lowered AFTER UPDATE ON user_role
    FOR EACH ROW WHEN (OLD.role = 'superadmin' AND NEW.role <> 'superadmin')
    EXECUTE FUNCTION superadmin_left();

CREATE FUNCTION superadmin_deactivated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM keep_a_superadmin(project) FROM user_role
        WHERE account = NEW.id AND role = 'superadmin' ORDER BY project;
    RETURN NULL;
END $$;
CREATE TRIGGER superadmin_deactivated AFTER UPDATE OF active ON account
    FOR EACH ROW WHEN (OLD.active AND NOT NEW.active) EXECUTE FUNCTION superadmin_deactivated();
"""

# The collation decides what lower() and [[:alnum:]] make of Georgian: the database's own may be C.
SEARCH = """
-- A word is a run of letters and digits; every other visible character is a word of its own, so
-- that `50%` and `a_b` are found as they are written. The limits keep a tsvector below its 1 MiB.
CREATE FUNCTION search_document(name text, description text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_to_tsvector(ARRAY({document_words}))
$$;
CREATE FUNCTION search_query(body text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT string_agg(
        '''' || replace(replace(word, E'\\\\', E'\\\\\\\\'), '''', '''''') || ''':*', ' & '
    )::tsquery FROM ({query_words}) AS words(word)
$$;
ALTER TABLE ticket ADD COLUMN search tsvector
    GENERATED ALWAYS AS (search_document(name, description)) STORED;
CREATE INDEX ticket_search ON ticket USING gin (search);
"""

WORDS = """SELECT DISTINCT left(m[1], 255) FROM regexp_matches(
        lower(left({body}, 262144) {collate}),
        '[[:alnum:]]+|[^[:alnum:][:space:]]' {collate}, 'g'
    ) AS m"""

COLLATIONS = """
SELECT collname FROM pg_collation
WHERE collname IN ('pg_c_utf8', 'und-x-icu', 'C.utf8', 'en_US.utf8') AND collencoding IN (-1, 6)
ORDER BY array_position(ARRAY['pg_c_utf8', 'und-x-icu', 'C.utf8', 'en_US.utf8'], collname::text)
LIMIT 1
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="ticketing_server", description=DESCRIPTION
    )
    manager.add_raw(run)
    return manager


async def run() -> None:
    connection = cast(asyncpg.Connection, DB.current_transaction.get().connection)
    for statements in (ACCOUNTS, KEYS, UNIQUES, INDEXES, CHECKS, VERSIONS):
        await connection.execute(statements)
    for table in VERSIONED:
        await connection.execute(VERSION_TRIGGER.format(table=table))
    await connection.execute(NUMBERS)
    await connection.execute(LAST_SUPERADMIN)
    collation = await connection.fetchval(COLLATIONS)
    collate = f'COLLATE "{collation}"' if collation else ""
    await connection.execute(
        SEARCH.format(
            document_words=WORDS.format(body="name || ' ' || description", collate=collate),
            query_words=WORDS.format(body="body", collate=collate),
        )
    )
