"""The roles that come with belonging to a company (rulings 6.3).

`user_role.granted` is what somebody assigned by hand, `user_role.role` is what counts. A role that
differs from `granted` came through a company, and only such a role is ever taken back.
"""

from collections.abc import Collection

from ticketing_server.core.db import Sql, execute

# The rule: admin of any company of the project, or else user of any; null when neither. `admin`
# comes before `user`, so the least relation is the highest role.
JUSTIFIED = """
SELECT min(m.relation) FROM company_member m JOIN company_project cp ON cp.company = m.company
WHERE cp.project = r.project AND m.account = r.account
"""
GIVE = """
INSERT INTO user_role AS r (project, account, role, assigned_by)
SELECT cp.project, m.account, min(m.relation), {}::bigint
FROM company_project cp JOIN company_member m ON m.company = cp.company
WHERE cp.company = {} AND (cp.project = ANY({}::bigint[]) OR m.id = ANY({}::bigint[]))
GROUP BY cp.project, m.account
ORDER BY cp.project, m.account
ON CONFLICT (project, account) DO UPDATE
    SET role = 'admin', assigned_by = excluded.assigned_by, assigned_at = now()
    WHERE excluded.role = 'admin' AND r.role NOT IN ('superadmin', 'admin')
"""
# A role that is assigned by hand at this very moment is left alone: both changes look again.
TAKE_BACK = f"""
WITH settled AS (
    SELECT r.id,
        CASE WHEN j.role = 'admin' THEN 'admin' ELSE coalesce(r.granted, j.role) END AS role
    FROM user_role r CROSS JOIN LATERAL ({JUSTIFIED}) AS j(role)
    WHERE r.project = ANY({{}}::bigint[]) AND r.account = ANY({{}}::bigint[])
        AND r.role IS DISTINCT FROM r.granted AND r.role IN ('admin', 'user')
    ORDER BY r.project, r.account
    FOR UPDATE OF r
), gone AS (
    DELETE FROM user_role r USING settled s
    WHERE r.id = s.id AND s.role IS NULL AND r.granted IS NULL
)
UPDATE user_role r SET role = s.role FROM settled s
WHERE r.id = s.id AND s.role <> 'admin' AND r.role = 'admin' AND r.granted IS DISTINCT FROM 'admin'
"""


async def give(
    company: int, by: int, *, projects: Collection[int] = (), members: Collection[int] = ()
) -> None:
    """What the company's new projects give all its members, and its new members everywhere.

    An admin becomes admin unless superadmin is held; a user becomes user unless any role is held.
    """
    if projects or members:
        await execute(Sql(GIVE, by, company, list(projects), list(members)))


async def take_back(projects: Collection[int], accounts: Collection[int]) -> None:
    """What no company of these projects, and nobody by hand, justifies any more."""
    if accounts:
        await execute(Sql(TAKE_BACK, list(projects), list(accounts)))
