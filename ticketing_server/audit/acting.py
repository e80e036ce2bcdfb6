"""Tells the database who acts, for the audit log.

Triggers write the log, whatever the statement (`docs/decisions/0020-audit-log.md`); what they
cannot know is on whose behalf. It is told to the transaction and forgotten with it.
"""

import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, TypeVar

from ticketing_server.access.actor import Actor
from ticketing_server.core.db import DB, Sql, execute, scalar
from ticketing_server.core.edge import NO_REQUEST, REQUEST_ID

P = ParamSpec("P")
T = TypeVar("T")

ACT = """
SELECT set_config('ticketing.actor', {}, TRUE), set_config('ticketing.source', {}, TRUE),
    set_config('ticketing.request_id', {}, TRUE)
"""
# The id that the account will have, so that it is itself the first to act.
ARRIVE = "SELECT nextval(pg_get_serial_sequence('account', 'id'))"


def audited(
    action: Callable[Concatenate[Actor, P], Awaitable[T]],
) -> Callable[Concatenate[Actor, P], Coroutine[Any, Any, T]]:
    """`@atomic`, and in the audit log it is the actor's doing."""

    @functools.wraps(action)
    async def in_transaction(actor: Actor, *args: P.args, **kwargs: P.kwargs) -> T:
        async with DB.transaction():
            await _act(str(actor.id), "api")
            return await action(actor, *args, **kwargs)

    return in_transaction


async def act_as_newcomer() -> int:
    """Whoever registers acts for themselves: the id for the account. Inside a transaction."""
    account = await scalar(Sql(ARRIVE), int)
    await _act(str(account), "api")
    return account


async def act_as_command(name: str) -> None:
    """What is typed on the machine itself has no account, but a name. Inside a transaction."""
    await _act("", name)


async def _act(actor: str, source: str) -> None:
    request = REQUEST_ID.get()
    await execute(Sql(ACT, actor, source, "" if request == NO_REQUEST else request))
