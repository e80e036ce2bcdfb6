"""A bearer token, or the development key, becomes an actor in one statement (rulings 2.6, 2.8)."""

import hmac
from typing import Any, NamedTuple, cast

from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from ticketing_server.access.actor import Actor
from ticketing_server.access.asker import (
    Asker,
    Known,
    KnownAsker,
    Memory,
    first_superuser,
    identify,
    identify_account,
)
from ticketing_server.core.errors import Unauthenticated
from ticketing_server.core.secrets.tokens import Claims, InvalidToken, Tokens

OPEN, ASKING = "open", "asking"
# Told to somebody: a 401 is told to nobody, and above it is not the caller's affair.
REFUSED = frozenset(range(400, 500)) - {401}
# In the scope of a read that has failed on its short way (access/short_way.py).
FAILED = "failed"
KEY_HEADER, BEARER_HEADER = b"x-super-secret-key", b"authorization"


class Failed(NamedTuple):
    asker: Asker
    error: Exception


class Authentication(ASGIMiddleware):
    """Puts the actor into the scope, or refuses; handlers marked `open=True` have none.

    Those marked `asking=True` read in one statement, and have an asker there instead.
    """

    def __init__(self, tokens: Tokens, super_secret_key: str | None) -> None:
        self._tokens = tokens
        self._super_secret_key = super_secret_key
        self._memory = Memory()

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        opt = scope["route_handler"].opt
        if opt.get(OPEN):
            return await next_app(scope, receive, send)
        headers = headers_of(scope)
        if self._super_secret_key and KEY_HEADER in headers:
            actor = await _first_superuser(headers[KEY_HEADER], self._super_secret_key)
            scope["user"] = KnownAsker(actor) if opt.get(ASKING) else actor
        elif opt.get(ASKING):
            failed: Failed | None = cast(dict[str, Any], scope).get(FAILED)
            asker = failed.asker if failed else self.asker(headers)
            scope["user"] = asker
            send = _proving(asker, send)
        else:
            scope["user"] = await self._actor(headers)
        await next_app(scope, receive, send)

    def asker(self, headers: dict[bytes, bytes]) -> Asker:
        """Raises Unauthenticated without a good token; whether it is still valid, reading says."""
        return Asker(self._claims(headers), self._memory, invalid_access_token)

    async def _actor(self, headers: dict[bytes, bytes]) -> Actor:
        try:
            return await actor_of(self._claims(headers))
        except InvalidToken:
            raise invalid_access_token() from None

    def _claims(self, headers: dict[bytes, bytes]) -> Claims:
        scheme, _, token = headers.get(BEARER_HEADER, b"").decode("latin-1").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated
        try:
            return self._tokens.read(token.strip(), "access")
        except InvalidToken:
            raise invalid_access_token() from None


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """By name. Raises Unauthenticated for two that say who asks: a proxy may believe the other."""
    pairs = list(scope["headers"])
    headers = dict(pairs)
    if len(headers) < len(pairs):
        names = [name for name, _ in pairs]
        if max(names.count(BEARER_HEADER), names.count(KEY_HEADER)) > 1:
            raise Unauthenticated
    return headers


def _proving(asker: Asker, send: Send) -> Send:
    """A request that was refused before anything was read: who sent it has proved nothing yet."""

    async def proving(message: Message) -> None:
        start = cast(dict[str, Any], message)
        if start["type"] == "http.response.start" and start["status"] in REFUSED:
            await asker.actor()
        await send(message)

    return proving


async def _first_superuser(given: bytes, key: str) -> Actor:
    if hmac.compare_digest(given, key.encode()):
        return _actor(await first_superuser(), Unauthenticated("Invalid super secret key."))
    raise Unauthenticated("Invalid super secret key.")


async def actor_of(claims: Claims) -> Actor:
    """Raises InvalidToken when the account or its session has ended."""
    return _actor(await identify(claims), InvalidToken())


async def find_actor(account: int) -> Actor:
    """By its id, without a token: for what this server asks itself. Raises Unauthenticated."""
    return _actor(await identify_account(account), Unauthenticated())


def _actor(known: Known | None, refusal: Exception) -> Actor:
    if known is None:
        raise refusal
    return known.actor


def invalid_access_token() -> Unauthenticated:
    message: dict[str, Any] = {
        "token_class": "AccessToken",
        "token_type": "access",
        "message": "Token is invalid or expired",
    }
    return Unauthenticated(
        "Given token not valid for any token type", code="token_not_valid", messages=[message]
    )
