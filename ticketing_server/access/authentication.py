"""A bearer token, or the development key, becomes an actor in one statement (rulings 2.6, 2.8)."""

import hmac
from typing import Any

import msgspec
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from ticketing_server.access.actor import Actor
from ticketing_server.access.matrix import Role
from ticketing_server.core.db import Sql, row
from ticketing_server.core.errors import Unauthenticated
from ticketing_server.core.tokens import Claims, InvalidToken, Tokens

OPEN = "open"
KEY_HEADER, BEARER_HEADER = b"x-super-secret-key", b"authorization"

ACTOR = """
SELECT a.id, a.superuser, a.is_staff AS staff, r.projects, r.roles,
    ARRAY(SELECT DISTINCT m.company FROM company_member m WHERE m.account = a.id) AS companies
FROM account a CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(project), ARRAY[]::bigint[]) AS projects,
        coalesce(array_agg(role), ARRAY[]::varchar[]) AS roles
    FROM user_role WHERE account = a.id
) r
"""
BY_TOKEN = """
WHERE a.id = {} AND a.active AND a.token_epoch = {}
    AND NOT EXISTS (SELECT 1 FROM ended_session e WHERE e.jti = {})
"""
FIRST_SUPERUSER = "WHERE a.superuser AND a.active ORDER BY a.id LIMIT 1"


class Authentication(ASGIMiddleware):
    """Puts the actor into the scope, or refuses; handlers marked `open=True` have none."""

    def __init__(self, tokens: Tokens, super_secret_key: str | None) -> None:
        self._tokens = tokens
        self._super_secret_key = super_secret_key

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if not scope["route_handler"].opt.get(OPEN):
            scope["user"] = await self._actor(dict(scope["headers"]))
        await next_app(scope, receive, send)

    async def _actor(self, headers: dict[bytes, bytes]) -> Actor:
        if self._super_secret_key and KEY_HEADER in headers:
            return await self._first_superuser(headers[KEY_HEADER], self._super_secret_key)
        scheme, _, token = headers.get(BEARER_HEADER, b"").decode("latin-1").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated
        try:
            return await actor_of(self._tokens.read(token.strip(), "access"))
        except InvalidToken:
            raise invalid_access_token() from None

    async def _first_superuser(self, given: bytes, key: str) -> Actor:
        if hmac.compare_digest(given, key.encode()):
            found = await row(Sql(ACTOR + FIRST_SUPERUSER), _Found)
            if found:
                return found.actor()
        raise Unauthenticated("Invalid super secret key.")


class _Found(msgspec.Struct):
    id: int
    superuser: bool
    staff: bool
    projects: list[int]
    roles: list[Role]
    companies: list[int]

    def actor(self) -> Actor:
        return Actor(
            id=self.id,
            superuser=self.superuser,
            staff=self.staff,
            roles=dict(zip(self.projects, self.roles, strict=True)),
            companies=self.companies,
        )


async def actor_of(claims: Claims) -> Actor:
    """Raises InvalidToken when the account or its session has ended."""
    by_token = Sql(ACTOR + BY_TOKEN, claims.user_id, claims.epoch, claims.sid)
    found = await row(by_token, _Found)
    if found is None:
        raise InvalidToken
    return found.actor()


async def find_actor(account: int) -> Actor:
    """By its id, without a token: for what this server asks itself. Raises Unauthenticated."""
    found = await row(Sql(ACTOR + "WHERE a.id = {} AND a.active", account), _Found)
    if found is None:
        raise Unauthenticated
    return found.actor()


def invalid_access_token() -> Unauthenticated:
    message: dict[str, Any] = {
        "token_class": "AccessToken",
        "token_type": "access",
        "message": "Token is invalid or expired",
    }
    return Unauthenticated(
        "Given token not valid for any token type", code="token_not_valid", messages=[message]
    )
