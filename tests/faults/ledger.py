"""What the server has acknowledged, and what is to be found of it ever after."""

from collections import Counter, defaultdict
from pathlib import Path

import asyncpg

# One statement for each kind of entry: which of these are not there any more, or still there.
MISSING = {
    "founder": """
        SELECT name FROM unnest($1::text[]) AS name WHERE NOT EXISTS (
            SELECT FROM account a JOIN user_role r ON r.account = a.id AND r.role = 'superadmin'
            WHERE a.username = name)
    """,
    "member": """
        SELECT name FROM unnest($1::text[]) AS name WHERE NOT EXISTS (
            SELECT FROM account a JOIN company_member m ON m.account = a.id WHERE a.username = name)
    """,
    "ticket": """
        SELECT one FROM unnest($1::text[]) AS one
        WHERE NOT EXISTS (SELECT FROM ticket t WHERE t.id = one::bigint)
    """,
    "done": """
        SELECT one FROM unnest($1::text[]) AS one WHERE NOT EXISTS (
            SELECT FROM ticket t JOIN board_column c ON c.id = t."column"
            WHERE t.id = one::bigint AND c.category = 'done' AND t.resolved_at IS NOT NULL)
    """,
    "comment": """
        SELECT one FROM unnest($1::text[]) AS one
        WHERE NOT EXISTS (SELECT FROM comment c WHERE c.id = one::bigint)
    """,
    "attachment": """
        SELECT one FROM unnest($1::text[]) AS one
        WHERE NOT EXISTS (SELECT FROM attachment a WHERE a.id = one::bigint)
    """,
    "deleted attachment": """
        SELECT one FROM unnest($1::text[]) AS one
        WHERE EXISTS (SELECT FROM attachment a WHERE a.id = one::bigint)
    """,
    "deleted ticket": """
        SELECT one FROM unnest($1::text[]) AS one
        WHERE EXISTS (SELECT FROM ticket t WHERE t.id = one::bigint)
    """,
}

# Whatever one request writes together, by what it would look like half-done.
HALVES = {
    "account that was to found a project, and has none": """
        SELECT username FROM account a WHERE username LIKE 'founder-%'
        AND NOT EXISTS (SELECT FROM user_role r WHERE r.account = a.id)
    """,
    "project without its columns": """
        SELECT key FROM project p WHERE 4 > (SELECT count(*) FROM board_column WHERE project = p.id)
    """,
    "account of a company without company or role": """
        SELECT username FROM account a WHERE username LIKE 'member-%' AND NOT EXISTS (
            SELECT FROM company_member m JOIN company_project p ON p.company = m.company
            JOIN user_role r ON r.project = p.project AND r.account = m.account
            WHERE m.account = a.id)
    """,
    "ticket without the event of its creation": """
        SELECT id FROM ticket t
        WHERE NOT EXISTS (SELECT FROM event e WHERE e.ticket = t.id AND e.action = 'created')
    """,
    "column whose tickets are counted wrongly": """
        SELECT c.id FROM board_column c WHERE
            (SELECT count(*) FROM ticket t WHERE t."column" = c.id) IS DISTINCT FROM
            (SELECT coalesce(sum(tickets), 0) FROM ticket_count k WHERE k."column" = c.id)
    """,
}


class Ledger:
    """Entries by kind; several threads write to it."""

    def __init__(self) -> None:
        self._entries: defaultdict[str, list[str]] = defaultdict(list)
        self.answers: Counter[int] = Counter()
        self.wrong: list[str] = []
        self.latest = 0.0
        """When the latest change began that was acknowledged (`time.monotonic`)."""

    def write(self, kind: str, entry: object) -> None:
        """A change that was answered with success."""
        self._entries[kind].append(str(entry))

    def strike(self, kind: str, entry: object) -> None:
        """A deletion is asked for: whether it happened is open until it is answered."""
        self._entries[kind].remove(str(entry))

    def __len__(self) -> int:
        return sum(map(len, self._entries.values()))

    async def missing(self, dsn: str) -> list[str]:
        """What was acknowledged, and is not so."""
        entries = {kind: list(written) for kind, written in self._entries.items()}
        connection = await asyncpg.connect(dsn)
        try:
            return [
                f"{kind} {row[0]}"
                for kind, written in entries.items()
                for row in await connection.fetch(MISSING[kind], written)
            ]
        finally:
            await connection.close()


async def half_done(dsn: str, media: Path) -> list[str]:
    """What is there without what belongs to it; rows without their files among it."""
    connection = await asyncpg.connect(dsn)
    try:
        found = [
            f"{what}: {row[0]}"
            for what, statement in HALVES.items()
            for row in await connection.fetch(statement)
        ]
        files = await connection.fetch("SELECT path, size FROM attachment")
    finally:
        await connection.close()
    places = [(media / file["path"], file["size"]) for file in files]
    return found + [
        f"row without its file: {place}"
        for place, size in places
        if not place.is_file() or place.stat().st_size != size
    ]


async def superfluous_files(dsn: str, media: Path) -> list[str]:
    """Files that no row names, whole or in part."""
    connection = await asyncpg.connect(dsn)
    try:
        named = {row["path"] for row in await connection.fetch("SELECT path FROM attachment")}
    finally:
        await connection.close()
    there = [path for path in media.rglob("*") if path.is_file()]
    return [str(path) for path in there if str(path.relative_to(media)) not in named]
