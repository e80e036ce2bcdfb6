"""Asks a widget, and lets neither its failure nor its slowness spread."""

import asyncio
import logging
from typing import Any

from ticketing_server.core.error_responses import AWAY
from ticketing_server.core.errors import Refusal, Unavailable
from ticketing_server.dashboard.loading import Offered
from ticketing_server.dashboard.signatures import signature_of
from ticketing_server.dashboard.widget import Parameters, Scope

logger = logging.getLogger(__name__)

SECONDS = 5.0
RETRY_AFTER = 5


class WidgetFailed(Unavailable):
    """Names the widget and its plugin; the reason itself is for the log."""

    def __init__(self, offered: Offered, what: str) -> None:
        super().__init__(RETRY_AFTER, f'The widget "{offered.widget.slug}" {what}.')
        self.extra = {"plugin": offered.plugin}


async def read(offered: Offered, scope: Scope, parameters: Parameters) -> Any:
    """The widget's answer in JSON. Raises WidgetFailed, and what it refuses."""
    limit = asyncio.timeout(SECONDS)
    try:
        async with limit:
            return await _ask(offered, scope, parameters)
    except Refusal:
        raise
    except Exception as error:
        if limit.expired():
            logger.error("widget %s of plugin %s was too slow", offered.widget.slug, offered.plugin)
            raise WidgetFailed(offered, f"took longer than {SECONDS:g} seconds") from None
        if isinstance(error, AWAY):
            raise
        logger.exception("widget %s of plugin %s failed", offered.widget.slug, offered.plugin)
        raise WidgetFailed(offered, "failed; the log says why") from error


async def _ask(offered: Offered, scope: Scope, parameters: Parameters) -> Any:
    signature = signature_of(offered.widget.read)
    if signature.parameters is None:
        answer = await offered.widget.read(scope)
    else:
        answer = await offered.widget.read(scope, parameters)
    return signature.encoded(answer)
