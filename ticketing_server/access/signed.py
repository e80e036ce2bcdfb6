"""Files are opened by a bearer token, or by the signature in their address (rulings 5.5)."""

from urllib.parse import parse_qs

from litestar.types import ASGIApp, Receive, Scope, Send
from typing_extensions import override

from ticketing_server.access.authentication import BEARER_HEADER, KEY_HEADER, Authentication
from ticketing_server.core.errors import NotFound
from ticketing_server.core.media.signatures import Signatures
from ticketing_server.core.secrets.tokens import Tokens

MEDIA = "/media/"


class SignedAuthentication(Authentication):
    """A good signature needs no actor; without one, a token must say who asks.

    A wrong or expired signature alone is a 404, whether the file exists or not.
    """

    def __init__(
        self, signatures: Signatures, tokens: Tokens, super_secret_key: str | None
    ) -> None:
        super().__init__(tokens, super_secret_key)
        self._signatures = signatures

    @override
    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        given = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        signature = given.get("signature", [""])[0]
        if signature and self._is_signed(scope["path"], given, signature):
            scope["user"] = None
            return await next_app(scope, receive, send)
        if signature and not {BEARER_HEADER, KEY_HEADER} & dict(scope["headers"]).keys():
            raise NotFound
        await super().handle(scope, receive, send, next_app)

    def _is_signed(self, path: str, given: dict[str, list[str]], signature: str) -> bool:
        signed = path.removeprefix(MEDIA).removesuffix("/")
        return self._signatures.is_valid(signed, given.get("expires", [""])[0], signature)
