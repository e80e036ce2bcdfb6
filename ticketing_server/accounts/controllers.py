"""Doors to accounts: signing in, and the users of the server."""

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from ticketing_server.access.actor import Actor
from ticketing_server.access.authentication import OPEN
from ticketing_server.access.guards import AnyRequest, signed_in
from ticketing_server.accounts import actions, queries, session_actions
from ticketing_server.accounts.structs import (
    AccessToken,
    Credentials,
    LoggedIn,
    Me,
    RefreshToken,
    Registered,
    Registration,
)
from ticketing_server.core.entity import Entity
from ticketing_server.core.errors import Forbidden
from ticketing_server.core.secrets.throttle import Throttle
from ticketing_server.core.secrets.tokens import Tokens


async def check_registration_is_open(request: AnyRequest) -> None:
    """Before the body is read: where nobody registers, no field is wrong (rulings 2.4)."""
    if request.app.state.registration == "closed":
        raise Forbidden("Registration is closed.")


class Authentication(Controller):
    """Coming in and going out; open to everybody but for `me`."""

    path = "/tickets/auth"
    tags = ("Authentication",)

    @post("/register/", opt={OPEN: True}, before_request=check_registration_is_open)
    async def register(
        self,
        request: AnyRequest,
        data: JSONBody[Registration],
        throttle: NamedDependency[Throttle],
        tokens: NamedDependency[Tokens],
    ) -> Registered:
        await throttle.hit(attempt_keys(request, "register", data.username))
        return await actions.register(data, tokens)

    @post("/login/", opt={OPEN: True}, status_code=200)
    async def login(
        self,
        request: AnyRequest,
        data: JSONBody[Credentials],
        throttle: NamedDependency[Throttle],
        tokens: NamedDependency[Tokens],
    ) -> LoggedIn:
        found = await queries.find_by_login(data.username)
        account = f"#{found.id}" if found else data.username
        await throttle.hit(attempt_keys(request, "login", account))
        return await session_actions.login(found, data.password, tokens)

    @post("/token/refresh/", opt={OPEN: True}, status_code=200)
    async def refresh(
        self,
        request: AnyRequest,
        data: JSONBody[RefreshToken],
        throttle: NamedDependency[Throttle],
        tokens: NamedDependency[Tokens],
    ) -> AccessToken:
        account = session_actions.holder_of(data.refresh, tokens)
        await throttle.hit(attempt_keys(request, "refresh", account))
        return await session_actions.refresh(data.refresh, tokens)

    @post("/logout/", opt={OPEN: True}, status_code=204)
    async def logout(self, data: JSONBody[RefreshToken], tokens: NamedDependency[Tokens]) -> None:
        await session_actions.logout(data.refresh, tokens)

    @get("/me/", guards=[signed_in], response_class=Entity)
    async def me(self, actor: NamedDependency[Actor]) -> Me:
        return await queries.me(actor)


def attempt_keys(request: AnyRequest, scope: str, account: str) -> list[str]:
    """Per address, and per account: neither one address nor many get further."""
    address = request.client.host if request.client else "-"
    return [f"{scope} address {address}", f"{scope} account {account.lower()}"]
