"""Doors of the admin: its page, coming in and going out."""

from litestar import Controller, Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.response import Redirect
from litestar.types import ASGIApp

from ticketing_server.access.authentication import OPEN
from ticketing_server.access.guards import AnyRequest
from ticketing_server.accounts import queries
from ticketing_server.accounts.controllers import attempt_keys
from ticketing_server.accounts.structs import Credentials
from ticketing_server.admin import sessions
from ticketing_server.admin.guards import SESSION, from_own_page, superuser_signed_in
from ticketing_server.admin.pages import PREFIX, Pages
from ticketing_server.admin.refusals import said_at_once
from ticketing_server.admin.sessions import LIFETIME, Holder
from ticketing_server.admin.structs import PasswordChange
from ticketing_server.admin.style import style
from ticketing_server.core.errors import Invalid
from ticketing_server.core.secrets.throttle import Throttle
from ticketing_server.core.structs import Message
from ticketing_server.settings import Settings


class Page(Controller):
    """What is shown to whoever comes: the page itself, its files and its words."""

    opt = {OPEN: True}

    @get("/")
    async def page(self, request: AnyRequest, pages: NamedDependency[Pages]) -> ASGIApp:
        """Its own links are relative, so the address needs its last slash."""
        if request.scope["raw_path"] == PREFIX.encode():
            return Redirect(f"{PREFIX}/", status_code=308).to_asgi_response(None, request)
        return pages

    @get("/admin.css", media_type="text/css")
    async def sheet(self) -> str:
        return style()

    @get(["/assets/{name:str}", "/public/meta", "/public/translations/"])
    async def files(self, pages: NamedDependency[Pages]) -> ASGIApp:
        return pages

    @get("/public/translations/{language:str}")
    async def words(self, pages: NamedDependency[Pages]) -> ASGIApp:
        return pages


class Entrance(Controller):
    """Signing in and out, with the names and counts of the API's own login (rulings 2.5, 2.10)."""

    guards = [from_own_page]

    @post("/public/login/", opt={OPEN: True}, status_code=200)
    async def sign_in(
        self,
        request: AnyRequest,
        data: JSONBody[Credentials],
        throttle: NamedDependency[Throttle],
        settings: NamedDependency[Settings],
    ) -> Response[Message]:
        found = await queries.find_by_login(data.username)
        account = f"#{found.id}" if found else data.username
        await throttle.hit(attempt_keys(request, "login", account))
        token = await sessions.sign_in(found, data.password)
        return Response(Message(message="Signed in."), cookies=[_cookie(token, settings)])

    @post("/public/logout/", opt={OPEN: True}, status_code=200)
    async def sign_out(
        self, request: AnyRequest, settings: NamedDependency[Settings]
    ) -> Response[Message]:
        await sessions.sign_out(request.cookies.get(SESSION, ""))
        return Response(Message(message="Signed out."), cookies=[_cookie("", settings)])

    @post(
        "/api/change-password/",
        guards=[superuser_signed_in],
        status_code=200,
        exception_handlers={Invalid: said_at_once},
    )
    async def change_password(
        self,
        request: AnyRequest,
        holder: NamedDependency[Holder],
        data: JSONBody[PasswordChange],
        throttle: NamedDependency[Throttle],
    ) -> Message:
        await throttle.hit(attempt_keys(request, "login", f"#{holder.id}"))
        await sessions.change_password(holder, data)
        return Message(message="Your sessions have ended; sign in again.")


def _cookie(token: str, settings: Settings) -> Cookie:
    """Scripts cannot read it, other sites cannot send it, and plain http does not carry it."""
    return Cookie(
        key=SESSION,
        value=token,
        path=PREFIX,
        max_age=int(LIFETIME.total_seconds()) if token else 0,
        httponly=True,
        secure=not settings.debug,
        samesite="strict",
    )
