"""A widget: open tickets by priority."""

from typing import Annotated

from msgspec import Meta

from ticketing_server.plugins import (
    API,
    IS_OPEN,
    Donut,
    Out,
    Parameters,
    Plugin,
    Scope,
    Sql,
    Widget,
    rows,
)

COUNT = f"""
SELECT t.priority_id, 'Priority ' || t.priority_id AS label, count(*) AS count
FROM ticket t
WHERE {{}} AND {IS_OPEN} AND t.priority_id >= {{}}
GROUP BY t.priority_id ORDER BY t.priority_id DESC
"""


class Wanted(Parameters):
    """What can be asked in the query beside `project`."""

    least: Annotated[int, Meta(ge=1, le=5, description="The lowest priority that counts.")] = 1


class Count(Out):
    """One row of the answer."""

    priority_id: int
    label: str
    count: int


async def read(scope: Scope, parameters: Wanted) -> list[Count]:
    """`scope.tickets` leaves only tickets that whoever asks may see."""
    return await rows(Sql(COUNT, scope.tickets, parameters.least), Count)


plugin = Plugin(
    name="my-plugin",
    api=API,
    widgets=[
        Widget(
            slug="my-plugin",
            title="Open by priority",
            description="Open tickets of each priority, of those that the caller sees.",
            show=Donut(label="label", value="count"),
            read=read,
        )
    ],
)
