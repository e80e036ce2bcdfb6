"""What is somebody's own, part by part: each a statement about the account `$1`.

Of other people there are ids only, and of tickets that somebody else wrote no more than the name.
Password and token hashes are nobody's data but the server's.
"""

# Each gives one object.
ACCOUNT = """
SELECT id, username, email, first_name, last_name, active AS is_active, is_staff,
    superuser AS is_superuser, created_by, created_in, date_joined, last_login
FROM account WHERE id = $1
"""

KEY = "p.key || '-' || t.number AS ticket"
OF_TICKET = "JOIN ticket t ON t.id = x.ticket JOIN project p ON p.id = t.project"
HAS_THEIR_EMAIL = "(SELECT lower(email) FROM account WHERE id = $1)"

# Each gives any number of objects, in the order in which they came to be.
SECTIONS = {
    "roles": """
        SELECT x.project, p.key AS project_key, p.name AS project_name, x.role, x.granted,
            x.assigned_by, x.assigned_at
        FROM user_role x JOIN project p ON p.id = x.project WHERE x.account = $1 ORDER BY x.id
    """,
    "companies": """
        SELECT x.company, c.name AS company_name, x.relation, x.added_at
        FROM company_member x JOIN company c ON c.id = x.company
        WHERE x.account = $1 ORDER BY x.id
    """,
    "invitations_received": f"""
        SELECT x.project, x.role, x.email, x.created_at, x.expires_at, x.accepted_at
        FROM invitation x WHERE x.accepted_by = $1 OR lower(x.email) = {HAS_THEIR_EMAIL}
        ORDER BY x.id
    """,
    "invitations_sent": """
        SELECT x.project, x.role, x.created_at, x.expires_at, x.accepted_at
        FROM invitation x WHERE x.created_by = $1 ORDER BY x.id
    """,
    "tickets_reported": f"""
        SELECT {KEY}, t.name, t.description, t.type, t.priority_id, t.urgency, t.importance,
            t.start_date, t.due_date, t.created_at, t.updated_at, t.resolved_at
        FROM ticket t JOIN project p ON p.id = t.project WHERE t.reporter = $1 ORDER BY t.id
    """,
    "tickets_assigned": f"""
        SELECT {KEY}, t.name FROM ticket_assignee x {OF_TICKET} WHERE x.account = $1 ORDER BY x.id
    """,
    "tickets_followed": f"""
        SELECT {KEY}, t.name FROM ticket_follower x {OF_TICKET} WHERE x.account = $1 ORDER BY x.id
    """,
    "comments": f"""
        SELECT {KEY}, x.content, x.created_at, x.updated_at
        FROM comment x {OF_TICKET} WHERE x.author = $1 ORDER BY x.id
    """,
    "attachments": f"""
        SELECT {KEY}, x.filename, x.content_type, x.size, x.uploaded_at
        FROM attachment x {OF_TICKET} WHERE x.uploaded_by = $1 ORDER BY x.id
    """,
    "history": f"""
        SELECT {KEY}, x.action, x.field, x.old_value, x.new_value, x.created_at
        FROM event x LEFT JOIN ticket t ON t.id = x.ticket JOIN project p ON p.id = x.project
        WHERE x.actor = $1 ORDER BY x.id
    """,
    "contacts": f"""
        SELECT x.project, x.name, x.email, x.phone, x.title, x.department, x.description,
            x.created_at, x.updated_at
        FROM contact x WHERE lower(x.email) = {HAS_THEIR_EMAIL} ORDER BY x.id
    """,
    "companies_they_are_the_contact_of": f"""
        SELECT x.id AS company, x.name, x.primary_contact_email, x.phone
        FROM company x WHERE lower(x.primary_contact_email) = {HAS_THEIR_EMAIL} ORDER BY x.id
    """,
    "admin_sessions": """
        SELECT x.created_at, x.expires_at FROM admin_session x WHERE x.account = $1 ORDER BY x.id
    """,
    "audit_log": """
        SELECT x.id, x.created_at, x.actor, x.source, x.request_id, x.action, x.resource,
            x.resource_id, x.account, x.project, x.company, x.fields,
            coalesce(x.old_value || d.old_value, x.old_value, d.old_value) AS old_value,
            coalesce(x.new_value || d.new_value, x.new_value, d.new_value) AS new_value
        FROM audit_entry x LEFT JOIN audit_detail d
            ON d.entry = x.id AND d.resource = 'account' AND d.resource_id = $1
        WHERE x.actor = $1 OR x.account = $1 ORDER BY x.id
    """,
}
