"""Whether to trace: OpenTelemetry's own variables say so, and its packages are an extra.

Nothing of it is imported unless it is asked for (decision 21).
"""

import importlib.util
import os

from litestar.types import ASGIApp

from ticketing_server.settings import WrongSetting

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
PROTOCOL = "http/protobuf"
PACKAGES = (
    "opentelemetry.sdk",
    "opentelemetry.exporter.otlp.proto.http",
    "opentelemetry.instrumentation.asyncpg",
)


def is_wanted() -> bool:
    """Raises WrongSetting where it is asked for and cannot be had."""
    endpoint = next((name for name in ENDPOINTS if os.environ.get(name)), None)
    if endpoint is None or _is_off():
        return False
    if not all(map(_is_installed, PACKAGES)):
        extra = "pip install 'ticketing-server[otel]', or to be unset"
        raise WrongSetting(endpoint, "an address", extra)
    for name in PROTOCOLS:
        if (protocol := os.environ.get(name) or PROTOCOL) != PROTOCOL:
            raise WrongSetting(name, repr(protocol), f"{PROTOCOL}, or to be unset")
    return True


def traced(app: ASGIApp) -> ASGIApp:
    """The app with a span for each request and each statement."""
    from ticketing_server.core.telemetry.traces import Traces

    return Traces(app)


def _is_off() -> bool:
    disabled = os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    return disabled or os.environ.get("OTEL_TRACES_EXPORTER") == "none"


def _is_installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:
        return False
