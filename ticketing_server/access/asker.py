"""Reads in one statement: who asks is remembered, and the statement that reads proves it.

Whoever sends a token again is mostly still who they were, with the same roles. So a process keeps
the actor that it found last, and a read for that actor has the database say, in the same statement
and so at the same moment, whether the account is still as it was then. Where it is not, what was
read is dropped, and the read is done anew for whom the account has become. A remembered actor can
be had in no other way, so nothing is ever told, or changed, on memory alone. Beside a statement of
its own for who asks, this saves a fifth of a detail's processor time (docs/performance.md).
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import msgspec

from ticketing_server.access.actor import Actor
from ticketing_server.access.matrix import Role
from ticketing_server.core.db import Later, Prepared, Sql, records, replica, row
from ticketing_server.core.errors import Unauthenticated, Unavailable
from ticketing_server.core.secrets.tokens import Claims

T = TypeVar("T")

# All that an actor is made of, in one text: the same text means the same actor.
WHO = """
SELECT json_build_array(a.id, a.superuser, a.is_staff,
    ARRAY(SELECT r.project FROM user_role r WHERE r.account = a.id ORDER BY r.project),
    ARRAY(SELECT r.role FROM user_role r WHERE r.account = a.id ORDER BY r.project),
    ARRAY(SELECT DISTINCT m.company FROM company_member m WHERE m.account = a.id ORDER BY 1))::text
FROM account a
"""
BY_TOKEN = """
WHERE a.id = {} AND a.active AND a.token_epoch = {}
    AND NOT EXISTS (SELECT FROM ended_session e WHERE e.jti = {})
"""
READ = """
SELECT ({}) IS NOT DISTINCT FROM {} AS is_still, x.*
FROM (SELECT) AS once LEFT JOIN (SELECT TRUE AS is_there, s.* FROM ({}) s) x ON TRUE
"""
# Somebody whose roles change as often while they are read for may ask again later.
MOST_TRIES = 5
MOST_REMEMBERED = 4096
# Of one actor: the reads that are asked again and again, and a few pages of them.
MOST_PREPARED = 16


class _Who(msgspec.Struct, array_like=True):
    id: int
    superuser: bool
    staff: bool
    projects: list[int]
    roles: list[Role]
    companies: list[int]


class Known(msgspec.Struct, frozen=True):
    """An actor, the text that said so, and what was prepared for them."""

    actor: Actor
    text: str
    _prepared: dict[Hashable, Prepared] = msgspec.field(default_factory=dict[Hashable, Prepared])

    @classmethod
    def by(cls, text: str) -> "Known":
        who = msgspec.json.decode(text, type=_Who)
        actor = Actor(
            id=who.id,
            superuser=who.superuser,
            staff=who.staff,
            roles=dict(zip(who.projects, who.roles, strict=True)),
            companies=who.companies,
        )
        return cls(actor, text)

    def prepared(self, what: Hashable, make: Callable[[], Sql]) -> Prepared:
        """What `make` makes, made only once."""
        found = self._prepared.get(what)
        if found is None:
            if len(self._prepared) == MOST_PREPARED:
                self._prepared.clear()
            found = self._prepared[what] = Prepared(make())
        return found


class Repeated:
    """A statement that is asked for again and again: `make(actor, *values, *shape)`.

    `make` may do nothing with the values but put them into its text; `shape` is what the text
    depends on.
    """

    def __init__(
        self, make: Callable[..., Sql], *values: Any, shape: tuple[Hashable, ...] = ()
    ) -> None:
        self.values = values
        self._make, self._shape = make, shape

    def __call__(self, actor: Actor) -> Sql:
        return self._make(actor, *self.values, *self._shape)

    @property
    def what(self) -> Hashable:
        """The same for all that differ in their values only."""
        return self._make, self._shape

    def without_values(self, actor: Actor) -> Sql:
        later = map(Later, range(len(self.values)))
        return self._make(actor, *later, *self._shape)


class Memory:
    """The actors found last, by their claims; whose last request is the oldest is forgotten."""

    def __init__(self) -> None:
        self._known: OrderedDict[Claims, Known] = OrderedDict()

    def find(self, claims: Claims) -> Known | None:
        if known := self._known.get(claims):
            self._known.move_to_end(claims)
        return known

    def keep(self, claims: Claims, known: Known) -> None:
        self._known[claims] = known
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)

    def forget(self, claims: Claims) -> None:
        self._known.pop(claims, None)


class Asker:
    """Somebody with a good token who wants to read. Every method raises Unauthenticated.

    `proven` is who they are, once the database has said so.
    """

    def __init__(self, claims: Claims, memory: Memory, refusal: Callable[[], Unauthenticated]):
        self._claims = claims
        self._memory = memory
        self._refusal = refusal
        self.proven: Actor | None = None

    async def row(self, statement: Callable[[Actor], Sql], into: type[T]) -> T | None:
        """The first row of the statement that is made for the actor; None without a row.

        A `Repeated` one is made once for an actor.
        """
        found = await self._read(statement)
        return msgspec.convert(found[0], into) if found else None

    async def actor(self) -> Actor:
        """Who has asked, for whatever else the same request is about."""
        if self.proven is None:
            self.proven = (await self._identify()).actor
        return self.proven

    async def _read(self, statement: Callable[[Actor], Sql]) -> list[dict[str, Any]]:
        for _ in range(MOST_TRIES):
            known = self._memory.find(self._claims) or await self._identify()
            found = await replica.records(self._made(statement, known))
            if found[0]["is_still"]:
                self.proven = known.actor
                return [one for one in found if one["is_there"]]
            self._memory.forget(self._claims)
        raise Unavailable(retry_after=1)

    def _made(self, statement: Callable[[Actor], Sql], known: Known) -> Sql:
        if not isinstance(statement, Repeated):
            return self._proving(known, statement(known.actor))
        prepared = known.prepared(
            statement.what, lambda: self._proving(known, statement.without_values(known.actor))
        )
        return prepared.given(*statement.values)

    def _proving(self, known: Known, statement: Sql) -> Sql:
        who = Sql(WHO + BY_TOKEN, self._claims.user_id, self._claims.epoch, self._claims.sid)
        return Sql(READ, who, known.text, statement)

    async def _identify(self) -> Known:
        known = await identify(self._claims)
        if known is None:
            raise self._refusal()
        self._memory.keep(self._claims, known)
        return known


class KnownAsker(Asker):
    """Somebody whose actor was found a moment ago."""

    def __init__(self, actor: Actor) -> None:
        self.proven = actor

    async def row(self, statement: Callable[[Actor], Sql], into: type[T]) -> T | None:
        return await row(statement(await self.actor()), into)


async def identify(claims: Claims) -> Known | None:
    """None when the account or its session has ended."""
    return await _known(Sql(BY_TOKEN, claims.user_id, claims.epoch, claims.sid))


async def identify_account(account: int) -> Known | None:
    """By its id, without a token: for what this server asks itself."""
    return await _known(Sql("WHERE a.id = {} AND a.active", account))


async def first_superuser() -> Known | None:
    """Whom the development key stands for (rulings 2.8)."""
    return await _known(Sql("WHERE a.superuser AND a.active ORDER BY a.id LIMIT 1"))


async def _known(condition: Sql) -> Known | None:
    found = await records(Sql(WHO + "{}", condition))
    return Known.by(found[0]["json_build_array"]) if found else None
