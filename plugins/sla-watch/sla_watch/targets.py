"""How soon a ticket is to be answered and to be resolved: what holds, and how a project sets it."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from ticketing_server.plugins import In, NotFound, Out, Sql, atomic, execute, joined, rows

# First response and resolution, in minutes, by priority; 5 is the most urgent.
DEFAULTS = {
    5: (30, 4 * 60),
    4: (60, 8 * 60),
    3: (4 * 60, 3 * 24 * 60),
    2: (24 * 60, 7 * 24 * 60),
    1: (2 * 24 * 60, 14 * 24 * 60),
}
A_YEAR = 365 * 24 * 60

# What holds for each priority of one project, its only parameter. A null of the project's own
# stands: it says that the target is not watched.
TARGETS = f"""
SELECT d.priority_id, s.id IS NULL AS is_default,
    CASE WHEN s.id IS NULL THEN d.first_response_minutes ELSE s.first_response_minutes END
        AS first_response_minutes,
    CASE WHEN s.id IS NULL THEN d.resolution_minutes ELSE s.resolution_minutes END
        AS resolution_minutes
FROM (VALUES {", ".join(str((priority, *minutes)) for priority, minutes in DEFAULTS.items())})
    AS d (priority_id, first_response_minutes, resolution_minutes)
LEFT JOIN sla_watch_target s ON s.priority_id = d.priority_id AND s.project = {{}}
"""
SET = """
INSERT INTO sla_watch_target (project, priority_id, first_response_minutes, resolution_minutes)
VALUES {}
"""

Priority = Annotated[int, Meta(ge=1, le=5, examples=[5])]
Minutes = Annotated[int, Meta(ge=1, le=A_YEAR, examples=[240])]


class TargetIn(In):
    """Null: not watched."""

    priority_id: Priority
    first_response_minutes: Minutes | None
    resolution_minutes: Minutes | None

    @property
    def is_out_of_order(self) -> bool:
        first, last = self.first_response_minutes, self.resolution_minutes
        return first is not None and last is not None and first > last


class TargetsIn(In):
    """All that the project sets itself; for priorities left out, the defaults hold."""

    targets: Annotated[list[TargetIn], Meta(max_length=5)]

    @classmethod
    def misfits(cls, given: dict[str, list[TargetIn]], sent: object) -> dict[str, str]:
        targets = given.get("targets", [])
        if len({target.priority_id for target in targets}) < len(targets):
            return {"targets": "Name each priority once."}
        if any(target.is_out_of_order for target in targets):
            return {"targets": "A first response cannot be due after the resolution."}
        return {}


class TargetOut(Out):
    """`is_default`: the project has not set this one itself."""

    priority_id: int
    first_response_minutes: int | None
    resolution_minutes: int | None
    is_default: bool


class TargetsOut(Out):
    """One for each priority, the most urgent first; minutes by the clock, day and night."""

    targets: list[TargetOut]


async def show(project: int) -> TargetsOut:
    by_priority = Sql(f"{TARGETS} ORDER BY d.priority_id DESC", project)
    return TargetsOut(targets=await rows(by_priority, TargetOut))


@atomic
async def replace(project: int, targets: Sequence[TargetIn]) -> None:
    """Two at once wait for one another: the project's row is the lock. Raises NotFound."""
    held = Sql("SELECT id FROM project WHERE id = {} FOR NO KEY UPDATE", project)
    if not await execute(held):
        raise NotFound
    await execute(Sql("DELETE FROM sla_watch_target WHERE project = {}", project))
    if targets:
        await execute(Sql(SET, joined(", ", [_row(project, target) for target in targets])))


def _row(project: int, target: TargetIn) -> Sql:
    return Sql(
        "({}::bigint, {}::smallint, {}::integer, {}::integer)",
        project,
        target.priority_id,
        target.first_response_minutes,
        target.resolution_minutes,
    )
