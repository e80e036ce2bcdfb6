"""`/metrics`: what the server counts of itself, for Prometheus, and for nobody else."""

import asyncio
import hmac
import ipaddress
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder

from ticketing_server.core.edge import host_check
from ticketing_server.core.errors import NotFound, Unauthenticated
from ticketing_server.core.telemetry.readings import read_off
from ticketing_server.core.telemetry.worker_metrics import is_shared, of_all_workers
from ticketing_server.settings import LOCAL_HOSTS

AnyRequest = Request[Any, Any, Any]

# Any of them: somebody else is asking through a proxy on this machine.
FORWARDED = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"})

_is_local_name = host_check(LOCAL_HOSTS)


def metrics(token: str | None) -> HTTPRouteHandler:
    """For whoever has the token; without one, for whoever is on this machine."""

    @get("/metrics", include_in_schema=False)
    async def show(request: AnyRequest) -> Response[bytes]:
        """Raises Unauthenticated for a wrong token, NotFound to strangers where there is none."""
        if token:
            _check_token(request, token)
        elif not _is_from_here(request):
            raise NotFound
        read_off()
        # A thousand lines of many workers take longer than others should wait.
        text, media_type = await asyncio.to_thread(_text, request.headers.get("accept", ""))
        return Response(text, headers={"content-type": media_type})

    return show


def _text(accept: str) -> tuple[bytes, str]:
    encode, media_type = choose_encoder(accept)
    return encode(of_all_workers() if is_shared() else REGISTRY), media_type


def _check_token(request: AnyRequest, token: str) -> None:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    is_right = hmac.compare_digest(given.strip().encode(), token.encode())
    if scheme.lower() != "bearer" or not is_right:
        raise Unauthenticated


def _is_from_here(request: AnyRequest) -> bool:
    """A name of this machine, too: a page in a browser here may ask under a name of its own."""
    if request.client is None or not _is_local_name(request.headers.get("host", "").encode()):
        return False
    # First: behind a trusted proxy the client is whatever it says, and that may be no address.
    if not FORWARDED.isdisjoint(request.headers.keys()):
        return False
    address = ipaddress.ip_address(request.client.host)
    own = getattr(address, "ipv4_mapped", None) or address
    return own.is_loopback
