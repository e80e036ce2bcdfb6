"""Signing in and out (rulings 2.5 to 2.7)."""

from ticketing_server.accounts import queries
from ticketing_server.accounts.structs import AccessToken, LoggedIn, TokenPair
from ticketing_server.core import db
from ticketing_server.core.clock import now
from ticketing_server.core.db import Sql, execute, scalar
from ticketing_server.core.errors import Refusal, Unauthenticated
from ticketing_server.core.secrets.passwords import verify_password
from ticketing_server.core.secrets.tokens import Claims, InvalidToken, Pair, Tokens
from ticketing_server.tables import Account


async def login(found: queries.Account | None, password: str, tokens: Tokens) -> LoggedIn:
    """Wrong password, unknown user, inactive user: one answer, in one time (rulings 2.5)."""
    matches = await verify_password(password, found.password if found else None)
    if not found or not matches or not found.active:
        raise Refusal("Invalid credentials.")
    await _note_login(found)
    return LoggedIn(
        message="Login successful",
        user=found.brief(),
        tokens=pair(tokens.issue(found.id, found.token_epoch)),
    )


async def refresh(token: str, tokens: Tokens) -> AccessToken:
    """Raises Unauthenticated (rulings 2.7)."""
    claims = read_refresh(token, tokens)
    if not await scalar(Sql(IS_ALIVE, claims.user_id, claims.epoch, claims.sid), bool):
        raise _invalid_refresh()
    return AccessToken(access=tokens.renew(claims))


async def logout(token: str, tokens: Tokens) -> None:
    """Ends the session of this refresh token, its access tokens included (rulings 2.6)."""
    claims = read_refresh(token, tokens)
    await execute(Sql(END_SESSION, claims.sid, claims.user_id, tokens.session_end(claims)))


def holder_of(token: str, tokens: Tokens) -> str:
    """Whose refresh token it is, for counting attempts; a bad token is counted by itself."""
    try:
        return str(tokens.read(token, "refresh").user_id)
    except InvalidToken:
        return token


def read_refresh(token: str, tokens: Tokens) -> Claims:
    """Raises Unauthenticated."""
    try:
        return tokens.read(token, "refresh")
    except InvalidToken:
        raise _invalid_refresh() from None


END_SESSION = """
INSERT INTO ended_session (jti, account, expires_at) VALUES ({}, {}, {})
ON CONFLICT (jti) DO NOTHING
"""
IS_ALIVE = """
SELECT EXISTS (SELECT FROM account WHERE id = {} AND active AND token_epoch = {})
    AND NOT EXISTS (SELECT FROM ended_session WHERE jti = {})
"""


async def _note_login(account: queries.Account) -> None:
    await db.update(Account, account.id, {"last_login": now()})


def pair(pair: Pair) -> TokenPair:
    return TokenPair(refresh=pair.refresh, access=pair.access)


def _invalid_refresh() -> Unauthenticated:
    return Unauthenticated("Token is invalid or expired", code="token_not_valid")
