"""JSON Web Tokens: who a bearer is, until when, and in which session (rulings 2.6)."""

import datetime as dt
import functools
import secrets
from typing import Annotated

import jwt
import msgspec
from msgspec import Meta

from ticketing_server.core.clock import now

ALGORITHM = "HS256"
# A token is sent with every request; its signature need not be worked out each time (0.1 ms).
MOST_REMEMBERED = 4096


# Since 1970, until the year 3058: what a calendar can still say.
Second = Annotated[int, Meta(ge=0, le=2**35)]


class InvalidToken(Exception):
    """Not ours, of the wrong type, or expired."""


class Claims(msgspec.Struct, frozen=True):
    """`epoch` is the account's at issue; `sid` the refresh token's `jti`, shared by its session."""

    token_type: str
    user_id: Annotated[int, Meta(ge=1, le=2**63 - 1)]
    exp: Second
    iat: Second
    jti: str
    sid: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    epoch: Annotated[int, Meta(ge=0, le=2**31 - 1)]


class Pair(msgspec.Struct, frozen=True):
    refresh: str
    access: str


class Tokens:
    """Issues and reads tokens under one secret."""

    def __init__(self, secret: str, *, access: dt.timedelta, refresh: dt.timedelta) -> None:
        self._secret = secret
        self._lifetimes = {"access": access, "refresh": refresh}
        self._verified = functools.lru_cache(MOST_REMEMBERED)(self._verify)

    def issue(self, user_id: int, epoch: int) -> Pair:
        """A new session's two tokens."""
        session = secrets.token_hex(16)
        return Pair(
            refresh=self._sign("refresh", user_id, epoch, jti=session, sid=session),
            access=self._access(user_id, epoch, session),
        )

    def renew(self, refresh: Claims) -> str:
        """Another access token of the same session."""
        return self._access(refresh.user_id, refresh.epoch, refresh.sid)

    def session_end(self, refresh: Claims) -> dt.datetime:
        """When the last access token of the session expires that may yet have been issued."""
        return dt.datetime.fromtimestamp(refresh.exp, dt.UTC) + self._lifetimes["access"]

    def read(self, token: str, token_type: str) -> Claims:
        """Raises InvalidToken."""
        claims = self._verified(token)
        if claims.token_type != token_type or claims.exp <= now().timestamp():
            raise InvalidToken
        return claims

    def _verify(self, token: str) -> Claims:
        try:
            payload = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                options={"require": ["exp", "iat", "jti"]},
            )
            return msgspec.convert(payload, Claims)
        except (jwt.InvalidTokenError, msgspec.ValidationError, ValueError) as error:
            raise InvalidToken from error

    def _access(self, user_id: int, epoch: int, session: str) -> str:
        return self._sign("access", user_id, epoch, jti=secrets.token_hex(16), sid=session)

    def _sign(self, token_type: str, user_id: int, epoch: int, *, jti: str, sid: str) -> str:
        issued = int(now().timestamp())
        claims = Claims(
            token_type=token_type,
            user_id=user_id,
            exp=issued + int(self._lifetimes[token_type].total_seconds()),
            iat=issued,
            jti=jti,
            sid=sid,
            epoch=epoch,
        )
        return jwt.encode(msgspec.to_builtins(claims), self._secret, algorithm=ALGORITHM)
